/**
 * A text answer has a length both sides can work with (`TEXT_BYTES`), and all answers together what one push can bring; what is
 * typed or pasted beyond either does not get in.
 */

import type { Answers } from "../../engine/answers";
import { TEXT_BYTES, utf8Length } from "../../engine/functions/limits";

/**
 * Of all answers, beside which a text may still grow. Three quarters of a push, which sealing makes a whole one of what packs
 * worst (`sealRevision`), less 64 kB for a text of nothing but quotation marks, and what 64 files and the report itself add.
 */
const REPORT_BYTES = 640 * 1024;

/** How long one text may be beside the other answers of its report. They are counted once while somebody types. */
export class TextRoom {
  readonly #answers: () => Answers;
  #counted: { path: string; version: number; bytes: number } | undefined;

  constructor(answers: () => Answers) {
    this.#answers = answers;
  }

  /** In bytes; `version`: another one whenever other answers may have changed. */
  at(path: string, version: number): number {
    if (this.#counted?.path !== path || this.#counted.version !== version) {
      const { [path]: _, ...others } = this.#answers();
      const bytes = REPORT_BYTES - utf8Length(JSON.stringify(others));
      this.#counted = { path, version, bytes: Math.max(0, Math.min(TEXT_BYTES, bytes)) };
    }
    return this.#counted.bytes;
  }
}

/** No sequence of UTF-16 units makes more bytes than this each. */
const bytesPerUnit = 3;

/**
 * What of `typed` can be kept as the answer that was `before`. What stood there stays; of what was put in, the beginning
 * stays, as far as there is room, cut between characters. An answer that is too long already may only become shorter.
 */
export function fittedText(before: string, typed: string, most = TEXT_BYTES): string {
  if (typed.length * bytesPerUnit <= most || utf8Length(typed) <= most) return typed;
  if (utf8Length(typed) < utf8Length(before)) return typed;
  const start = commonStart(before, typed);
  const end = commonEnd(before, typed, start);
  const put = typed.slice(start, typed.length - end);
  const room = most - utf8Length(typed.slice(0, start)) - utf8Length(typed.slice(typed.length - end));
  // Nothing was kept of what is too long anyway: what stood there was, and is not thrown away for it.
  if (room < 0) return before;
  return typed.slice(0, start) + firstBytes(put, room) + typed.slice(typed.length - end);
}

function commonStart(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && one[at] === other[at]) at += 1;
  return isInsidePair(other, at) ? at - 1 : at;
}

function commonEnd(one: string, other: string, start: number): number {
  const most = Math.min(one.length, other.length) - start;
  let count = 0;
  while (count < most && one[one.length - 1 - count] === other[other.length - 1 - count]) count += 1;
  return isInsidePair(other, other.length - count) ? count - 1 : count;
}

function isInsidePair(text: string, at: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));
}

/** The first whole characters of a text that make at most so many bytes. */
function firstBytes(text: string, most: number): string {
  let bytes = 0;
  let kept = 0;
  for (const character of text) {
    bytes += utf8Length(character);
    if (bytes > most) break;
    kept += character.length;
  }
  return text.slice(0, kept);
}

/** A text answer has a length both sides can work with (`TEXT_BYTES`); what is typed or pasted beyond it does not get in. */

import { TEXT_BYTES, utf8Length } from "../../engine/functions/limits";

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

/** Finding choices by what somebody types, in any of three scripts. */

import type { ChoiceView } from "../../engine/views";
import { foldQuery, foldWords } from "../../missions/translit";

export interface Found {
  readonly choices: readonly ChoiceView[];
  /** How many more fit what was typed. */
  readonly more: number;
}

interface Keys {
  /** Of the first choices, as far as they are folded. */
  readonly folded: string[];
  readonly pieces: Map<string, string[]>;
}
const keys = new WeakMap<readonly ChoiceView[], Keys>();

function keysOf(choices: readonly ChoiceView[]): Keys {
  let held = keys.get(choices);
  if (held === undefined) {
    held = { folded: [], pieces: new Map() };
    keys.set(choices, held);
  }
  return held;
}

/**
 * Makes the next choices ready to be found; returns how many are. Folding 20,000 labels takes a slow phone seconds: it is
 * done piece by piece, once for each list, so that the fingers are never kept waiting.
 */
export function foldMore(choices: readonly ChoiceView[], count: number): number {
  const { folded, pieces } = keysOf(choices);
  const key = (text: string) => foldWords(text, pieces).join(" ");
  for (const { name, label } of choices.slice(folded.length, folded.length + count)) {
    folded.push(` ${[name, ...new Set(Object.values(label))].map(key).join(" ")}`);
  }
  return folded.length;
}

/**
 * At most `limit` choices, of those that are folded, in which every word typed occurs: those in which words begin so
 * before those in which they are only part of one, each in list order. Nothing typed: the first of the list.
 */
export function lookUp(choices: readonly ChoiceView[], typed: string, limit: number): Found {
  const words = foldQuery(typed);
  if (words.length === 0) return { choices: choices.slice(0, limit), more: Math.max(0, choices.length - limit) };
  const begins: ChoiceView[] = [];
  const holds: ChoiceView[] = [];
  for (const [at, key] of keysOf(choices).folded.entries()) {
    const choice = choices[at];
    if (!choice || !words.every((word) => key.includes(word))) continue;
    (words.every((word) => key.includes(` ${word}`)) ? begins : holds).push(choice);
  }
  const found = [...begins, ...holds];
  return { choices: found.slice(0, limit), more: Math.max(0, found.length - limit) };
}

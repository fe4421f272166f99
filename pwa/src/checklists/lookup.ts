/** Finding choices by what somebody types, in any of three scripts. */
import { foldWords } from "../missions/translit";
import type { ChoiceView } from "./views";

export interface Found {
  readonly choices: readonly ChoiceView[];
  /** How many more fit what was typed. */
  readonly more: number;
}

/** Folding 20,000 labels takes a slow phone a second: once for each list of choices. */
const keys = new WeakMap<readonly ChoiceView[], readonly string[]>();

function keysOf(choices: readonly ChoiceView[]): readonly string[] {
  let held = keys.get(choices);
  if (held === undefined) {
    const pieces = new Map<string, string[]>();
    const key = (text: string) => foldWords(text, pieces).join(" ");
    held = choices.map(({ name, label }) => ` ${[name, ...new Set(Object.values(label))].map(key).join(" ")}`);
    keys.set(choices, held);
  }
  return held;
}

/**
 * At most `limit` choices in which every word typed occurs: those in which words begin so before those in which they are
 * only part of one, each in list order.
 */
export function lookUp(choices: readonly ChoiceView[], typed: string, limit: number): Found {
  const words = foldWords(typed).filter(Boolean);
  const held = keysOf(choices);
  const begins: ChoiceView[] = [];
  const holds: ChoiceView[] = [];
  for (const [at, choice] of choices.entries()) {
    const key = held[at] ?? "";
    if (!words.every((word) => key.includes(word))) continue;
    (words.every((word) => key.includes(` ${word}`)) ? begins : holds).push(choice);
  }
  const found = [...begins, ...holds];
  return { choices: found.slice(0, limit), more: Math.max(0, found.length - limit) };
}

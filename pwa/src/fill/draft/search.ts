/** Finding a question of the checklist by words of it, typed in any of the three scripts. */

import type { Choice, Definition, Texts } from "../../engine/definition";
import type { QuestionView } from "../../engine/fill";
import type { Places } from "../../missions/places";
import { fold, foldQuery } from "../../missions/translit";
import { answerText } from "./answerText";
import { labelOf, type Say } from "./review";
import type { Step } from "./steps";
import { type Asked, askedIn, isAnswered, type Shows } from "./visible";

export interface Hit {
  path: string;
  /** Number of its section in the checklist, from 0. */
  section: number;
  label: string;
  /** What matched when the label did not: a hint, a choice or the answer. */
  why?: string;
}

/** The form as its reader sees it now. */
export interface Searched {
  definition: Definition;
  steps: readonly Step[];
  shows: Shows;
  places: Places | undefined;
  language: string;
  text: Say;
  choices(path: string): readonly Pick<Choice, "label">[];
}

/** More hits are a reason to type on. */
export const shownHits = 50;
/** The choices of a longer list are found in the question itself, which searches them. */
const longestList = 200;

/** Every word typed must begin a word of one text of the question. Labels go before answers, answers before choices and hints. */
export function findQuestions(query: string, searched: Searched): Hit[] {
  const words = foldQuery(query);
  if (words.length === 0) return [];
  const found: Hit[][] = [[], [], [], []];
  for (const { index, nodes } of searched.steps) {
    for (const asked of askedIn(nodes, searched.shows)) {
      const fit = fitOf(words, asked, searched);
      if (!fit) continue;
      const label = labelOf(asked, searched.text);
      found[fit.rank]?.push({ path: asked.view.path, section: index, label, ...(fit.why ? { why: fit.why } : {}) });
    }
  }
  return found.flat().slice(0, shownHits);
}

function fitOf(words: readonly string[], asked: Asked, searched: Searched): { rank: number; why?: string } | undefined {
  const { view } = asked;
  const say = (texts: Texts | undefined) => searched.text(texts, view.path);
  if (matches(words, labelOf(asked, searched.text))) return { rank: 0 };
  const answer = answerOf(view, searched);
  if (answer && matches(words, answer)) return { rank: 1, why: answer };
  const hint = say(view.question.hint);
  if (hint && matches(words, hint)) return { rank: 3, why: hint };
  const choices = isAnswered(view.question) ? searched.choices(view.path) : [];
  for (const { label } of choices.length > longestList ? [] : choices) {
    const choice = say(label);
    if (matches(words, choice)) return { rank: 2, why: choice };
  }
  return undefined;
}

function answerOf({ question, value }: QuestionView, { definition, places, language }: Searched): string {
  if (value === undefined || question.type === "photo" || question.sealed) return "";
  return answerText(definition, question, value, places, language);
}

/** Folding is the dear part, and a form says the same things again and again. */
const folded = new Map<string, string>();
const remembered = 20_000;

function matches(words: readonly string[], text: string): boolean {
  let key = folded.get(text);
  if (key === undefined) {
    key = ` ${fold(text)}`;
    if (folded.size >= remembered) folded.clear();
    folded.set(text, key);
  }
  return words.every((word) => key.includes(` ${word}`));
}

/** What a form says is content: nothing of it stays in memory once it is closed. */
export function forgetSearch(): void {
  folded.clear();
}

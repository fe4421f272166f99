/**
 * How fine a place may leave the phone (docs/checklists.md §10): what tells a finer one than the observer allows is taken
 * out of a report before it is signed. Knows neither storage nor screens.
 */

import type { Answer, Answers, Ast, Definition, Precision, Question } from "../engine/definition";
import { referencesOf } from "../engine/expressions";
import { openFill } from "../engine/fill";
import { type Entry, indexOf } from "../engine/form";
import type { Context } from "../engine/functions/dates";
import { placeOf } from "../engine/paths";
import { areaOf } from "../missions/areas";
import type { Places } from "../missions/places";

/** The finest first. */
const levels: readonly string[] = ["exact", "locality", "district", "region"];
const isLevel = (name: unknown): name is Precision => typeof name === "string" && levels.includes(name);
const isFiner = (one: Precision | undefined, other: Precision) =>
  one !== undefined && levels.indexOf(one) < levels.indexOf(other);

/** The coarser of two levels, where there are two. */
export function coarsest(one: Precision | undefined, other: Precision | undefined): Precision | undefined {
  return one === undefined || (other !== undefined && isFiner(one, other)) ? other : one;
}

/** What the kind of a question says about how fine a place it asks for, where the form says nothing. */
const byLocation = { station: "exact", district: "district", region: "region" } as const;
const measured: ReadonlySet<string> = new Set(["geopoint", "geotrace", "geoshape"]);

/**
 * Forms from before they could say so ask for it by this name, with "locality" chosen beforehand and most visits made
 * to a station: there it counts as no finer. The place in words is called as headquarters has always read it.
 */
const formerly = "location_precision";
const precisionFormerly = { locality: "locality", station: "locality" } as const;

/** What a report loses to the level that was chosen, and what is left of it. */
export interface Coarsened {
  answers: Answers;
  /** Paths of what was left out, calculated values not among them. */
  leftOut: readonly string[];
}

/** The question whose answer says how fine a place may leave the phone; undefined when the form asks for none. */
export function precisionQuestion(definition: Definition): Question | undefined {
  const { entries } = indexOf(definition);
  const named = entries.get(definition.precision ?? formerly);
  if (named === undefined || named.chain.length > 0) return undefined;
  const choices = definition.choices[named.question.list ?? ""] ?? [];
  return choices.length > 0 && choices.every(({ name }) => isLevel(name)) ? named.question : undefined;
}

/** The level with which a report of this form begins, where its author wrote one. */
export function usualPrecision(definition: Definition): Precision | undefined {
  const [kind, level] = precisionQuestion(definition)?.default ?? [];
  return kind === "s" && isLevel(level) ? level : undefined;
}

/**
 * The finest place that may leave the phone. What was chosen once holds although its question should apply no more; a
 * choice taken back is the form's usual one. Undefined: the form sets no bounds.
 */
export function chosenPrecision(definition: Definition, answers: Answers): Precision | undefined {
  const question = precisionQuestion(definition);
  const answer = question && answers[question.id];
  return isLevel(answer) ? answer : usualPrecision(definition);
}

const told = new WeakMap<Definition, ReadonlyMap<string, Precision>>();

/**
 * Question id → the finest place its answer may tell: by the form's word, by its kind, or because it is worked out, filled
 * in or offered by what such a question was answered with.
 */
export function tellingQuestions(definition: Definition): ReadonlyMap<string, Precision> {
  let found = told.get(definition);
  if (found === undefined) {
    found = telling(definition);
    told.set(definition, found);
  }
  return found;
}

function telling(definition: Definition): Map<string, Precision> {
  const asker = precisionQuestion(definition)?.id;
  const entries = [...indexOf(definition).entries.values()].filter(({ question }) => question.id !== asker);
  const found = new Map<string, Precision>();
  for (const entry of entries) {
    const own = ownPrecision(entry, definition.precision === undefined);
    if (own) found.set(entry.question.id, own);
  }
  for (let hasGrown = true; hasGrown; ) {
    hasGrown = false;
    for (const { question } of entries) {
      const finest = finestRead(question, found);
      const known = found.get(question.id);
      if (finest === undefined || (known !== undefined && !isFiner(finest, known))) continue;
      found.set(question.id, finest);
      hasGrown = true;
    }
  }
  return found;
}

function ownPrecision({ question, calculates }: Entry, isFormer: boolean): Precision | undefined {
  // What is calculated tells what it reads, whatever is written beside it: headquarters calculates it anew.
  if (calculates) return undefined;
  if (isFormer && question.id === "locality") return precisionFormerly.locality;
  if (isFormer && question.location === "station") return precisionFormerly.station;
  return question.precision ?? (question.location ? byLocation[question.location] : undefined) ?? byType(question);
}

const byType = ({ type }: Question): Precision | undefined => (measured.has(type) ? "exact" : undefined);

function finestRead(question: Question, found: ReadonlyMap<string, Precision>): Precision | undefined {
  const read = (asts: readonly (Ast | undefined)[]) =>
    asts.flatMap((ast) => (ast ? [...referencesOf(ast)] : [])).flatMap((id) => found.get(id) ?? []);
  const copied = read([question.calculation, question.default]);
  if (question.rows) copied.push(...[found.get(question.rows) ?? []].flat());
  // What is offered within a place is itself a finer one: only the form's word says how fine.
  const isSaid = question.precision !== undefined || question.location !== undefined;
  if (!isSaid && read([question.filter]).length > 0) copied.push("exact");
  return copied.reduce<Precision | undefined>(
    (finest, level) => (finest === undefined || isFiner(level, finest) ? level : finest),
    undefined,
  );
}

/** Whether an answer at this path tells a finer place than `level`. */
export function isTooFine(definition: Definition, path: string, level: Precision | undefined): boolean {
  return level !== undefined && isFiner(tellingQuestions(definition).get(placeOf(path).id), level);
}

/** Answers without those that tell a finer place than `level`. */
function within(definition: Definition, answers: Answers, level: Precision): Record<string, Answer> {
  return Object.fromEntries(Object.entries(answers).filter(([path]) => !isTooFine(definition, path, level)));
}

/**
 * The answers of a finished report without what tells a finer place than was chosen. What was calculated from it is
 * calculated anew; a coarser place that follows from a finer one takes its place, where the form asks for it.
 *
 * `drafted` are the answers of the draft, `answers` those that count of them; `lastSaved` what the form carries over.
 */
export function coarsened(
  definition: Definition,
  { drafted, answers }: { drafted: Answers; answers: Answers },
  context: Context,
  places: Places | undefined,
  lastSaved: Answers = {},
): Coarsened {
  const level = chosenPrecision(definition, drafted);
  if (level === undefined) return { answers, leftOut: [] };
  const leftOut = leftOutOf(definition, answers, level);
  if (Object.keys(within(definition, answers, level)).length === Object.keys(answers).length) {
    return { answers, leftOut };
  }
  const kept = { ...within(definition, answers, level), ...coarser(definition, { drafted, answers }, level, places) };
  // A form opened without any answer would begin anew, with the defaults of new ones.
  if (Object.keys(kept).length === 0) return { answers: {}, leftOut };
  const fill = openFill(definition, kept, context, { lastSaved: within(definition, lastSaved, level) });
  return { answers: fill.counted(), leftOut };
}

/** Paths of the answers that are left out of a report at this level, in their order; nobody asks for calculated ones. */
export function leftOutOf(definition: Definition, answers: Answers, level: Precision | undefined): string[] {
  const { entries } = indexOf(definition);
  return Object.keys(answers).filter(
    (path) => isTooFine(definition, path, level) && entries.get(placeOf(path).id)?.calculates === false,
  );
}

/** District and region of a place that is left out, for the questions that ask for these and may keep them. */
function coarser(
  definition: Definition,
  { drafted, answers }: { drafted: Answers; answers: Answers },
  level: Precision,
  places: Places | undefined,
): Answers {
  const filled: Record<string, Answer> = {};
  const asked = [...indexOf(definition).entries.values()].filter(({ chain }) => chain.length === 0);
  const located = (kind: Question["location"]) =>
    asked.filter(({ question }) => question.location === kind).map(({ question }) => question);
  const answered = (["station", "district"] as const).flatMap((kind) =>
    located(kind).flatMap(({ id }) => (typeof answers[id] === "string" ? [{ kind, code: answers[id] }] : [])),
  )[0];
  for (const kind of ["district", "region"] as const) {
    for (const { id } of located(kind)) {
      if (isTooFine(definition, id, level)) continue;
      const code = (answered && areaOf(answered, kind, places)) ?? answers[id] ?? drafted[id];
      if (code !== undefined) filled[id] = code;
    }
  }
  return filled;
}

/** Which questions an observer sees, rows and nested rows included, and which answers lie outside what is seen. */
import type { Answer, Answers, Question, Texts } from "../../engine/definition";
import {
  type Fill,
  openFill,
  type Progress,
  type QuestionView,
  type RepeatView,
  type SectionView,
} from "../../engine/fill";
import type { Context } from "../../engine/functions/dates";
import { isAsked } from "../../engine/views";
import { isSame } from "../../submissions/patch";

export type NodeView = QuestionView | RepeatView;

/** Whether something that applies is put before the observer. */
export type Shows = (node: NodeView) => boolean;

/** A question with the rows it stands in, the outermost first. */
export interface Asked {
  view: QuestionView;
  rows: readonly { name: Texts; number: number }[];
}

/** Whether an observer answers it: the rest is read, worked out or filled in by the phone. */
export function isAnswered(question: Question): boolean {
  return isAsked(question) && !question.read_only;
}

/** Never drawn: there to be read by other questions. */
export function isSilent({ type }: Question): boolean {
  return type === "hidden" || type === "metadata";
}

/** Every question asked now, in the order of the checklist. */
export function* askedIn(nodes: readonly NodeView[], shows: Shows, rows: Asked["rows"] = []): Generator<Asked> {
  for (const node of nodes) {
    if (!shows(node)) continue;
    if ("repeat" in node) {
      for (const row of node.rows) {
        yield* askedIn(row.nodes, shows, [...rows, { name: node.repeat.label, number: row.position }]);
      }
    } else yield { view: node, rows };
  }
}

/** Everything that applies. */
export const showsAll: Shows = (node) => node.relevant && ("repeat" in node || !isSilent(node.question));

/** What the short form leaves of it. Whatever would keep the report from being finished is always shown. */
export function showsShort(short: ReadonlySet<string>): Shows {
  const isKept = (node: NodeView): boolean => {
    if (!showsAll(node)) return false;
    if (!("repeat" in node)) return short.has(node.question.id) || node.required || node.problem !== undefined;
    return short.has(node.repeat.id) || node.rows.some(({ nodes }) => nodes.some(holdsProblem));
  };
  return isKept;
}

function holdsProblem(node: NodeView): boolean {
  if (!("repeat" in node)) return node.relevant && node.problem !== undefined;
  return node.relevant && node.rows.some(({ nodes }) => nodes.some(holdsProblem));
}

/** How far some nodes are, counting only what is shown. */
export function progressShown(nodes: SectionView["nodes"], shows: Shows): Progress {
  const progress = { answered: 0, unanswered: 0, flagged: 0, problems: 0 };
  for (const { view } of askedIn(nodes, shows)) {
    if (view.problem && view.problem.kind !== "required") progress.problems += 1;
    if (view.flags.length > 0) progress.flagged += 1;
    if (!isAnswered(view.question)) continue;
    if (view.value === undefined) progress.unanswered += 1;
    else progress.answered += 1;
  }
  return progress;
}

/**
 * What an observer answered before turning to the short form, by path. Defaults are not among them: nobody saw these, let
 * alone meant them.
 */
export function unseenAnswers(answers: Answers, fill: Fill, shows: Shows, context: Context): Answers {
  const defaults = openFill(fill.definition, {}, context).answers();
  return Object.fromEntries(unseen(answers, fill, shows).filter(([path, answer]) => !isSame(answer, defaults[path])));
}

/** The answers of a finished short form: without the defaults of questions it did not ask. */
export function withoutUnseen(answers: Answers, fill: Fill, shows: Shows, context: Context): Answers {
  const given = unseenAnswers(answers, fill, shows, context);
  const dropped = new Set(unseen(answers, fill, shows).flatMap(([path]) => (path in given ? [] : path)));
  return Object.fromEntries(Object.entries(answers).filter(([path]) => !dropped.has(path)));
}

function unseen(answers: Answers, fill: Fill, shows: Shows): [path: string, answer: Answer][] {
  const seen = new Set<string>();
  for (const { nodes, relevant } of fill.sections()) {
    if (relevant) for (const { view } of askedIn(nodes, shows)) seen.add(view.path);
  }
  return Object.entries(answers).filter(([path]) => {
    const view = fill.question(path);
    return view?.relevant && isAnswered(view.question) && !seen.has(path);
  });
}

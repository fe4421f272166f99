import type { Definition, Question, Severity, Texts } from "../../engine/definition";
import type { QuestionView } from "../../engine/fill";
import { utf8Length } from "../../engine/functions/limits";
import { m } from "../../i18n/paraglide/messages";
import { answerText, formText } from "./answerText";
import type { Step } from "./steps";
import { type Asked, askedIn, isAnswered, type Shows, showsAll } from "./visible";

/** A text of the form as the question at a path shows it. */
export type Say = (texts: Texts | undefined, path: string) => string;

/** One answer to look at again, as a link to its question. */
export interface ReviewLine {
  path: string;
  /** Number of its section in the checklist, from 0. */
  section: number;
  label: string;
  why?: string;
  severity?: Severity;
}

export interface Review {
  /** What blocks finishing. */
  errors: ReviewLine[];
  /** Soft checks that fired and negative indicators: they block nothing. */
  flags: ReviewLine[];
  unanswered: ReviewLine[];
  /** Answers that are not sent, because they tell a finer place than the observer allows. */
  leftOut: ReviewLine[];
}

/** Why an answer cannot stand at finishing: the author's words, or ours. */
export function problemWords({ kind, message }: NonNullable<QuestionView["problem"]>, language: string): string {
  const authored = formText(message, language);
  if (authored) return authored;
  return {
    required: m.question_required_missing,
    constraint: m.question_constraint,
    type: m.question_constraint,
    exclusive: m.question_exclusive,
  }[kind]();
}

/** A question with the rows it stands in, as a list of answers names it. */
export function labelOf({ view, rows }: Asked, text: Say): string {
  const places = rows.map(({ name, number }) => m.row_title({ name: text(name, view.path), number }));
  return [...places, text(view.question.label, view.path)].join(": ");
}

/** What else the review page goes by. */
interface ReviewOptions {
  /** Of what applies, what is put before the observer. */
  shows?: Shows;
  text?: Say;
  /** Paths of answers whose photo, recording or file is no longer on the phone. */
  lost?: ReadonlySet<string>;
  /** Paths of questions for which a recording or photo waits that is in no answer. */
  waiting?: ReadonlySet<string>;
  /** What the places chosen say about a question: that its answer stays on the phone, or that it says another place. */
  about?: (view: QuestionView) => { isLeftOut?: boolean; soft?: string };
}

/** What the review page lists, in the order of the checklist. */
export function reviewOf(
  definition: Definition,
  steps: readonly Step[],
  language: string,
  {
    shows = showsAll,
    text = (texts) => formText(texts, language),
    lost = new Set(),
    waiting = new Set(),
    about = () => ({}),
  }: ReviewOptions = {},
): Review {
  const review: Review = { errors: [], flags: [], unanswered: [], leftOut: [] };
  for (const { index, nodes } of steps) {
    for (const asked of askedIn(nodes, shows)) {
      const { view } = asked;
      const line = { path: view.path, section: index, label: labelOf(asked, text) };
      if (lost.has(view.path)) review.errors.push({ ...line, why: lostWords(view.question) });
      else if (waiting.has(view.path)) review.errors.push({ ...line, why: m.capture_waits() });
      else if (view.problem) review.errors.push({ ...line, ...problemWhy(view.problem, language) });
      else if (view.value === undefined && isAnswered(view.question)) review.unanswered.push(line);
      const { isLeftOut, soft } = about(view);
      if (view.value !== undefined && isAnswered(view.question) && isLeftOut) review.leftOut.push(line);
      if (view.flags.length > 0) review.flags.push({ ...line, ...flagWords(definition, view, language) });
      else if (soft) review.flags.push({ ...line, why: soft });
    }
  }
  return review;
}

/** The answers that make a report large, longest first, each with its size. */
export function longestAnswers(steps: readonly Step[], shows: Shows, text: Say, most = 3): ReviewLine[] {
  const sized = steps.flatMap(({ index, nodes }) =>
    [...askedIn(nodes, shows)].map((asked) => {
      const bytes = utf8Length(JSON.stringify(asked.view.value ?? ""));
      const why = m.answer_size({ kilobytes: Math.max(1, Math.round(bytes / 1024)) });
      return { bytes, line: { path: asked.view.path, section: index, label: labelOf(asked, text), why } };
    }),
  );
  return sized
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, most)
    .map(({ line }) => line);
}

/** What became of a file that is an answer, and what to do. */
export function lostWords({ type }: Question): string {
  return type === "photo" ? m.photo_lost() : m.file_lost();
}

/** A missing answer needs no reason on a list of what is needed, unless the author gives one. */
function problemWhy(problem: NonNullable<QuestionView["problem"]>, language: string): Pick<ReviewLine, "why"> {
  return problem.kind === "required" && !problem.message ? {} : { why: problemWords(problem, language) };
}

function flagWords(definition: Definition, view: QuestionView, language: string): Pick<ReviewLine, "why" | "severity"> {
  const severity = Math.max(...view.flags.map((flag) => flag.severity));
  const said = view.value === undefined ? "" : answerText(definition, view.question, view.value, undefined, language);
  const why = [said, formText(view.soft?.message, language)].filter(Boolean).join(". ");
  return { ...(why ? { why } : {}), ...(severity === 1 || severity === 2 || severity === 3 ? { severity } : {}) };
}

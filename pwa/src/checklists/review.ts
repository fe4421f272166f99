import { m } from "../i18n/paraglide/messages";
import { textIn } from "../i18n/texts";
import { answerText } from "./answerText";
import type { Definition, Severity, Texts } from "./definition";
import type { QuestionView, SectionView } from "./fill";

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
}

/** Why an answer cannot stand at finishing: the author's words, or ours. */
export function problemWords({ kind, message }: NonNullable<QuestionView["problem"]>, language: string): string {
  const authored = textIn(message, language);
  if (authored) return authored;
  return {
    required: m.question_required_missing,
    constraint: m.question_constraint,
    type: m.question_constraint,
    exclusive: m.question_exclusive,
  }[kind]();
}

/** Every question a section asks now, with the number of its row. */
export function* askedIn({
  nodes,
}: Pick<SectionView, "nodes">): Generator<{ view: QuestionView; row?: { name: Texts; number: number } }> {
  for (const node of nodes) {
    if (!node.relevant) continue;
    if ("repeat" in node) {
      for (const { position, questions } of node.rows) {
        for (const view of questions)
          if (view.relevant) yield { view, row: { name: node.repeat.label, number: position } };
      }
    } else yield { view: node };
  }
}

/** What the review page lists, in the order of the checklist; `sections` are those that apply. */
export function reviewOf(
  definition: Definition,
  sections: readonly (SectionView & { index: number })[],
  language: string,
): Review {
  const review: Review = { errors: [], flags: [], unanswered: [] };
  for (const section of sections) {
    for (const { view, row } of askedIn(section)) {
      const name = textIn(view.question.label, language);
      const label = row ? `${m.row_title({ name: textIn(row.name, language), number: row.number })}: ${name}` : name;
      const line = { path: view.path, section: section.index, label };
      if (view.problem) review.errors.push({ ...line, ...problemWhy(view.problem, language) });
      else if (view.value === undefined && view.question.type !== "note" && !view.question.calculation)
        review.unanswered.push(line);
      if (view.flags.length > 0) review.flags.push({ ...line, ...flagWords(definition, view, language) });
    }
  }
  return review;
}

/** A missing answer needs no reason on a list of what is needed, unless the author gives one. */
function problemWhy(problem: NonNullable<QuestionView["problem"]>, language: string): Pick<ReviewLine, "why"> {
  return problem.kind === "required" && !problem.message ? {} : { why: problemWords(problem, language) };
}

function flagWords(definition: Definition, view: QuestionView, language: string): Pick<ReviewLine, "why" | "severity"> {
  const severity = Math.max(...view.flags.map((flag) => flag.severity));
  const said = view.value === undefined ? "" : answerText(definition, view.question, view.value, undefined, language);
  const why = [said, textIn(view.soft?.message, language)].filter(Boolean).join(". ");
  return { ...(why ? { why } : {}), ...(severity === 1 || severity === 2 || severity === 3 ? { severity } : {}) };
}

/** What of a checklist's questions a region page shows, and how long its bars are. */
import type { QuestionSummary } from "../desk/api";

export interface Shown {
  onlyAnswered: boolean;
  onlyFlagged: boolean;
}

export function isAnswered(question: QuestionSummary): boolean {
  return (
    (question.n ?? 0) > 0 ||
    question.choices.some(({ n, places }) => n > 0 || places.some((count) => count > 0)) ||
    question.not_observed > 0 ||
    question.not_applicable > 0
  );
}

export function isFlagged(question: QuestionSummary): boolean {
  return Object.values(question.flags).some((count) => count > 0);
}

export interface Group {
  title: Record<string, string>;
  questions: QuestionSummary[];
}

/** The questions to show, under the titles of their sections. */
export function grouped(questions: readonly QuestionSummary[], shown: Shown): Group[] {
  const groups: Group[] = [];
  for (const question of questions) {
    if (shown.onlyAnswered && !isAnswered(question)) continue;
    if (shown.onlyFlagged && !isFlagged(question)) continue;
    const last = groups.at(-1);
    if (last && sameTexts(last.title, question.section)) last.questions.push(question);
    else groups.push({ title: question.section, questions: [question] });
  }
  return groups;
}

function sameTexts(one: Record<string, string>, other: Record<string, string>): boolean {
  return Object.keys(one).every((language) => one[language] === other[language]);
}

/**
 * The count a full bar stands for: the largest of the whole checklist, so that bars of different questions compare as counts.
 * A bar never stands for a part of its question's answers.
 */
export function longest(questions: readonly QuestionSummary[]): number {
  return Math.max(1, ...questions.flatMap(({ choices }) => choices.map(({ n }) => n)));
}

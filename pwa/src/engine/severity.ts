import { NO_OPINION, type Question, type Severity } from "./definition";

/** How grave choosing `name` is, by the question's negative indicators; undefined when it is not. */
export function severityOf(question: Question, name: string): Severity | undefined {
  return question.negative?.[name] ?? (NO_OPINION.has(name) ? undefined : question.negative?.any);
}

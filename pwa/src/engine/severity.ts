import { NO_OPINION, type Question, type Severity } from "./definition";

/** The gravest kind of flag: it asks for a comment and for word to the co-ordinator the same day. */
export const CRITICAL: Severity = 3;

/** How grave choosing `name` is, by the question's negative indicators; undefined when it is not. */
export function severityOf(question: Question, name: string): Severity | undefined {
  return question.negative?.[name] ?? (NO_OPINION.has(name) ? undefined : question.negative?.any);
}

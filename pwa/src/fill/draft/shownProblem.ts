import type { QuestionView } from "../../engine/views";
import { language } from "../../i18n/language.svelte";
import type { Filling } from "./filling.svelte";
import { problemWords } from "./review";

/** Why an answer cannot stand, in words, when it is time to say so: what is only missing is said once its section was left. */
export function shownProblem(filling: Filling, { problem, path }: QuestionView): string | undefined {
  if (!problem || (problem.kind === "required" && !filling.saysMissing)) return undefined;
  return filling.text(problem.message, path) || problemWords({ kind: problem.kind }, language());
}

/** Which questions of a form are figures, over which days, and what to do with the answers when they are counted anew. */
import type { Answers } from "../engine/answers";
import type { Answer, Definition, Question } from "../engine/definition";

/** The figures of a form (docs/checklists.md §8); inside repeats there are none. */
export function figureQuestions(definition: Definition): Question[] {
  return definition.sections.flatMap(({ nodes }) => nodes.filter((node): node is Question => "figure" in node));
}

/** Whether a form has figures to fill in, and so needs the ledger. */
export function asksFigures(definition: Definition): boolean {
  return figureQuestions(definition).length > 0;
}

/** The days a report is about, both included; an end that is not answered is open. */
export function periodOf(definition: Definition, answers: Answers): { from?: string; to?: string } {
  const day = (figure: string) => {
    const answer = answers[figureQuestions(definition).find((question) => question.figure === figure)?.id ?? ""];
    return typeof answer === "string" ? { [figure]: answer } : {};
  };
  return { ...day("from"), ...day("to") };
}

/**
 * What to change in the answers when figures have been counted anew. An answer that is not what was proposed before is a
 * correction, or was given before there was a proposal: it stands.
 */
export function renewed(answers: Answers, before: Answers, after: Answers): Record<string, Answer | undefined> {
  const changes: Record<string, Answer | undefined> = {};
  for (const id of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (answers[id] === before[id] && answers[id] !== after[id]) changes[id] = after[id];
  }
  return changes;
}

import { type Answer, type Answers, rowPath } from "../checklists/answers";
import { type Definition, isRepeat, type Question, type Repeat } from "../checklists/definition";

/** A finished report for reading: only what was answered, in the order of the checklist. */
export interface ReadSection {
  id: string;
  title: Readonly<Record<string, string>>;
  lines: ReadLine[];
}
export interface ReadLine {
  path: string;
  question: Question;
  answer: Answer;
  /** Of a repeat: which one, and the number of the row from 1. */
  row?: { repeat: Repeat; number: number };
}

export function readReport(definition: Definition, answers: Answers): ReadSection[] {
  const line = (path: string, question: Question, row?: ReadLine["row"]): ReadLine[] => {
    const answer = answers[path];
    return answer === undefined ? [] : [{ path, question, answer, ...(row ? { row } : {}) }];
  };
  const rowsOf = (repeat: Repeat): string[] => {
    const rows = answers[repeat.id];
    return typeof rows === "object" ? [...rows] : [];
  };
  return definition.sections
    .map(({ id, title, nodes }) => ({
      id,
      title,
      lines: nodes.flatMap((node) =>
        isRepeat(node)
          ? rowsOf(node).flatMap((row, index) =>
              node.questions.flatMap((question) =>
                line(rowPath(node.id, row, question.id), question, { repeat: node, number: index + 1 }),
              ),
            )
          : line(node.id, node),
      ),
    }))
    .filter(({ lines }) => lines.length > 0);
}

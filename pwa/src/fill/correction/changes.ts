/** What a correction changes of a finished report, answer by answer, in the order of the checklist. */

import type { Answer, Answers, Definition, Question, Texts } from "../../engine/definition";
import { type Entry, indexOf } from "../../engine/form";
import { placeOf } from "../../engine/paths";
import { m } from "../../i18n/paraglide/messages";
import { patchFrom } from "../../submissions/patch";
import { isAttachment } from "../draft/answerText";
import { isAnswered } from "../draft/visible";

/** One answer that is other than in the finished report. */
export interface Change {
  path: string;
  label: string;
  before: string;
  after: string;
}

/** How a form's words and an answer to a question are said. */
export interface Saying {
  text(texts: Texts | undefined, path: string): string;
  answer(question: Question, answer: Answer): string;
}

/** What differs between the answers of a finished report and those that would be sent now. */
export function changesOf(definition: Definition, before: Answers, after: Answers, say: Saying): Change[] {
  const compared = { definition, before, after, say };
  const { entries, repeats } = indexOf(definition);
  const order = definition.sections.flatMap(({ nodes }) =>
    nodes.flatMap((node) => ("repeat" in node ? [node.id, ...node.questions.map(({ id }) => id)] : [node.id])),
  );
  const place = (path: string) => order.indexOf(placeOf(path).id);
  const paths = Object.keys(patchFrom(before, after)).sort((one, other) => place(one) - place(other));
  return paths.flatMap((path) => {
    const { id } = placeOf(path);
    const entry = entries.get(id);
    if (!entry) return rowChanges(path, repeats.get(id)?.repeat.label, compared);
    if (!isAnswered(entry.question)) return [];
    return [answerChange(path, entry, compared)];
  });
}

interface Compared {
  definition: Definition;
  before: Answers;
  after: Answers;
  say: Saying;
}

function answerChange(path: string, { question }: Entry, compared: Compared): Change {
  const { before, after, say } = compared;
  const words = (answer: Answer | undefined, file: string) => {
    if (answer === undefined) return m.change_none();
    return isAttachment(question) ? file : say.answer(question, answer);
  };
  return {
    path,
    label: [...rowNames(path, compared), say.text(question.label, path)].join(": "),
    before: words(before[path], m.change_file()),
    after: words(after[path], before[path] === undefined ? m.change_file() : m.change_file_other()),
  };
}

/** Of a list of rows: each row that came or went, or that they stand in another order. */
function rowChanges(path: string, name: Texts | undefined, compared: Compared): Change[] {
  const { say } = compared;
  const [were, are] = [rowsAt(compared.before, path), rowsAt(compared.after, path)];
  const titled = (number: number) =>
    [...rowNames(path, compared), m.row_title({ name: say.text(name, path), number })].join(": ");
  const gone = were.flatMap((row, at) => (are.includes(row) ? [] : [{ row, at }]));
  const come = are.flatMap((row, at) => (were.includes(row) ? [] : [{ row, at }]));
  if (gone.length + come.length === 0) {
    return [{ path, label: say.text(name, path), before: m.change_order(), after: m.change_order_other() }];
  }
  return [
    ...gone.map(({ at }) => ({ path, label: titled(at + 1), before: m.change_row(), after: m.change_row_gone() })),
    ...come.map(({ at }) => ({ path, label: titled(at + 1), before: m.change_none(), after: m.change_row() })),
  ];
}

const rowsAt = (answers: Answers, path: string): readonly string[] => {
  const rows = answers[path];
  return typeof rows === "object" ? rows : [];
};

/** The rows a path stands in, as they are numbered now, the outermost first. */
function rowNames(path: string, { definition, before, after, say }: Compared): string[] {
  const parts = path.split("/");
  const names: string[] = [];
  for (let at = 1; at < parts.length; at += 2) {
    const list = parts.slice(0, at).join("/");
    const rows = after[list] === undefined ? rowsAt(before, list) : rowsAt(after, list);
    const name = indexOf(definition).repeats.get(placeOf(list).id)?.repeat.label;
    names.push(m.row_title({ name: say.text(name, list), number: rows.indexOf(parts[at] ?? "") + 1 }));
  }
  return names;
}

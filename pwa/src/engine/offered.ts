/** What a question offers to choose from: its list, or the rows of a table. */

import type { Choice, Definition, Question } from "./definition";
import { type Source, sourceOf, tableOf } from "./sources";

const offers = new WeakMap<Definition, Map<string, readonly Choice[]>>();
const labels = new WeakMap<readonly Choice[], Map<string, Choice>>();

/** Whether a question is answered by choosing. */
export function isChosen({ list, table }: Question): boolean {
  return list !== undefined || table !== undefined;
}

/** Every choice of a question in order, before any filter; the same array each time. */
export function choicesOf(definition: Definition, question: Question): readonly Choice[] {
  const { table, list, value = "name", text = "label" } = question;
  if (table === undefined) return definition.choices[list ?? ""] ?? NOTHING;
  let made = offers.get(definition);
  if (made === undefined) {
    made = new Map();
    offers.set(definition, made);
  }
  const key = JSON.stringify([table, value, text]);
  let choices = made.get(key);
  if (choices === undefined) {
    const source = tableOf(definition, table);
    choices = source === undefined ? NOTHING : ofTable(definition, table, source, value, text);
    made.set(key, choices);
  }
  return choices;
}

const NOTHING: readonly Choice[] = [];

/** The choice of this name; undefined when the question has none. */
export function choiceNamed(definition: Definition, question: Question, name: string): Choice | undefined {
  const choices = choicesOf(definition, question);
  let byName = labels.get(choices);
  if (byName === undefined) {
    byName = new Map([...choices].reverse().map((choice) => [choice.name, choice]));
    labels.set(choices, byName);
  }
  return byName.get(name);
}

/** The label of a choice in the form's default language; the empty string when there is none. */
export function labelOf(definition: Definition, question: Question, name: string): string {
  if (question.rows !== undefined) return name;
  return choiceNamed(definition, question, name)?.label[definition.default_language] ?? "";
}

/** The rows that a question's filter reads, place by place the choices of `choicesOf`. */
export function filteredSource(definition: Definition, question: Question): Source | undefined {
  return question.table === undefined ? sourceOf(definition, question.list ?? "") : tableOf(definition, question.table);
}

/** A table's labels: `label::Russian (ru)` or `label::ru` where there is such a column, else `label`. */
function ofTable(definition: Definition, table: string, source: Source, value: string, text: string): Choice[] {
  const names = source.column(value);
  const columns = definition.tables?.[table]?.columns ?? [];
  const spoken = definition.languages.map((language) => {
    const own = columns.find(
      (column) => column.startsWith(`${text}::`) && speaks(column.slice(text.length + 2), language),
    );
    return [language, source.column(own ?? text)] as const;
  });
  return names.map((name, at) => ({
    name,
    label: Object.fromEntries(spoken.map(([language, cells]) => [language, cells[at] ?? ""])),
  }));
}

function speaks(header: string, language: string): boolean {
  const trimmed = header.trim();
  return trimmed === language || trimmed.endsWith(`(${language})`);
}

/** Choice lists and tables as rows that a filter or a lookup reads. The twin of `backend/steppe/checklists/expressions/sources.py`. */

import type { Choice, Definition, Table } from "./definition";

/** The column that every source has: the 1-based places of its rows. */
const place = "position()";

/** Rows with named columns, every cell a string. */
export class Source {
  readonly size: number;
  readonly #column: (name: string) => readonly string[];
  readonly #columns = new Map<string, readonly string[]>();
  readonly #places = new Map<string, ReadonlyMap<string, readonly number[]>>();

  constructor(size: number, column: (name: string) => readonly string[]) {
    this.size = size;
    this.#column = column;
  }

  /** The cells of a column in order; of an unknown column, empty ones. `position()` is each row's 1-based place. */
  column(name: string): readonly string[] {
    let cells = this.#columns.get(name);
    if (cells === undefined) {
      cells = name === place ? Array.from({ length: this.size }, (_, at) => String(at + 1)) : this.#column(name);
      this.#columns.set(name, cells);
    }
    return cells;
  }

  /** The 0-based places of the rows with this text in a column, found by hash: a table may have 20,000 rows. */
  places(name: string, text: string): readonly number[] {
    let places = this.#places.get(name);
    if (places === undefined) {
      const found = new Map<string, number[]>();
      for (const [at, cell] of this.column(name).entries()) {
        const same = found.get(cell);
        if (same === undefined) found.set(cell, [at]);
        else same.push(at);
      }
      places = found;
      this.#places.set(name, places);
    }
    return places.get(text) ?? [];
  }
}

const sources = new WeakMap<Definition, Map<string, Source | undefined>>();

/** The choice list or the table of this name; undefined when there is none. */
export function sourceOf(definition: Definition, name: string): Source | undefined {
  return kept(definition, `*${name}`, () => {
    const choices = definition.choices[name];
    if (choices !== undefined) return ofChoices(choices, definition.default_language);
    const table = definition.tables?.[name];
    return table && ofTable(table);
  });
}

/** The table of this name, even where a choice list has the same. */
export function tableOf(definition: Definition, name: string): Source | undefined {
  return kept(definition, name, () => {
    const table = definition.tables?.[name];
    return table && ofTable(table);
  });
}

function kept(definition: Definition, key: string, make: () => Source | undefined): Source | undefined {
  let made = sources.get(definition);
  if (made === undefined) {
    made = new Map();
    sources.set(definition, made);
  }
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}

function ofChoices(choices: readonly Choice[], language: string): Source {
  return new Source(choices.length, (name) =>
    choices.map((choice) => {
      if (name === "name") return choice.name;
      return choice.columns?.[name] ?? (name === "label" ? (choice.label[language] ?? "") : "");
    }),
  );
}

function ofTable({ columns, rows }: Table): Source {
  return new Source(rows.length, (name) => {
    const at = columns.indexOf(name);
    return rows.map((row) => row[at] ?? "");
  });
}

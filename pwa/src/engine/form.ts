/** A definition with its questions at hand: where each stands, what it reads and who reads it. */

import {
  type Ast,
  type Choice,
  type Definition,
  isRepeat,
  type Question,
  type Repeat,
  type Section,
  type Texts,
} from "./definition";
import { type Reads, readsOf } from "./reads";

/** A question with where it stands and what it reads. */
export interface Entry {
  readonly question: Question;
  readonly section: string;
  /** The repeats it stands in, outermost first. */
  readonly chain: readonly string[];
  /** What its relevance and calculation read. */
  readonly settles: Reads;
  /** What else decides how it is drawn: constraint, soft check, required, filter, texts; itself included. */
  readonly checks: Reads;
  /** Whether its calculation runs whenever what it reads changes. A triggered one is an answer between triggers. */
  readonly calculates: boolean;
  /** Whether an observer cannot change the answer: such an answer never keeps a report from being finished. */
  readonly uncorrectable: boolean;
}

/** A repeat with where it stands and what stands in it. */
export interface Rows {
  readonly repeat: Repeat;
  readonly section: string;
  /** The repeats it is nested in, outermost first. */
  readonly outer: readonly string[];
  /** `outer` and itself. */
  readonly chain: readonly string[];
  /** What its relevance and its count read. */
  readonly settles: Reads;
  /** What its label reads. */
  readonly checks: Reads;
  /** The questions of its rows, nested rows not included. */
  readonly entries: Entry[];
  /** The repeats directly in its rows. */
  readonly inner: Rows[];
}

/** A section with everything that stands in no repeat of it. */
export interface Part {
  readonly section: Section;
  readonly settles: Reads;
  readonly entries: Entry[];
  readonly inner: Rows[];
}

/** A definition with its questions at hand. */
export interface Index {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly repeats: ReadonlyMap<string, Rows>;
  readonly sections: ReadonlyMap<string, Part>;
  /** Question or repeat id → what must be drawn again when its answer or rows change. */
  readonly readers: ReadonlyMap<string, readonly (Entry | Rows)[]>;
  /** Question id → questions whose calculation it triggers. */
  readonly triggered: ReadonlyMap<string, readonly Entry[]>;
}

const indexes = new WeakMap<Definition, Index>();

export function indexOf(definition: Definition): Index {
  let index = indexes.get(definition);
  if (index === undefined) {
    index = indexed(definition);
    indexes.set(definition, index);
  }
  return index;
}

function indexed(definition: Definition): Index {
  const entries = new Map<string, Entry>();
  const repeats = new Map<string, Rows>();
  const sections = new Map<string, Part>();
  for (const section of definition.sections) {
    const part: Part = { section, settles: readsOf([section.relevant]), entries: [], inner: [] };
    sections.set(section.id, part);
    for (const node of section.nodes) {
      if (!isRepeat(node)) {
        part.entries.push(entryOf(definition, node, section.id, []));
        continue;
      }
      const outer = node.inside === undefined ? undefined : repeats.get(node.inside);
      const rows = rowsOf(node, section.id, outer?.chain ?? []);
      for (const question of node.questions) rows.entries.push(entryOf(definition, question, section.id, rows.chain));
      for (const entry of rows.entries) entries.set(entry.question.id, entry);
      repeats.set(node.id, rows);
      (outer ?? part).inner.push(rows);
    }
    for (const entry of part.entries) entries.set(entry.question.id, entry);
  }
  const inOrder = inDocumentOrder(definition, entries);
  return { entries: inOrder, repeats, sections, readers: readersOf(inOrder, repeats), triggered: triggersOf(inOrder) };
}

function inDocumentOrder(definition: Definition, entries: ReadonlyMap<string, Entry>): Map<string, Entry> {
  const ids = definition.sections.flatMap(({ nodes }) =>
    nodes.flatMap((node) => (isRepeat(node) ? node.questions : node)),
  );
  return new Map(ids.flatMap(({ id }) => (entries.has(id) ? [[id, entries.get(id) as Entry]] : [])));
}

function rowsOf(repeat: Repeat, section: string, outer: readonly string[]): Rows {
  return {
    repeat,
    section,
    outer,
    chain: [...outer, repeat.id],
    settles: readsOf([repeat.relevant, repeat.count]),
    checks: readsOf([], [repeat.label]),
    entries: [],
    inner: [],
  };
}

const KEPT: ReadonlySet<string> = new Set(["calculate", "hidden", "metadata"]);

function entryOf(definition: Definition, question: Question, section: string, chain: readonly string[]): Entry {
  const calculates = question.calculation !== undefined && question.trigger === undefined;
  const settles = readsOf([question.relevant, calculates ? question.calculation : undefined]);
  const asts: (Ast | undefined)[] = [
    question.constraint,
    question.soft,
    question.required,
    question.filter,
    question.read_only_when,
  ];
  const checks = readsOf(asts, [...textsOf(question), ...labelsOf(definition.choices[question.list ?? ""])]);
  checks.near.add(question.id);
  for (const id of offeringIds(definition, question)) checks.whole.add(id);
  const seed = question.parameters?.seed;
  if (typeof seed === "string" && seed.startsWith("${")) checks.near.add(seed.slice(2, -1).trim());
  const uncorrectable = calculates || question.read_only === true || KEPT.has(question.type);
  return { question, section, chain, settles, checks, calculates, uncorrectable };
}

/** What decides over choices that rows of a repeat offer: the repeats around them and all that is asked in these rows. */
function offeringIds(definition: Definition, { rows }: Question): string[] {
  if (rows === undefined) return [];
  const repeats = definition.sections.flatMap(({ nodes }) => nodes.filter(isRepeat));
  const found: string[] = [];
  let inner = repeats.find(({ questions }) => questions.some(({ id }) => id === rows));
  found.push(...(inner?.questions.map(({ id }) => id) ?? []));
  while (inner !== undefined) {
    const { id, inside } = inner;
    found.push(id);
    inner = repeats.find((outer) => outer.id === inside);
  }
  return found;
}

function textsOf(question: Question): (Texts | undefined)[] {
  const { label, hint, guidance_hint, required_message, constraint_message, soft_message } = question;
  return [label, hint, guidance_hint, required_message, constraint_message, soft_message];
}

function labelsOf(choices: readonly Choice[] = []): Texts[] {
  return choices.map(({ label }) => label);
}

function readersOf(
  entries: ReadonlyMap<string, Entry>,
  repeats: ReadonlyMap<string, Rows>,
): Map<string, (Entry | Rows)[]> {
  const readers = new Map<string, (Entry | Rows)[]>();
  for (const reader of [...entries.values(), ...repeats.values()]) {
    for (const id of new Set([...reader.checks.near, ...reader.checks.whole])) {
      readers.set(id, [...(readers.get(id) ?? []), reader]);
    }
  }
  return readers;
}

function triggersOf(entries: ReadonlyMap<string, Entry>): Map<string, Entry[]> {
  const triggered = new Map<string, Entry[]>();
  for (const entry of entries.values()) {
    for (const id of entry.question.trigger ?? []) triggered.set(id, [...(triggered.get(id) ?? []), entry]);
  }
  return triggered;
}

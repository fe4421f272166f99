/** A definition with its questions at hand: where each stands and what it reads. */

import { type Ast, type Definition, isRepeat, type Question, type Repeat } from "./definition";
import { referencesOf } from "./expressions";

/** A question with where it stands and what it reads. */
export interface Entry {
  readonly question: Question;
  readonly section: string;
  readonly repeat: string | undefined;
  /** What its relevance and calculation read. */
  readonly settles: ReadonlySet<string>;
  /** What its constraint, soft check and required read, itself included. */
  readonly checks: ReadonlySet<string>;
}

export interface Container {
  readonly id: string;
  readonly relevant: Ast;
  readonly reads: ReadonlySet<string>;
  readonly entries: readonly Entry[];
  readonly repeats: readonly string[];
}

/** A definition with its questions at hand. */
export interface Index {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly repeats: ReadonlyMap<string, Repeat>;
  readonly containers: ReadonlyMap<string, Container>;
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
  const repeats = new Map<string, Repeat>();
  const containers = new Map<string, Container>();
  for (const section of definition.sections) {
    const inside: Entry[] = [];
    for (const node of section.nodes) {
      const held = isRepeat(node) ? node.questions : [node];
      const own = held.map((question) => entryOf(question, section.id, isRepeat(node) ? node.id : undefined));
      for (const entry of own) entries.set(entry.question.id, entry);
      inside.push(...own);
      if (!isRepeat(node)) continue;
      repeats.set(node.id, node);
      if (node.relevant) containers.set(node.id, containerOf(node.id, node.relevant, own, [node.id]));
    }
    const held = section.nodes.filter(isRepeat).map(({ id }) => id);
    if (section.relevant) containers.set(section.id, containerOf(section.id, section.relevant, inside, held));
  }
  return { entries, repeats, containers };
}

function containerOf(id: string, relevant: Ast, entries: readonly Entry[], repeats: readonly string[]): Container {
  return { id, relevant, reads: referencesOf(relevant), entries, repeats };
}

function entryOf(question: Question, section: string, repeat: string | undefined): Entry {
  const settles = new Set<string>();
  const checks = new Set([question.id]);
  for (const ast of [question.relevant, question.calculation]) if (ast) referencesOf(ast, settles);
  for (const ast of [question.constraint, question.soft, question.required]) if (ast) referencesOf(ast, checks);
  return { question, section, repeat, settles, checks };
}

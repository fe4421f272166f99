/** The short form: what is asked in poor conditions (docs/checklists.md §7). */
import { type Ast, type Definition, isRepeat, type Question, type Repeat } from "../../engine/definition";
import { referencesOf } from "../../engine/expressions";

const shortForms = new WeakMap<Definition, ReadonlySet<string> | null>();

/**
 * Ids of the questions and repeats the short form asks: those marked `short_form`, the question that places the report, and
 * whatever decides whether these apply. Undefined for a checklist that marks nothing: it has no short form.
 */
export function shortForm(definition: Definition): ReadonlySet<string> | undefined {
  let found = shortForms.get(definition);
  if (found === undefined) {
    found = formed(definition);
    shortForms.set(definition, found);
  }
  return found ?? undefined;
}

interface Part {
  /** What must be on the screen too for this to be asked at all. */
  needs: readonly (Ast | undefined)[];
  inside: string | undefined;
}

function formed(definition: Definition): ReadonlySet<string> | null {
  const parts = new Map<string, Part>();
  const marked: string[] = [];
  const take = (question: Question, section: Ast | undefined, repeat: Repeat | undefined) => {
    parts.set(question.id, { needs: [question.relevant, question.calculation, section], inside: repeat?.id });
    if (question.short_form) marked.push(question.id);
  };
  for (const { relevant, nodes } of definition.sections) {
    for (const node of nodes) {
      if (!isRepeat(node)) {
        take(node, relevant, undefined);
        continue;
      }
      parts.set(node.id, { needs: [node.relevant, node.count, relevant], inside: node.inside });
      for (const question of node.questions) take(question, relevant, node);
    }
  }
  if (marked.length === 0) return null;
  if (definition.location) marked.push(definition.location);
  return closure(marked, parts);
}

function closure(marked: readonly string[], parts: ReadonlyMap<string, Part>): ReadonlySet<string> {
  const asked = new Set<string>();
  const open = [...marked];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const part = parts.get(id);
    if (!part || asked.has(id)) continue;
    asked.add(id);
    if (part.inside) open.push(part.inside);
    for (const ast of part.needs) if (ast) open.push(...referencesOf(ast));
  }
  return asked;
}

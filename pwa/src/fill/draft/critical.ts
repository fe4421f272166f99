/** What a critical answer asks for: a comment, and word to the co-ordinator today. */

import { type Answers, type Definition, isRepeat, type Question } from "../../engine/definition";
import type { Context } from "../../engine/functions/dates";
import { CRITICAL } from "../../engine/severity";
import type { ChecklistEntry } from "../../missions/checklists";
import type { Draft } from "../../submissions/draft";
import { chosenPrecision, coarsest, precisionQuestion, usualPrecision } from "../../submissions/precision";
import { type BeginSession, openNew } from "./beginning";
import { newestOpen } from "./kinds";
import type { NodeView } from "./visible";

/** Whether an answer raised a flag of the gravest kind. */
export function isCritical(node: NodeView): boolean {
  return !("repeat" in node) && node.relevant && node.flags.some(({ severity }) => severity === CRITICAL);
}

const named = /(^|_)(comment|comments|remark|remarks|details?|explanation|describe|description|what)$/;

/**
 * Ids of the questions where a critical answer may be explained, the nearest first: what the form calls a comment (by its
 * name, or by the word in its appearance) in the same section after the question, then elsewhere; without any, its last
 * long text.
 */
export function commentsFor(definition: Definition, path: string): string[] {
  const id = path.split("/").at(-1) ?? path;
  const top = path.split("/")[0] ?? path;
  const home = definition.sections.findIndex(({ nodes }) => nodes.some((node) => node.id === top));
  const texts = definition.sections.flatMap(({ nodes }, section) =>
    nodes.flatMap((node) => (isRepeat(node) || !isWritten(node) || node.id === id ? [] : [{ node, section }])),
  );
  const comments = texts.filter(({ node }) => named.test(node.id) || node.appearance?.includes("comment"));
  if (comments.length === 0) {
    const long = texts.filter(({ node }) => node.appearance?.includes("multiline"));
    return long.slice(-1).map(({ node }) => node.id);
  }
  const distance = (section: number) =>
    section >= home ? section - home : definition.sections.length + home - section;
  return comments.sort((a, b) => distance(a.section) - distance(b.section)).map(({ node }) => node.id);
}

function isWritten({ type, calculation, read_only, location }: Question): boolean {
  return type === "text" && !calculation && !read_only && !location;
}

/** The form a flash report is begun on; undefined when the phone has none. */
export function flashForm(entries: readonly ChecklistEntry[] | undefined): ChecklistEntry | undefined {
  return newestOpen(entries ?? []).find(({ kind }) => kind === "flash");
}

/**
 * Begins a flash report about the place of another report, the answers of which are given with its definition. How fine
 * that place may be told goes along where it is coarser than the flash report's usual.
 */
export async function beginFlash(
  session: BeginSession,
  form: ChecklistEntry,
  { definition: from, answers }: { definition: Definition; answers: Answers },
  now: Context,
): Promise<Draft> {
  const definition = await session.field.checklists.definition(form.id);
  const fill = await openNew(session, definition, now);
  for (const { nodes } of definition.sections) {
    for (const node of nodes) {
      const known = answers[node.id];
      if (!isRepeat(node) && node.location && known !== undefined) fill.set(node.id, known);
    }
  }
  const bounds = precisionQuestion(definition);
  const level = coarsest(chosenPrecision(from, answers), usualPrecision(definition));
  if (bounds && level) fill.set(bounds.id, level);
  return session.field.drafts.start(form.id, { answers: fill.answers() });
}

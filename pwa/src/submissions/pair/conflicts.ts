/** What of a report contradicts, and what it says once somebody chose. Pure (docs/decisions/0012). */
import type { Answer, Answers, Definition } from "../../engine/definition";
import { indexOf } from "../../engine/form";
import { placeOf } from "../../engine/paths";
import type { Merged, Standing } from "../../engine/register";

/** A value that stands beside others, and the revisions that say so. Of a row: whether it is there. */
export interface Version {
  value: unknown;
  revisions: readonly string[];
}

/** A path where several stand: an answer's, or a row's (`repeat/<row>`). */
export interface Conflict {
  path: string;
  versions: readonly Version[];
  isRow: boolean;
}

/** Path → what was chosen there: an answer, null for none; of a row whether it stays. */
export type Choices = ReadonlyMap<string, unknown>;

/** Conflicts in the order of their paths, each value once. */
export function conflictsOf({ conflicts }: Pick<Merged, "conflicts">): Conflict[] {
  return Object.entries(conflicts)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, standing]) => ({ path, versions: versionsOf(standing), isRow: isRowPath(path) }));
}

function versionsOf(standing: readonly Standing[]): Version[] {
  const versions = new Map<string, { value: unknown; revisions: string[] }>();
  for (const [revision, value] of standing) {
    const name = JSON.stringify(value);
    const version = versions.get(name) ?? { value, revisions: [] };
    version.revisions.push(revision);
    versions.set(name, version);
  }
  return [...versions.values()];
}

/** Paths alternate between questions and rows: `repeat/<row>` ends with a row. */
const isRowPath = (path: string): boolean => path.split("/").length % 2 === 0;

/** Whether a person has to choose: what is worked out, or filled in by the phone, follows from the rest. */
export function asksPerson(definition: Definition, { path, isRow }: Conflict): boolean {
  const entry = indexOf(definition).entries.get(placeOf(path).id);
  return isRow || (entry !== undefined && !entry.calculates && entry.question.type !== "metadata");
}

/**
 * The answers of a report once each conflict is decided, and the paths that a revision made from all its heads has to write so
 * that none is left. What nobody chose is the first of what stands there.
 */
export function resolved(merged: Merged, choices: Choices): { answers: Answers; decides: string[] } {
  const conflicts = conflictsOf(merged);
  const choice = ({ path, versions }: Conflict) => (choices.has(path) ? choices.get(path) : versions[0]?.value);
  const rows = conflicts.filter(({ isRow }) => isRow);
  const removed = rows.filter((row) => choice(row) !== true).map(({ path }) => path);
  // Writing in a row says that it stays: of a removed one nothing is written.
  const isLeft = (path: string) => !removed.some((row) => path === row || path.startsWith(`${row}/`));
  const answers = Object.fromEntries(Object.entries(merged.shown).filter(([path]) => isLeft(path))) as Record<
    string,
    Answer
  >;
  const decides = new Set<string>();
  for (const { path } of rows) {
    const list = path.slice(0, path.lastIndexOf("/"));
    const listed = answers[list];
    if (!isLeft(list) || typeof listed !== "object") continue;
    answers[list] = (listed as readonly string[]).filter((row) => isLeft(`${list}/${row}`));
    decides.add(list);
  }
  for (const conflict of conflicts) {
    const { path, isRow } = conflict;
    if (isRow || !isLeft(path)) continue;
    const value = choice(conflict) as Answer | null;
    if (value === null) delete answers[path];
    else answers[path] = value;
    decides.add(path);
  }
  return { answers, decides: [...decides] };
}

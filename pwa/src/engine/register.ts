/**
 * What several revisions of one report come to: a register that keeps every value nobody has replaced.
 *
 * Pure, and the same whatever came first (docs/decisions/0012). The twin of `backend/steppe/submissions/register.py`, which
 * says the rules; both run `tests/vectors/register.json`.
 */

/** What a revision says of its report's answers. */
export interface RegisterPatch {
  revision: string;
  /** The revisions it was made from. */
  base: readonly string[];
  /** Path → value; null clears. */
  answers: Readonly<Record<string, unknown>>;
  /** Path → SHA-256 of the plain bytes of the file it brings there. */
  files?: Readonly<Record<string, string>>;
}

/** A value that nobody has replaced, behind the revision that wrote it. */
export type Standing = readonly [revision: string, value: unknown];

/** The answers of a report as its revisions leave them. */
export interface Merged {
  /** What counts: one value each, in no row that is removed or in conflict; lists of rows name no such row. */
  answers: Record<string, unknown>;
  /** Besides these what stands in rows in conflict; lists of rows name them. */
  shown: Record<string, unknown>;
  /** Path → what stands there, by revision. Under the path of a row (`repeat/<row>`): whether the row is there. */
  conflicts: Record<string, Standing[]>;
  /** Path → the revisions whose files these values name, one a value, as in `conflicts`. */
  files: Record<string, string[]>;
  /** The revisions that no other was made from. */
  heads: string[];
  /** The revisions that are in nothing of this, each with those of its base that it waits for. */
  waiting: Record<string, string[]>;
}

/** What a revision wrote, by the revision's number. */
type Write<Value> = readonly [number: number, value: Value];
type RowStates = ReadonlyMap<string, ReadonlySet<boolean>>;

/**
 * Merges the revisions of one report; `repeats` are the ids of its checklist's repeats. Neither their order nor coming twice
 * makes a difference; an id stands for one content.
 */
export function merge(patches: Iterable<RegisterPatch>, repeats: ReadonlySet<string>): Merged {
  const byId = new Map([...patches].map((patch) => [patch.revision, patch]));
  const ordered = inOrder(byId);
  const known = new Set(ordered.map(({ revision }) => revision));
  const waiting = [...byId.values()]
    .filter(({ revision }) => !known.has(revision))
    .map(({ revision, base }) => [revision, [...new Set(base)].filter((one) => !known.has(one)).sort()] as const);
  return new Graph(ordered, repeats).merged(Object.fromEntries(waiting));
}

/** Of these revisions, those of the ids `of` and everything they were made from. */
export function ancestry(patches: Iterable<RegisterPatch>, of: Iterable<string>): RegisterPatch[] {
  const byId = new Map([...patches].map((patch) => [patch.revision, patch]));
  const found = new Map<string, RegisterPatch>();
  const left = [...of];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    const patch = byId.get(name);
    if (!patch || found.has(name)) continue;
    found.set(name, patch);
    left.push(...patch.base);
  }
  return [...found.values()];
}

/** The paths of the rows that a path lies in, the outermost first: `a/1`, `a/1/b/2` of `a/1/b/2/q`. */
export function rowsAround(path: string): string[] {
  const parts = path.split("/");
  const rows: string[] = [];
  for (let end = 2; end < parts.length; end += 2) rows.push(parts.slice(0, end).join("/"));
  return rows;
}

/** Revisions whose base is all here, each after its base: by how far from the first ones, then by id. */
function inOrder(byId: ReadonlyMap<string, RegisterPatch>): RegisterPatch[] {
  const missing = new Map([...byId].map(([name, { base }]) => [name, new Set(base)]));
  const after = new Map<string, string[]>();
  for (const [name, bases] of missing) for (const one of bases) append(after, one, name);
  const ordered: RegisterPatch[] = [];
  let ready = [...missing].filter(([, bases]) => bases.size === 0).map(([name]) => name);
  while (ready.length > 0) {
    const freed: string[] = [];
    for (const done of ready.sort()) {
      ordered.push(byId.get(done) as RegisterPatch);
      for (const name of after.get(done) ?? []) {
        const bases = missing.get(name) as Set<string>;
        bases.delete(done);
        if (bases.size === 0) freed.push(name);
      }
    }
    ready = freed;
  }
  return ordered;
}

/** Revisions in order, by number, with what each writes: revisions are compared by bits of whole numbers. */
class Graph {
  readonly #ordered: readonly RegisterPatch[];
  readonly #repeats: ReadonlySet<string>;
  readonly #past: bigint[] = [];
  readonly #values = new Map<string, Write<unknown>[]>();
  readonly #lists = new Map<string, Write<string[] | null>[]>();
  readonly #rows = new Map<string, Write<boolean>[]>();
  readonly #files = new Map<string, (readonly [revision: string, plain: string])[]>();

  constructor(ordered: readonly RegisterPatch[], repeats: ReadonlySet<string>) {
    this.#ordered = ordered;
    this.#repeats = repeats;
    const numbers = new Map(ordered.map(({ revision }, number) => [revision, number]));
    for (const [number, patch] of ordered.entries()) {
      let past = 0n;
      for (const one of patch.base) {
        const before = numbers.get(one) as number;
        past |= (this.#past[before] as bigint) | bit(before);
      }
      this.#past.push(past);
      this.#take(number, patch);
    }
  }

  #take(number: number, { revision, answers, files = {} }: RegisterPatch): void {
    const past = this.#past[number] as bigint;
    for (const [path, plain] of Object.entries(files)) append(this.#files, path, [revision, plain] as const);
    const decided = new Map<string, boolean>();
    for (const [path, value] of Object.entries(answers)) {
      if (this.#isList(path)) {
        const rows = Array.isArray(value) ? [...new Set(value as string[])] : null;
        this.#decide(path, rows ?? [], past, decided);
        append(this.#lists, path, [number, rows] as const);
      } else append(this.#values, path, [number, value] as const);
    }
    for (const row of Object.keys(answers).flatMap(rowsAround)) {
      // Whoever writes into a row that they see keeps it; into one they do not see, says nothing of it.
      if (!decided.has(row) && this.#states(row, past).has(true)) decided.set(row, true);
    }
    for (const [row, isThere] of decided) append(this.#rows, row, [number, isThere] as const);
  }

  /** Notes what a list says of rows: new ones and those in conflict are there, those it leaves out are removed. */
  #decide(path: string, rows: readonly string[], past: bigint, decided: Map<string, boolean>): void {
    for (const row of rows) {
      const states = this.#states(`${path}/${row}`, past);
      if (!states.has(true) || states.has(false)) decided.set(`${path}/${row}`, true);
    }
    const left = new Set((this.#lists.get(path) ?? []).flatMap(([, known]) => known ?? []));
    for (const row of rows) left.delete(row);
    for (const row of left) if (this.#states(`${path}/${row}`, past).has(true)) decided.set(`${path}/${row}`, false);
  }

  #isList(path: string): boolean {
    return this.#repeats.has(path.slice(path.lastIndexOf("/") + 1));
  }

  /** What stands of a row's being there, as far as `seen` goes; nothing where nobody ever listed it. */
  #states(row: string, seen: bigint): Set<boolean> {
    return new Set(this.#standing(this.#rows.get(row) ?? [], seen).map(([, isThere]) => isThere));
  }

  /** The writes that no later one of them replaces, among those of the revisions in `seen` (by default: all). */
  #standing<Value>(writes: readonly Write<Value>[], seen?: bigint): Write<Value>[] {
    const known = writes.filter(([number]) => seen === undefined || (seen & bit(number)) !== 0n);
    let replaced = 0n;
    for (const [number] of known) replaced |= this.#past[number] as bigint;
    return known.filter(([number]) => (replaced & bit(number)) === 0n);
  }

  merged(waiting: Record<string, string[]>): Merged {
    const found: Merged = { answers: {}, shown: {}, conflicts: {}, files: {}, heads: this.#heads(), waiting };
    const standing = new Map([...this.#rows].map(([row, writes]) => [row, this.#standing(writes)]));
    const states = new Map([...standing].map(([row, writes]) => [row, new Set(writes.map(([, isThere]) => isThere))]));
    for (const [row, writes] of standing) {
      if (states.get(row)?.size === 2 && isShown(row, states)) found.conflicts[row] = this.#byRevision(writes);
    }
    for (const [path, writes] of this.#values) {
      if (isShown(path, states)) this.#resolve(found, path, this.#byRevision(this.#standing(writes)), states);
    }
    for (const [path, lists] of this.#lists) {
      if (isShown(path, states)) this.#resolveRows(found, path, lists, states);
    }
    return found;
  }

  #heads(): string[] {
    let seen = 0n;
    for (const past of this.#past) seen |= past;
    const heads = this.#ordered.filter((_, number) => (seen & bit(number)) === 0n);
    return heads.map(({ revision }) => revision).sort();
  }

  #byRevision(standing: readonly Write<unknown>[]): Standing[] {
    const named = standing.map(
      ([number, value]) => [(this.#ordered[number] as RegisterPatch).revision, value] as const,
    );
    return named.sort(([one], [other]) => (one < other ? -1 : 1));
  }

  #resolve(found: Merged, path: string, standing: Standing[], states: RowStates): void {
    const byValue = new Map<string, Standing[]>();
    for (const one of standing) append(byValue, JSON.stringify(one[1]), one);
    const [[, value]] = standing as [Standing];
    if (byValue.size > 1) found.conflicts[path] = standing;
    else if (value !== null) {
      found.shown[path] = value;
      if (counts(path, states)) found.answers[path] = value;
    }
    const files = [...byValue.values()].map((writers) => this.#file(path, writers)).filter((one) => one !== undefined);
    if (files.length > 0) found.files[path] = files;
  }

  /** The revision whose file a value names: one that wrote it, else the last that brought the same. */
  #file(path: string, writers: readonly Standing[]): string | undefined {
    const brought = (this.#files.get(path) ?? [])
      .filter(([, plain]) => plain === writers[0]?.[1])
      .map(([name]) => name);
    return writers.map(([name]) => name).find((name) => brought.includes(name)) ?? brought.at(-1);
  }

  #resolveRows(found: Merged, path: string, lists: readonly Write<string[] | null>[], states: RowStates): void {
    const shown = rowOrder(lists).filter((row) => states.get(`${path}/${row}`)?.has(true));
    if (shown.length === 0 && this.#standing(lists).every(([, rows]) => rows === null)) return;
    found.shown[path] = shown;
    if (counts(path, states)) found.answers[path] = shown.filter((row) => !states.get(`${path}/${row}`)?.has(false));
  }
}

const bit = (number: number): bigint => 1n << BigInt(number);

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Whether no row around a path is removed. Rows that nobody ever listed hide nothing here. */
function isShown(path: string, states: RowStates): boolean {
  return rowsAround(path).every((row) => !states.has(row) || states.get(row)?.has(true));
}

/** Whether no row around a path is in conflict. */
function counts(path: string, states: RowStates): boolean {
  return rowsAround(path).every((row) => (states.get(row)?.size ?? 0) < 2);
}

/** The rows of all lists, the newest lists first; one that only others name comes after its row before it. */
function rowOrder(lists: readonly Write<string[] | null>[]): string[] {
  const following = new Map<string | null, string | null>([[null, null]]);
  for (const [, rows] of [...lists].reverse()) {
    let before: string | null = null;
    for (const row of rows ?? []) {
      if (!following.has(row)) {
        following.set(row, following.get(before) as string | null);
        following.set(before, row);
      }
      before = row;
    }
  }
  const order: string[] = [];
  for (let row = following.get(null); row != null; row = following.get(row)) order.push(row);
  return order;
}

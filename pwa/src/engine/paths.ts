/**
 * Paths of answers (docs/checklists.md §2). A row is named by its prefix: `""` outside all rows, `outer/row/`, or
 * `outer/row/inner/row/`. A prefix and the id of a question or repeat make its path.
 */

/** A path taken apart: the row it stands in, and the id of the question or repeat. */
export interface Place {
  readonly prefix: string;
  readonly id: string;
}

export function placeOf(path: string): Place {
  const at = path.lastIndexOf("/") + 1;
  return { prefix: path.slice(0, at), id: path.slice(at) };
}

/** The prefix of a row of the repeat at a path. */
export function prefixOf(repeatPath: string, row: string): string {
  return `${repeatPath}/${row}/`;
}

/** The row in which the thing at a path stands; the path of a row itself (`repeat/row`) stands in that row. */
export function standingAt(path: string): string {
  const parts = path.split("/").length;
  return parts % 2 === 0 ? `${path}/` : placeOf(path).prefix;
}

/** A row's enclosing row at a depth: 0 is outside all rows. A shallower prefix stays itself. */
export function enclosing(prefix: string, depth: number): string {
  let end = 0;
  for (let slash = 0; slash < 2 * depth; slash += 1) {
    const next = prefix.indexOf("/", end);
    if (next < 0) return prefix;
    end = next + 1;
  }
  return prefix.slice(0, end);
}

/** In how many rows a prefix stands. */
export function depthOf(prefix: string): number {
  let slashes = 0;
  for (let at = prefix.indexOf("/"); at >= 0; at = prefix.indexOf("/", at + 1)) slashes += 1;
  return slashes / 2;
}

/** How many enclosing repeats two chains of repeats (outermost first) have in common. */
export function shared(one: readonly string[], other: readonly string[]): number {
  let depth = 0;
  while (depth < one.length && one[depth] === other[depth]) depth += 1;
  return depth;
}

/** Headings of the groups inside a section, and the pieces a long section is drawn in. */

import type { Definition, Texts } from "../../engine/definition";
import type { NodeView } from "./visible";

export interface Heading {
  id: string;
  label: Texts;
}

/** What names a node among those of its section or row. */
export function keyOf(node: NodeView): string {
  return node.path;
}

function groupOf(node: NodeView): string | undefined {
  return "repeat" in node ? node.repeat.group : node.question.group;
}

/** The groups around a node, the outermost first. */
function groupsAround(node: NodeView, definition: Definition): string[] {
  const around: string[] = [];
  for (let id = groupOf(node); id !== undefined && !around.includes(id); id = definition.groups?.[id]?.inside) {
    around.unshift(id);
  }
  return around;
}

/** By the key of a shown node: the headings of the groups that begin with it, the outermost first. */
export function headingsOf(shown: readonly NodeView[], definition: Definition): ReadonlyMap<string, Heading[]> {
  const headings = new Map<string, Heading[]>();
  let before: string[] = [];
  for (const node of shown) {
    const around = groupsAround(node, definition);
    const begun = around.filter((id, depth) => before[depth] !== id);
    const named = begun.flatMap((id) => {
      const label = definition.groups?.[id]?.label;
      return label ? [{ id, label }] : [];
    });
    if (named.length > 0) headings.set(keyOf(node), named);
    before = around;
  }
  return headings;
}

/** What a phone shows first of a section: a slow one needs half a second for ten questions. */
const firstSize = 2;
/** Drawn without a pause for a frame or a key. */
const pieceSize = 5;
const longestPiece = 40;

/**
 * A section in pieces of about five nodes, the first of two, cut between groups where it can be. Cut over all nodes, shown
 * or not, so that an answer that opens a question moves no other from one piece to the next: a question that moves loses the cursor.
 */
export function piecesOf(nodes: readonly NodeView[]): NodeView[][] {
  const pieces: NodeView[][] = [];
  let piece: NodeView[] = [];
  for (const node of nodes) {
    const last = piece.at(-1);
    const isCut = last && (groupOf(last) === undefined || groupOf(last) !== groupOf(node));
    const size = pieces.length === 0 ? firstSize : pieceSize;
    if ((piece.length >= size && isCut) || piece.length >= longestPiece) {
      pieces.push(piece);
      piece = [];
    }
    piece.push(node);
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}

/** Whether the question at `path` is this node or stands in a row of it. */
export function holds(node: NodeView, path: string | undefined): boolean {
  return path !== undefined && (path === node.path || path.startsWith(`${node.path}/`));
}

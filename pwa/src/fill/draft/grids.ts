/** Questions that are drawn together: selects over the same choices, one line each under a common head. */

import type { Definition, Group } from "../../engine/definition";
import type { QuestionView, RepeatView } from "../../engine/views";
import { looks } from "./appearance";

/** One thing on the screen: a question, a repeat, or a grid of questions. */
export type Block =
  | { readonly kind: "node"; readonly key: string; readonly node: QuestionView | RepeatView }
  | {
      readonly kind: "grid";
      readonly key: string;
      /** What the grid asks as a whole: the question with the choices' names over the columns, or nothing. */
      readonly head: QuestionView | undefined;
      readonly rows: readonly QuestionView[];
    };

/** More columns than this leave no room for a thumb on a narrow phone: such questions stay single. */
export const widestGrid = 6;

/**
 * Groups what a section or a row asks now into grids and single nodes, in the order given. A grid is a run of selects
 * over one list that stand in a `table-list` group, or that follow one another as `label` and `list-nolabel`.
 * A `label` without lines below it is drawn by itself.
 */
export function gridsOf(nodes: readonly (QuestionView | RepeatView)[], definition: Definition): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < nodes.length; ) {
    const run = runFrom(nodes, at, definition);
    const [first] = run;
    if (first && run.length > 1) {
      const head = looks(first.question, "label") ? first : undefined;
      blocks.push({ kind: "grid", key: `grid ${first.path}`, head, rows: head ? run.slice(1) : run });
      at += run.length;
    } else {
      const node = nodes[at];
      if (node) blocks.push({ kind: "node", key: "repeat" in node ? node.repeat.id : node.path, node });
      at += 1;
    }
  }
  return blocks;
}

/** The questions from `at` on that belong into one grid; fewer than two are none. */
function runFrom(nodes: readonly (QuestionView | RepeatView)[], at: number, definition: Definition): QuestionView[] {
  const run: QuestionView[] = [];
  for (const node of nodes.slice(at)) {
    if ("repeat" in node || !isOfGrid(node, definition)) break;
    const [first] = run;
    const isOther =
      first && (node.question.list !== first.question.list || node.question.group !== first.question.group);
    // A second head begins a grid of its own.
    if (isOther || (first && looks(node.question, "label"))) break;
    run.push(node);
  }
  return run;
}

function isOfGrid({ question }: QuestionView, definition: Definition): boolean {
  if (question.type !== "select_one" && question.type !== "select_multiple") return false;
  const choices = definition.choices[question.list ?? ""] ?? [];
  if (question.location || question.filter || choices.length === 0 || choices.length > widestGrid) return false;
  return looks(question, "label", "list-nolabel") || isTable(definition.groups?.[question.group ?? ""]);
}

function isTable(group: Group | undefined): boolean {
  return group?.appearance?.includes("table-list") === true;
}

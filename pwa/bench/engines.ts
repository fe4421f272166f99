/**
 * The phone's engine beside ODK's on one form, in one page: how long until every question is known, and how long an
 * answer takes. Made into one module by `build.js` and called by `tests/bench/engines.py`.
 */

import { type AnyNode, createInstance, type RootNode } from "@getodk/xforms-engine";
import type { Definition } from "../src/engine/definition";
import { openFill } from "../src/engine/fill";
import { contextAt } from "../src/engine/functions/dates";
import { viewsIn } from "../src/engine/views";

/** Milliseconds of each opening and of each answer; `questions` seen, so that both are known to have read them all. */
interface Timing {
  open: number[];
  answer: number[];
  questions: number;
}

const zone = "Asia/Almaty";

/** Answers timed together: one alone is shorter than the ticks of the page's clock. */
const block = 20;

function taken(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

/** Milliseconds of one answer, block by block; `give` gets another number each time. */
function answering(blocks: number, give: (number: number) => void): number[] {
  return Array.from({ length: blocks }, (_, round) => {
    const together = taken(() => {
      for (let step = 0; step < block; step += 1) give(round * block + step);
    });
    return together / block;
  });
}

/** Opens the definition's JSON `openings` times, then answers one number over and over. */
function steppe(text: string, path: string, openings: number, blocks: number): Timing {
  const timing: Timing = { open: [], answer: [], questions: 0 };
  const look = (fill: ReturnType<typeof openFill>) =>
    fill.sections().reduce((sum, { nodes }) => sum + [...viewsIn(nodes)].length, 0);
  const open = () => openFill(JSON.parse(text) as Definition, {}, contextAt(Date.now(), zone));
  for (let round = 0; round < openings; round += 1) {
    timing.open.push(
      taken(() => {
        timing.questions = look(open());
      }),
    );
  }
  const fill = open();
  look(fill);
  timing.answer = answering(blocks, (number) => {
    fill.set(path, number);
    look(fill);
  });
  return timing;
}

/** Reads what a screen draws of a node and everything below it; returns how many answers it holds. */
function read(node: AnyNode | RootNode): number {
  const { relevant, label, children } = node.currentState;
  void relevant;
  void label;
  if (children === null) {
    void (node as { currentState: { value?: unknown } }).currentState.value;
    return 1;
  }
  let answers = 0;
  for (const child of children) answers += read(child);
  return answers;
}

function nodeNamed(node: AnyNode | RootNode, name: string): AnyNode | RootNode | undefined {
  if (node.definition.qualifiedName.localName === name) return node;
  for (const child of node.currentState.children ?? []) {
    const found = nodeNamed(child, name);
    if (found) return found;
  }
  return undefined;
}

/** The same with ODK's engine and the form as an XForm. */
async function odk(xform: string, name: string, openings: number, blocks: number): Promise<Timing> {
  const timing: Timing = { open: [], answer: [], questions: 0 };
  for (let round = 0; round < openings; round += 1) {
    const began = performance.now();
    const { root } = await createInstance(xform);
    timing.questions = read(root);
    timing.open.push(performance.now() - began);
  }
  const { root } = await createInstance(xform);
  read(root);
  const node = nodeNamed(root, name);
  if (node?.nodeType !== "input") throw new Error(`${name} takes no number`);
  timing.answer = answering(blocks, (number) => {
    node.setValue(String(number));
    read(root);
  });
  return timing;
}

Object.assign(globalThis, { engines: { steppe, odk } });

/** What Enketo's XPath evaluator makes of the shared vectors: a third opinion beside our two evaluators. */
import openRosa from "openrosa-xpath-evaluator";
import type { Table } from "../src/engine/definition";
import { textOfAnswer, textOfNumber } from "../src/engine/functions/values";

interface Vector {
  expr: string;
  context: {
    answers?: Record<string, unknown>;
    rows?: Record<string, string[]>;
    self?: unknown;
    position?: number;
    outer?: number[];
    tables?: Record<string, Table>;
  };
  expected: { type: string; value: string | string[] };
}

const evaluator = openRosa();
const REFERENCE = /\$\{\s*([^\s{}]+)\s*\}/g;

/** The value of each vector as our evaluators describe it; `error` where it gives none. */
function opinions(vectors: readonly Vector[]): (string | string[])[] {
  return vectors.map((vector) => {
    try {
      return opinion(vector);
    } catch {
      return "error";
    }
  });
}

function opinion({ expr, context, expected }: Vector): string | string[] {
  const { root, self } = formOf(expr, context);
  const path = expr
    .replace(REFERENCE, (_, name: string) =>
      context.rows?.[name] === undefined ? `/data/${name}` : `/data/rows-of-${name}/${name}`,
    )
    .replace(/instance\('([^']+)'\)/g, "/data/instance-$1");
  if (expected.type === "number") {
    return textOfNumber(evaluator.evaluate(path, self, null, XPathResult.NUMBER_TYPE).numberValue);
  }
  if (expected.type === "boolean") {
    return String(evaluator.evaluate(path, self, null, XPathResult.BOOLEAN_TYPE).booleanValue);
  }
  if (expected.type === "string") return evaluator.evaluate(path, self, null, XPathResult.STRING_TYPE).stringValue;
  const nodes = evaluator.evaluate(path, root, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
  return Array.from({ length: nodes.snapshotLength }, (_, at) => nodes.snapshotItem(at)?.textContent ?? "");
}

/** The answers as an XForm holds them: every answer a text, every question there; the own one in its row. */
function formOf(
  expr: string,
  { answers = {}, rows = {}, self, position = 0, outer = [], tables = {} }: Vector["context"],
): { root: Element; self: Element } {
  const document = new DOMParser().parseFromString("<data/>", "text/xml");
  const root = document.documentElement;
  const add = (parent: Element, name: string, text: string): Element => {
    const element = parent.appendChild(document.createElement(name));
    element.textContent = text;
    return element;
  };
  const read = [...expr.matchAll(REFERENCE)].map(([, name = ""]) => name).filter((name) => rows[name] === undefined);
  for (const name of new Set([...Object.keys(answers), ...read])) add(root, name, textOfAnswer(answers[name]));
  for (const [name, texts] of Object.entries(rows)) {
    for (const text of texts) add(add(root, `rows-of-${name}`, ""), name, text);
  }
  for (const [name, { columns, rows: items }] of Object.entries(tables)) {
    const held = add(add(root, `instance-${name}`, ""), "root", "");
    for (const cells of items) {
      const item = add(held, "item", "");
      for (const [at, column] of columns.entries()) add(item, column, cells[at] ?? "");
    }
  }
  let row: Element = root;
  for (const place of [...outer.toReversed(), position]) {
    const around = row;
    for (let at = 0; at < place; at += 1) row = add(around, "own-row", "");
  }
  return { root, self: add(row, "self", textOfAnswer(self)) };
}

Object.assign(globalThis, { opinions });

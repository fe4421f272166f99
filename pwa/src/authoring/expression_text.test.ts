import { expect, test } from "vitest";
import type { Ast } from "../engine/definition.ts";
import { conditionsOf, expressionText } from "./expression_text.ts";

test.each<[Ast, string]>([
  [["=", ["ref", "open"], ["s", "yes"]], `\${open} = 'yes'`],
  [["and", ["or", ["ref", "a"], ["ref", "b"]], ["call", "not", ["ref", "c"]]], `(\${a} or \${b}) and not(\${c})`],
  [["-", ["n", 1], ["-", ["n", 2], ["n", 3]]], "1 - (2 - 3)"],
  [["-", ["-", ["n", 1], ["n", 2]], ["n", 3]], "1 - 2 - 3"],
  [["neg", ["+", ["n", 1], ["self"]]], "-(1 + .)"],
  [["call", "selected", ["self"], ["s", "it's"]], 'selected(., "it\'s")'],
  [
    ["items", "towns", [["=", ["col", "region"], ["ref", "r"]] as unknown as Ast] as unknown as Ast, "label"],
    `instance('towns')/root/item[region = \${r}]/label`,
  ],
  [["call", "position"], "position(..)"],
  [["call", "position", ["n", 1]], "position(../..)"],
  [["call", "last-saved", ["ref", "a"]], `\${last-saved#a}`],
  [["call", "jr:choice-name", ["ref", "a"], ["ref", "a"]], `jr:choice-name(\${a}, '\${a}')`],
])("an expression reads as its author wrote it: %j", (ast, text) => {
  expect(expressionText(ast)).toBe(text);
});

test("what must all hold is told one by one", () => {
  const a: Ast = ["=", ["ref", "a"], ["n", 1]];
  const b: Ast = ["or", ["ref", "b"], ["ref", "c"]];
  expect(conditionsOf(["and", ["and", a, b], a])).toEqual([a, b, a]);
  expect(conditionsOf(b)).toEqual([b]);
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { described, type Given, scopeOf, type Vector } from "../testing/vectors";
import type { Ast } from "./definition";
import { evaluate } from "./expressions";

interface Chain {
  case: string;
  operator: string;
  operands: Ast[];
  context: Given;
  expected: Vector["expected"];
}

const CHAINS = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/chains.json", import.meta.url), "utf8"),
) as Chain[];

describe("a chain means the same in pairs and flat", () => {
  for (const { case: name, operator, operands, context, expected } of CHAINS) {
    test(name, () => {
      const flat = [operator, ...operands] as unknown as Ast;
      const pairs = operands.reduce((whole, operand) => [operator, whole, operand] as unknown as Ast);
      expect(described(evaluate(flat, scopeOf(context)))).toEqual(expected);
      expect(described(evaluate(pairs, scopeOf(context)))).toEqual(expected);
    });
  }
});

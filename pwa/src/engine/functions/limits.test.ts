import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Given, scopeOf } from "../../testing/vectors";
import type { Ast } from "../definition";
import { evaluate } from "../expressions";
import { OverBudget } from "./limits";

interface Case {
  case: string;
  ast: Ast;
  context: Given;
  /** Operations; null: beyond the limits. */
  spent: number | null;
}

const CASES = JSON.parse(
  readFileSync(new URL("../../../../tests/vectors/limits.json", import.meta.url), "utf8"),
) as Case[];

describe("operations are counted as on the server", () => {
  for (const { case: name, ast, context, spent } of CASES) {
    test(name, () => {
      const scope = scopeOf(context);
      const charged: number[] = [];
      const spend = (operations: number) => {
        charged.push(operations);
        scope.spend(operations);
      };
      const counting = { ...scope, spend };
      if (spent === null) {
        expect(() => evaluate(ast, counting)).toThrow(OverBudget);
      } else {
        evaluate(ast, counting);
        expect(charged.reduce((sum, each) => sum + each, 0)).toBe(spent);
      }
    });
  }
});

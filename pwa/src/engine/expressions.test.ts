import { describe, expect, test } from "vitest";
import { described, scopeOf, vectors } from "../testing/vectors";
import { evaluate } from "./expressions";

describe("the shared vectors", () => {
  for (const { expr, ast, context, expected } of vectors(
    new URL("../../../tests/vectors/expressions.json", import.meta.url),
  )) {
    const self = context.self === undefined ? "" : ` where . is ${JSON.stringify(context.self)}`;
    test(`${expr}${self}${context.position ? ` in row ${context.position}` : ""}`, () => {
      expect(described(evaluate(ast, scopeOf(context)))).toEqual(expected);
    });
  }
});

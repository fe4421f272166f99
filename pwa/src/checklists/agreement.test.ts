import { describe, expect, test } from "vitest";
import { evaluate } from "./expressions";
import { described, scopeOf, vectors } from "./vectors";

// The Python side generates expressions and sets this variable; see tests/checklists/test_agreement.py.
const generated = process.env.STEPPE_AGREEMENT;

describe.runIf(generated !== undefined)("generated expressions", () => {
  test("give the same bytes in both languages", () => {
    const differing = vectors(generated ?? "")
      .map((vector) => ({ ...vector, got: described(evaluate(vector.ast, scopeOf(vector.context))) }))
      .filter(({ expected, got }) => JSON.stringify(got.value) !== JSON.stringify(expected.value));
    expect(differing.slice(0, 5)).toEqual([]);
  });
});

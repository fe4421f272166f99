import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Answer, Answers, Patch } from "../engine/answers";
import { type Fill, openFill } from "../engine/fill";
import { formOf, now, rows } from "../testing/forms";
import { isChangedByHand, patchFrom } from "./patch";

const nested = formOf([
  { id: "place" },
  { id: "voters", type: "integer" },
  { id: "doubled", type: "calculate", calculation: ["*", ["ref", "voters"], ["n", 2]] },
  { id: "ended", type: "metadata", metadata: "end" },
  rows("met", [{ id: "who" }, { id: "why", relevant: ["!=", ["ref", "who"], ["s", ""]] }]),
  rows("said", [{ id: "word" }], { inside: "met" }),
]);

/** What headquarters makes of a patch: `folded` of submissions/current.py, and a row is there when its list names it. */
function folded(answers: Answers, patch: Patch): Answers {
  const all = Object.entries({ ...answers, ...patch }).filter((entry): entry is [string, Answer] => entry[1] !== null);
  const lists = new Map(all);
  const isThere = (path: string) => {
    const parts = path.split("/");
    return parts.every((row, at) => at % 2 === 0 || [lists.get(parts.slice(0, at).join("/"))].flat().includes(row));
  };
  return Object.fromEntries(all.filter(([path]) => isThere(path)));
}

const step = fc.oneof(
  fc.tuple(fc.constantFrom("place", "met/1/who", "met/1/why", "met/2/who", "met/1/said/1/word"), fc.string()),
  fc.tuple(fc.constant("voters"), fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined })),
  fc.tuple(
    fc.constantFrom("add", "remove", "first"),
    fc.constantFrom("met 1", "met 2", "met/1/said 1", "met/2/said 1"),
  ),
);
const edits = fc.array(step, { minLength: 1, maxLength: 12 });

function edit(fill: Fill, steps: readonly (readonly [string, Answer | undefined])[]): Answers {
  for (const [what, value] of steps) {
    const [repeat = "", row = ""] = String(value).split(" ");
    if (what === "add") fill.addRow(repeat, row);
    else if (what === "remove") fill.removeRow(repeat, row);
    else if (what === "first") fill.moveRow(repeat, row, 0);
    else fill.set(what, value);
  }
  return fill.counted();
}

describe("a chain of corrections", () => {
  test("folds to what stood on the screen at the last one, whatever was answered, cleared, added, moved or removed", () => {
    fc.assert(
      fc.property(edits, fc.array(edits, { minLength: 1, maxLength: 4 }), (first, corrections) => {
        let shown = edit(openFill(nested, { place: "Oral" }, now), first);
        let held = folded({}, shown);
        for (const steps of corrections) {
          const after = edit(openFill(nested, shown, now), steps);
          held = folded(held, patchFrom(shown, after));
          expect(held).toEqual(after);
          shown = after;
        }
      }),
      { numRuns: 300 },
    );
  });

  test("sends of a removed row its list alone, and nothing of what stayed", () => {
    const before = { place: "Oral", met: ["1", "2"], "met/1/who": "a", "met/1/said": ["3"], "met/1/said/3/word": "b" };
    expect(patchFrom(before, { place: "Oral", met: ["2"] })).toEqual({ met: ["2"] });
    expect(patchFrom(before, { place: "Oral" })).toEqual({ met: null });
    expect(patchFrom(before, { ...before, met: ["2", "1"] })).toEqual({ met: ["2", "1"] });
    expect(patchFrom(before, before)).toEqual({});
  });
});

test("what is worked out and what the phone notes by itself is no change that somebody made", () => {
  expect(isChangedByHand(nested, { doubled: 4, ended: "2021-01-10T14:00+06:00" })).toBe(false);
  for (const patch of [{ voters: 2 }, { place: null }, { met: ["1"] }]) {
    expect(isChangedByHand(nested, { doubled: 4, ...patch })).toBe(true);
  }
});

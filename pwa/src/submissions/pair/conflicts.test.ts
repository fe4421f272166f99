import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Merged, merge, type RegisterPatch } from "../../engine/register";
import { form, text } from "../../testing/forms";
import { patchFrom } from "../patch";
import { asksPerson, type Choices, conflictsOf, resolved } from "./conflicts";
import { countedOf } from "./pairReports";

const vectors = JSON.parse(
  readFileSync(new URL("../../../../tests/vectors/register.json", import.meta.url), "utf8"),
) as { repeats: string[]; graphs: { patches: RegisterPatch[]; merged: Merged }[] };
const repeats = new Set(vectors.repeats);

/** The revision that a phone makes of these choices. */
function resolution(revision: string, merged: Merged, choices: Choices): RegisterPatch {
  const { answers, decides } = resolved(merged, choices);
  const before = merged.shown as Parameters<typeof patchFrom>[0];
  return { revision, base: merged.heads, answers: patchFrom(before, answers, decides) };
}

const contradicting = vectors.graphs.filter(({ merged }) => Object.keys(merged.conflicts).length > 0);

/** A graph with conflicts, and a choice for each. */
const decided = fc.tuple(fc.constantFrom(...contradicting), fc.infiniteStream(fc.nat())).map(([{ patches }, draw]) => {
  const merged = merge(patches, repeats);
  const choices = new Map(
    conflictsOf(merged).map(({ path, versions }) => {
      return [path, versions[draw.next().value % versions.length]?.value];
    }),
  );
  return { patches, merged, choices };
});

describe("a revision made from all heads", () => {
  test("leaves no conflict in any graph, and says what was chosen", () => {
    expect(contradicting.length).toBeGreaterThan(20);
    fc.assert(
      fc.property(decided, ({ patches, merged, choices }) => {
        const after = merge([...patches, resolution("~", merged, choices)], repeats);
        expect(after.conflicts).toEqual({});
        expect(after.heads).toEqual(["~"]);
        expect(after.answers).toEqual(after.shown);
        expect(after.answers).toEqual(resolved(merged, choices).answers);
      }),
      { numRuns: 200 },
    );
  });

  test("twice at once in the same way is clean, and in another way contradicts again just there", () => {
    fc.assert(
      fc.property(decided, ({ patches, merged, choices }) => {
        const [one, same] = ["~1", "~2"].map((name) => resolution(name, merged, choices)) as [
          RegisterPatch,
          RegisterPatch,
        ];
        expect(merge([...patches, one, same], repeats).conflicts).toEqual({});
        const [conflict] = conflictsOf(merged).filter(({ isRow, path }) => !isRow && one.answers[path] !== undefined);
        if (!conflict) return;
        const other = conflict.versions.find(({ value }) => value !== choices.get(conflict.path))?.value;
        const differing = resolution("~3", merged, new Map([...choices, [conflict.path, other]]));
        expect(Object.keys(merge([...patches, one, differing], repeats).conflicts)).toContain(conflict.path);
      }),
      { numRuns: 200 },
    );
  });
});

test("a value that several revisions say is one version, and a cleared answer is one too", () => {
  const merged = merge(
    [
      { revision: "a", base: [], answers: { who: "one" } },
      { revision: "b", base: ["a"], answers: { who: "two" } },
      { revision: "c", base: ["a"], answers: { who: null } },
      { revision: "d", base: ["a"], answers: { who: "two" } },
    ],
    new Set(),
  );
  expect(conflictsOf(merged)).toEqual([
    {
      path: "who",
      isRow: false,
      versions: [
        { value: "two", revisions: ["b", "d"] },
        { value: null, revisions: ["c"] },
      ],
    },
  ]);
  expect(resolved(merged, new Map([["who", null]]))).toEqual({ answers: {}, decides: ["who"] });
});

test("nobody is asked about what the form works out or the phone notes", () => {
  const definition = form([
    { id: "a", type: "text", label: text("A") },
    { id: "begun", type: "metadata", label: text("") },
  ]);
  const at = (path: string) => ({ path, isRow: false, versions: [] });
  const asked = ["a", "begun", "gone"].map((path) => asksPerson(definition, at(path)));
  expect(asked).toEqual([true, false, false]);
});

test("what headquarters kept aside, and what was made from that, is in no report of the pair", () => {
  const held = [
    { id: "first", base: [] },
    { id: "aside", base: ["first"] },
    { id: "upon", base: ["aside"] },
    { id: "partners", base: ["first"] },
  ];
  const own = (state: "quarantined" | "received") => [{ revision: "aside", state }];
  expect(countedOf(held, own("quarantined")).map(({ id }) => id)).toEqual(["first", "partners"]);
  expect(countedOf(held, own("received"))).toEqual(held);
});

import { readFileSync, writeFileSync } from "node:fs";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ancestry, type Merged, merge, type RegisterPatch } from "./register";

interface Vectors {
  repeats: string[];
  cases: { rule: string; patches: RegisterPatch[]; merged: Partial<Merged> }[];
  graphs: { patches: RegisterPatch[]; merged: Merged }[];
}

const vectors = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/register.json", import.meta.url), "utf8"),
) as Vectors;
const repeats = new Set(vectors.repeats);

describe("the rules of the register", () => {
  for (const { rule, patches, merged } of vectors.cases) {
    test(rule, () => {
      const found = merge(patches, repeats);
      const named = Object.keys(merged).map((name) => [name, found[name as keyof Merged]]);
      expect(Object.fromEntries(named)).toEqual(merged);
    });
  }

  test("recorded graphs come to the recorded bytes", () => {
    for (const { patches, merged } of vectors.graphs) {
      expect(canonicalize(merge(patches, repeats))).toBe(canonicalize(merged));
    }
  });

  test("neither the order of revisions nor coming twice makes a difference", () => {
    const graphs = fc.constantFrom(...vectors.graphs);
    fc.assert(
      fc.property(graphs, fc.infiniteStream(fc.nat()), ({ patches, merged }, places) => {
        const mixed = [...patches, ...patches].map((patch) => [places.next().value, patch] as const);
        const shuffled = mixed.sort(([one], [other]) => one - other).map(([, patch]) => patch);
        expect(canonicalize(merge(shuffled, repeats))).toBe(canonicalize(merged));
      }),
    );
  });
});

test("the ancestry of a revision is what it was made from and itself", () => {
  const patches = ["d<bc", "a<", "b<a", "c<a"].map((line) => {
    const [revision, base] = line.split("<") as [string, string];
    return { revision, base: [...base], answers: {} };
  });
  const names = (of: string[]) => ancestry(patches, of).map(({ revision }) => revision);
  expect(names(["b"]).sort()).toEqual(["a", "b"]);
  expect(names(["d"]).sort()).toEqual(["a", "b", "c", "d"]);
});

// The server's side generates graphs and sets this variable; see tests/bench/merges.py.
const generated = process.env.STEPPE_GENERATED_GRAPHS;

test.runIf(generated !== undefined)(
  "generated graphs are merged for the server's side to compare",
  () => {
    const lines = readFileSync(generated ?? "", "utf8")
      .trimEnd()
      .split("\n");
    const merged = lines.map((line) => canonicalize(merge(JSON.parse(line) as RegisterPatch[], repeats)));
    writeFileSync(`${generated}.merged`, `${merged.join("\n")}\n`);
  },
  600_000,
);

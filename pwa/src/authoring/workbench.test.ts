import { expect, test } from "vitest";
import { type ChecklistCheck, DeskProblem } from "../desk/api.ts";
import { hex, sha256 } from "../wire/bytes.ts";
import { Workbench } from "./workbench.svelte.ts";

const clean: ChecklistCheck = {
  publishing: "new",
  problems: [],
  missing: [],
  warnings: [],
  definition: {},
  files: [],
  comparison: null,
};
const form = (name: string) => new File([name], name);
const refuse = () => Promise.reject(new Error("not asked for"));

test("a check that was overtaken by another choice is dropped", async () => {
  const answers: ((check: ChecklistCheck) => void)[] = [];
  const bench = new Workbench(() => new Promise((resolve) => answers.push(resolve)), refuse);
  const first = bench.choose([form("one.md")]);
  const second = bench.choose([form("two.md")]);
  answers[1]?.({ ...clean, publishing: "same" });
  await second;
  answers[0]?.(clean);
  await first;
  expect(bench.check?.publishing).toBe("same");
  expect(bench.files.map(({ name }) => name)).toEqual(["two.md"]);
  expect(bench.doing).toBeUndefined();
});

test("choosing nothing, as when the window is closed, changes nothing", async () => {
  const bench = new Workbench(async () => clean, refuse);
  await bench.choose([form("one.md")]);
  await bench.choose([]);
  expect(bench.check).toEqual(clean);
});

test("pictures chosen beside the form are at hand by their hash, those inside a zip are known to be missing", async () => {
  const picture = form("door.png");
  const hash = hex(await sha256(new Uint8Array(await picture.arrayBuffer())));
  const files = [{ name: "door.png", role: "media" as const, type: "image/png", size: 8, sha256: hash }];
  const bench = new Workbench(async () => ({ ...clean, files }), refuse);
  await bench.choose([form("one.md"), picture]);
  expect(Object.keys(bench.media)).toEqual([hash]);
  expect(bench.lacksMedia).toBe(false);
  await bench.choose([form("all.zip")]);
  expect(bench.lacksMedia).toBe(true);
});

test("a refusal is told with the server's own words, and what was chosen stays", async () => {
  const bench = new Workbench(() => Promise.reject(new DeskProblem("bad-upload", "there is no form in it")), refuse);
  await bench.choose([form("door.png")]);
  expect(bench.problem).toContain("there is no form in it");
  expect(bench.files).toHaveLength(1);
  expect(bench.check).toBeUndefined();
});

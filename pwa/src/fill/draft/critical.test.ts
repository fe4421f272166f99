import { expect, test } from "vitest";
import type { Definition, Question } from "../../engine/definition.ts";
import { openFill } from "../../engine/fill.ts";
import { contextAt } from "../../engine/functions/dates.ts";
import type { ChecklistEntry } from "../../missions/checklists.ts";
import type { Draft } from "../../submissions/draft.ts";
import { beginFlash, commentsFor, flashForm, isCritical } from "./critical.ts";
import type { FillField } from "./session.ts";

const texts = (en: string) => ({ en });
const question = (id: string, more: Partial<Question> = {}): Question => ({
  id,
  type: "text",
  label: texts(id),
  ...more,
});
const form = (sections: Question[][], kind = "polling_station"): Definition => ({
  format: 1,
  id: kind,
  version: "1",
  title: texts(kind),
  short: texts(kind),
  languages: ["en"],
  default_language: "en",
  kind,
  sections: sections.map((nodes, at) => ({ id: `s${at}`, title: texts(`s${at}`), nodes })),
  choices: { yn: [{ name: "no", label: texts("No") }] },
  order: [],
  dependants: {},
});

test("a comment is looked for in the section, then after it, then before it", () => {
  const definition = form([
    [question("early_comment")],
    [question("sealed_box"), question("box_comment")],
    [question("end_comment"), question("town")],
  ]);
  expect(commentsFor(definition, "sealed_box")).toEqual(["box_comment", "end_comment", "early_comment"]);
  expect(commentsFor(definition, "end_comment")).not.toContain("end_comment");
});

test("a form that calls nothing a comment takes its last long text, one without has no place for words", () => {
  const long = { appearance: ["multiline"] };
  expect(commentsFor(form([[question("a"), question("facts", long), question("more", long)]]), "a")).toEqual(["more"]);
  expect(commentsFor(form([[question("a"), question("town")]]), "a")).toEqual([]);
});

test("any answer of severity 3 is critical, also a failed soft check, and no lesser one", () => {
  const soft = question("n", { type: "integer", soft: ["<", ["self"], ["n", 9]], negative: { fail: 3 } });
  const seal = question("seal", { type: "select_one", list: "yn", negative: { no: 3 } });
  const queue = question("queue", { type: "select_one", list: "yn", negative: { no: 2 } });
  const fill = openFill(form([[soft, seal, queue]]), { n: 10, seal: "no", queue: "no" }, contextAt(0, "UTC"));
  const critical = fill.sections()[0]?.nodes.filter(isCritical) ?? [];
  expect(critical.map(({ path }) => path)).toEqual(["n", "seal"]);
});

const entry = (kind: string, status: ChecklistEntry["status"]): ChecklistEntry => ({
  id: `${kind}-${status}`,
  form: kind,
  version: "1",
  kind,
  title: texts(kind),
  short: texts(kind),
  status,
});

const begunDrafts = (begun: Draft[]) => ({
  carried: async () => ({}),
  start: async (_: string, draft: object) => begun.push({ submission: "new", ...draft } as Draft),
});

test("a flash report is begun on the open flash form, about the place of the report it comes from", async () => {
  const place = question("district", { location: "district" });
  const flash = form([[place, question("level", { default: ["s", "region"] }), question("facts")]], "flash");
  const saved: Draft[] = [];
  const field = { checklists: { definition: async () => flash }, drafts: begunDrafts(saved) } as unknown as FillField;
  const entries = [entry("meeting", "open"), entry("flash", "open"), entry("flash", "retired")];
  const found = flashForm(entries);
  if (!found) throw new Error("no flash form");
  const answers = { district: "ZAP-01", facts: "of the other form" };
  await beginFlash({ field, identity: null }, found, { definition: form([]), answers }, contextAt(0, "UTC"));
  expect(saved[0]?.answers).toEqual({ district: "ZAP-01", level: "region" });
  expect(flashForm([entry("flash", "closing")])).toBeUndefined();
});

test.each([
  ["region", "region"],
  ["exact", "locality"],
])("a place told no finer than %s is told no finer by the flash report begun there", async (chosen, expected) => {
  const levels = ["exact", "locality", "district", "region"].map((name) => ({ name, label: texts(name) }));
  const where = question("where", { type: "select_one", list: "levels", default: ["s", "locality"] });
  const bounded = (kind: string): Definition => ({
    ...form([[where]], kind),
    precision: "where",
    choices: { levels },
  });
  const saved: Draft[] = [];
  const field = {
    checklists: { definition: async () => bounded("flash") },
    drafts: begunDrafts(saved),
  } as unknown as FillField;
  const entry = { id: "flash", kind: "flash", status: "open" } as ChecklistEntry;
  const from = { definition: bounded("meeting"), answers: { where: chosen } };
  await beginFlash({ field, identity: null }, entry, from, contextAt(0, "UTC"));
  expect(saved[0]?.answers).toEqual({ where: expected });
});

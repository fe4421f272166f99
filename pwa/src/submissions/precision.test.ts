import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { Answer, Answers, Ast, Definition, Precision, Question } from "../engine/definition";
import { openFill } from "../engine/fill";
import type { Places } from "../missions/places";
import { form, now, text } from "../testing/forms";
import { checklistId, enrolledPhone, type Phone } from "../testing/phone";
import { TestServer } from "../testing/server";
import { chosenPrecision, coarsened } from "./precision";

const ref = (id: string): Ast => ["ref", id];
const concat = (...ids: string[]): Ast => ["call", "concat", ...ids.map(ref)];
const levels: readonly Precision[] = ["exact", "locality", "district", "region"];

/** Every way a question may come to tell a place. The token of each place says how fine it is. */
const asked: Partial<Question>[] = [
  { id: "where", type: "select_one", list: "levels", default: ["s", "locality"] },
  { id: "station", location: "station" },
  { id: "district", location: "district" },
  { id: "region", location: "region" },
  { id: "locality", precision: "locality" },
  { id: "point", type: "geopoint" },
  { id: "shape", type: "geoshape" },
  { id: "said", type: "calculate", calculation: concat("station", "district", "locality", "point", "r_place") },
  { id: "once", type: "calculate", calculation: ["call", "once", concat("locality")] },
  { id: "twice", type: "calculate", calculation: concat("said", "once") },
  { id: "triggered", trigger: ["locality"], calculation: concat("locality", "said") },
  { id: "last", type: "hidden", default: ["call", "last-saved", ref("locality")] },
  { id: "lastly", type: "calculate", calculation: ["call", "last-saved", ref("locality")] },
  { id: "town", type: "select_one", list: "towns", filter: ["=", ["col", "district"], ref("district")] },
  { id: "like", type: "select_one", rows: "r_place" },
  { id: "kept", negative: { x: 2 } },
];
const rows: Partial<Question>[] = [
  { id: "r_station", location: "station" },
  { id: "r_place", precision: "locality", default: concat("locality") },
  { id: "r_copy", default: concat("r_place") },
];
const base = form(asked, rows, ["said", "once", "twice", "lastly"]);
const definition: Definition = {
  ...base,
  precision: "where",
  choices: {
    ...base.choices,
    levels: levels.map((name) => ({ name, label: text(name) })),
    towns: ["T1exact", "T2exact"].map((name) => ({ name, label: text(name), columns: { district: "D1district" } })),
  },
};
const places: Places = {
  version: "1",
  regions: [{ code: "R1region", name: {} }],
  districts: [
    { code: "D1district", region: "R1region", name: {} },
    { code: "D2district", region: "R1region", name: {} },
  ],
  stations: { columns: ["number", "region", "district"], rows: [["S1exact", "R1region", "D2district"]] },
};

/** What may stand in a report at this level: the tokens of finer places may not. */
const forbidden = (level: Precision) => {
  const tokens = { exact: ["exact", "51.23", "71.45"], locality: ["locality"], district: ["district"], region: [] };
  return levels.slice(0, levels.indexOf(level)).flatMap((finer) => tokens[finer]);
};

const change = fc.oneof(
  fc.tuple(fc.constantFrom("station", "r/1/r_station"), fc.constantFrom("S1exact", "S2exact", null)),
  fc.tuple(fc.constant("district"), fc.constantFrom("D1district", "D2district", null)),
  fc.tuple(fc.constant("region"), fc.constantFrom("R1region", null)),
  fc.tuple(fc.constantFrom("locality", "r/1/r_place", "r/1/r_copy", "triggered"), fc.constantFrom("a locality", null)),
  fc.tuple(fc.constant("point"), fc.constantFrom("51.23 71.45 0 5", null)),
  fc.tuple(fc.constant("shape"), fc.constantFrom("51.23 71.45 0 0; 51.23 71.46 0 0; 51.23 71.45 0 0", null)),
  fc.tuple(fc.constant("town"), fc.constantFrom("T1exact", null)),
  fc.tuple(fc.constant("like"), fc.constantFrom("a locality", null)),
  fc.tuple(fc.constant("kept"), fc.constantFrom("x", "y", null)),
  fc.tuple(fc.constantFrom("add", "remove"), fc.constant("1")),
);

function drafted(changes: readonly (readonly [string, Answer | null])[], level: Precision) {
  const fill = openFill(definition, {}, now, { lastSaved: { locality: "an old locality" } });
  for (const [path, value] of changes) {
    if (path === "add") fill.addRow("r", String(value));
    else if (path === "remove") fill.removeRow("r", String(value));
    else fill.set(path, value);
  }
  fill.set("where", level);
  return { drafted: fill.answers(), answers: fill.counted() };
}

const within = (given: { drafted: Answers; answers: Answers }) =>
  coarsened(definition, given, now, places, { locality: "an old locality" });

describe("whatever is answered", () => {
  test("no place finer than was chosen is left anywhere in the report", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.constantFrom(...levels), (changes, level) => {
        const written = JSON.stringify(within(drafted(changes, level)).answers);
        for (const token of forbidden(level)) expect(written.replaceAll(`"${token}"`, "")).not.toContain(token);
      }),
      { numRuns: 500 },
    );
  });

  test("the report is what the form makes of the answers that stay: headquarters comes to the same", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.constantFrom(...levels), (changes, level) => {
        const { answers } = within(drafted(changes, level));
        if (Object.keys(answers).length === 0) return;
        const { lastly, ...again } = openFill(definition, answers, now).counted();
        // What the phone alone can know of its last report, headquarters takes as it comes.
        expect({ ...again, ...(answers.lastly ? { lastly: answers.lastly } : {}) }).toEqual(answers);
      }),
    );
  });

  test("what tells no place stays as it was answered", () => {
    const given = drafted([["kept", "x"]], "region");
    expect(within(given).answers.kept).toBe("x");
  });
});

test("district and region of the station take its place, also where others were answered", () => {
  const contradicting = [
    ["station", "S1exact"],
    ["district", "D1district"],
  ] as const;
  expect(within(drafted(contradicting, "district"))).toMatchObject({
    answers: { district: "D2district", region: "R1region" },
    leftOut: expect.arrayContaining(["station"]),
  });
  expect(within(drafted(contradicting, "region")).answers).toMatchObject({ region: "R1region" });
});

test("a form that asks for no level, or leaves nothing out, is sent as it was answered", () => {
  const given = { drafted: { station: "S1exact" }, answers: { station: "S1exact" } };
  const { precision: _, ...plain } = definition;
  expect(coarsened(plain, given, now, places).answers).toBe(given.answers);
  const exact = { drafted: { where: "exact" }, answers: { where: "exact", station: "S1exact" } };
  expect(within(exact).answers).toBe(exact.answers);
});

test("a level taken back is the form's usual one, and one chosen earlier holds where its question has gone", () => {
  expect(chosenPrecision(definition, {})).toBe("locality");
  expect(chosenPrecision(definition, { where: "region" })).toBe("region");
});

test("forms from before the column keep to the level they ask for, and a visit keeps its station with their usual one", () => {
  const question = { ...asked[0], id: "location_precision" };
  const old = {
    ...form([question, { id: "station", location: "station" }, { id: "locality" }, { id: "point", type: "geopoint" }]),
    choices: definition.choices,
  };
  const visit = { station: "S1exact", locality: "Kosshy", point: "51.23 71.45 0 5" };
  const left = (level: string) =>
    Object.keys(
      coarsened(
        old,
        { drafted: { location_precision: level }, answers: { location_precision: level, ...visit } },
        now,
        places,
      ).answers,
    );
  expect(left("locality")).toEqual(["location_precision", "station", "locality"]);
  expect(left("region")).toEqual(["location_precision"]);
});

describe("a finished report", () => {
  let phone: Phone;
  let server: TestServer;

  beforeEach(async () => {
    server = await TestServer.start();
    phone = await enrolledPhone(server);
    await phone.vault.put("definitions", checklistId, definition);
    await phone.vault.put("places", "list", places);
  });

  test("is signed, and kept readable, without the finer places", async () => {
    const given = drafted(
      [
        ["station", "S1exact"],
        ["locality", "a locality"],
        ["kept", "x"],
      ],
      "region",
    );
    const draft = await phone.drafts.start(checklistId);
    const saved = await phone.drafts.save({ ...draft, answers: given.drafted });
    const { revision, place } = await phone.outbox.finish(saved, given.answers, { kind: "station", code: "S1exact" });
    await phone.push();
    const [sent] = [...server.stored.values()];
    expect(sent?.revision.patch).toMatchObject({ kept: "x", region: "R1region" });
    expect(place).toEqual({ kind: "region", code: "R1region" });
    const everything = JSON.stringify([
      sent?.revision,
      await phone.outbox.answers(revision),
      await phone.vault.all("ledger"),
    ]);
    for (const token of ["S1exact", "a locality", "D2district"]) expect(everything).not.toContain(token);
  });
});

import { expect, test } from "vitest";
import type { Definition, Question } from "../engine/definition.ts";
import { contextAt } from "../engine/functions/dates.ts";
import type { Places } from "../missions/places.ts";
import type { Draft, DraftStart } from "../submissions/draft.ts";
import { beginAt } from "./beginAt.ts";

const texts = (en: string) => ({ en });
const located = (id: string, location: Question["location"]) => ({ id, type: "text", label: texts(id), location });
const form = (...nodes: object[]) =>
  ({
    format: 1,
    id: "form",
    version: "1",
    title: texts("Form"),
    short: texts("Form"),
    languages: ["en"],
    default_language: "en",
    kind: "meeting",
    sections: [{ id: "s", title: texts("S"), nodes }],
    choices: {},
    order: [],
    dependants: {},
  }) as unknown as Definition;
const places: Places = {
  version: "1",
  regions: [{ code: "KZ-ZAP", name: texts("West Kazakhstan") }],
  districts: [{ code: "ZAP-01", region: "KZ-ZAP", name: texts("Oral city") }],
  stations: { columns: ["number", "region", "district", "name_en"], rows: [["4071", "KZ-ZAP", "ZAP-01", "School"]] },
};

async function begunOn(definition: Definition, begun = {}): Promise<unknown> {
  const asked: unknown[] = [];
  const field = {
    checklists: { definition: async () => definition },
    drafts: {
      carried: async () => ({ note: "of the last one" }),
      start: async (checklist: string, { answers, ...rest }: DraftStart) => {
        asked.push([checklist, rest]);
        return { answers } as Draft;
      },
    },
  };
  const identity = { device: { id: "a-device" }, team: { code: "LTO05" } };
  const session = { field, identity } as unknown as Parameters<typeof beginAt>[0];
  const whereabouts = { place: { kind: "station", code: "4071" } as const, places };
  const { answers } = await beginAt(session, "form-id", whereabouts, begun, contextAt(0, "UTC"));
  expect(asked).toEqual([["form-id", begun]]);
  return answers;
}

test("a report begun at a station answers with it and with what it lies in, each where it is asked first", async () => {
  const all = form(located("region", "region"), located("ps", "station"), located("area", "district"), {
    ...located("other", "station"),
  });
  expect(await begunOn(all)).toEqual({ region: "KZ-ZAP", ps: "4071", area: "ZAP-01" });
  expect(await begunOn(form(located("area", "district")), { short: true })).toEqual({ area: "ZAP-01" });
  expect(await begunOn(form({ id: "note", type: "text", label: texts("Note") }))).toEqual({});
});

test("it begins with what the phone fills in by itself too", async () => {
  const made = { id: "made_by", type: "metadata", metadata: "deviceid", label: texts("") };
  const note = { id: "note", type: "text", label: texts("Note"), default: ["call", "last-saved", ["q", "note"]] };
  expect(await begunOn(form(made, note, located("ps", "station")))).toEqual({
    made_by: "a-device",
    note: "of the last one",
    ps: "4071",
  });
});

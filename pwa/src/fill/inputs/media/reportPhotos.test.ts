import { describe, expect, test } from "vitest";
import type { Answers } from "../../../engine/answers";
import type { Definition } from "../../../engine/definition";
import type { Draft } from "../../../submissions/draft";
import { form } from "../../../testing/forms";
import { Filling } from "../../draft/filling.svelte";
import { mostPhotos } from "../../draft/rows";
import type { FillSession } from "../../draft/session";
import { addFurther, listedPhotos, takesFurther } from "./reportPhotos";

const photo = (id: string, more: object = {}) => ({ id, type: "photo" as const, label: { en: id }, ...more });
const further = {
  repeat: true as const,
  id: "photos",
  label: { en: "Further photo" },
  questions: [photo("photos_photo"), { id: "photos_caption", type: "text" as const, label: { en: "What it shows" } }],
};
const single = form([photo("protocol")]);
const counting: Definition = {
  ...single,
  sections: [
    { id: "count", title: { en: "Count" }, nodes: [photo("protocol"), photo("witness", { sealed: true })] },
    { id: "end", title: { en: "End" }, nodes: [further] },
  ],
};

function filled(answers: Answers, asked: Definition = counting, readOnly = false): Filling {
  const field = { drafts: { save: async (draft: Draft) => draft }, readOnly };
  const session = { field, zone: "UTC", vault: "open", settings: {}, loadDrafts: async () => {} };
  const draft = { submission: "s", checklist: "v", form: "f", answers, at: { section: "count" }, savedAt: "" };
  return new Filling(session as unknown as FillSession, draft as unknown as Draft, asked);
}

const listed = (filling: Filling) =>
  listedPhotos(filling.sections, filling.shows, (texts, path) => filling.text(texts, path));

describe("the photos of a report", () => {
  test("are listed in the checklist's order, those in rows with what is written beside them", () => {
    const filling = filled({
      photos: ["r1", "r2"],
      "photos/r1/photos_photo": "b2",
      "photos/r1/photos_caption": "protocol, page 2",
      "photos/r2/photos_caption": "still to be taken",
      protocol: "a1",
    });
    expect(listed(filling)).toEqual([
      { path: "protocol", section: 0, sha256: "a1", label: "protocol", caption: "", isSealed: false },
      {
        path: "photos/r1/photos_photo",
        section: 1,
        sha256: "b2",
        label: "Further photo, 1: photos_photo",
        caption: "protocol, page 2",
        isSealed: false,
      },
    ]);
  });

  test("that are sealed are counted and never shown in a list", () => {
    expect(listed(filled({ witness: "c3" }))).toMatchObject([{ sha256: "c3", isSealed: true, caption: "" }]);
  });
});

describe("a further photo of a question", () => {
  test("gets a row of its own with the caption begun, and that is where to go", () => {
    const filling = filled({ protocol: "a1" });
    expect(takesFurther(filling, "protocol")).toBe(true);
    const spot = addFurther(filling, "protocol");
    const { photos, ...rest } = filling.answers();
    const [row] = photos as string[];
    expect(spot).toEqual({ section: 1, path: `photos/${row}/photos_photo` });
    expect(rest).toEqual({ protocol: "a1", [`photos/${row}/photos_caption`]: "protocol" });
    addFurther(filling, "protocol");
    expect(filling.answers().photos).toHaveLength(2);
  });

  test("has no place where the list is full, missing or read only, nor in a row of it", () => {
    const rows = Array.from({ length: mostPhotos }, (_, at) => `r${at}`);
    const full = filled({ protocol: "a1", photos: rows });
    expect(takesFurther(full, "protocol")).toBe(false);
    expect(addFurther(full, "protocol")).toBeUndefined();
    expect(full.answers().photos).toEqual(rows);
    expect(takesFurther(filled({ protocol: "a1" }, single), "protocol")).toBe(false);
    expect(takesFurther(filled({ protocol: "a1" }, counting, true), "protocol")).toBe(false);
    expect(takesFurther(filled({ photos: ["r1"] }), "photos/r1/photos_photo")).toBe(false);
  });
});

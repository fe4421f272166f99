import { expect, test } from "vitest";
import type { Answers, Definition } from "../../engine/definition.ts";
import { openFill } from "../../engine/fill.ts";
import { contextAt } from "../../engine/functions/dates.ts";
import { isOfPhotos, rowLine } from "./rows.ts";
import { showsAll } from "./visible.ts";

const texts = (en: string) => ({ en });
const definition: Definition = {
  format: 1,
  id: "f",
  version: "1",
  title: texts("F"),
  short: texts("F"),
  languages: ["en"],
  default_language: "en",
  kind: "other",
  sections: [
    {
      id: "s",
      title: texts("S"),
      nodes: [
        {
          repeat: true,
          id: "t",
          label: texts("Theme"),
          questions: [
            { id: "theme", type: "select_one", list: "themes", label: texts("Theme") },
            { id: "source", type: "text", label: texts("Source"), sealed: true },
            { id: "n", type: "integer", label: texts("Number"), constraint: [">", ["self"], ["n", 0]] },
            { id: "words", type: "text", label: texts("Words") },
            { id: "shot", type: "photo", label: texts("Photo") },
          ],
        },
        {
          repeat: true,
          id: "inner",
          inside: "t",
          after: "words",
          label: texts("Inner"),
          questions: [{ id: "deep", type: "text", label: texts("Deep") }],
        },
      ],
    },
  ],
  choices: { themes: [{ name: "media", label: texts("Media") }] },
  order: [],
  dependants: {},
};

function line(answers: Answers) {
  const fill = openFill(definition, { t: ["r"], ...answers }, contextAt(0, "UTC"));
  const node = fill.sections()[0]?.nodes[0];
  const row = node && "repeat" in node ? node.rows[0] : undefined;
  if (!row) throw new Error("no row");
  return rowLine(row, showsAll, definition, undefined, "en");
}

test("a closed row tells its first answers in words, and never a sealed one", () => {
  expect(line({ "t/r/theme": "media", "t/r/source": "marker", "t/r/words": "quiet\nday" }).summary).toBe(
    "Media · quiet day",
  );
  expect(line({}).summary).toBe("");
});

test("a closed row that holds only a photo, or only what no list may show, is not told to be empty", () => {
  expect(line({ "t/r/shot": "ab".repeat(32) }).summary).toBe("Photos and files: 1");
  expect(line({ "t/r/source": "marker" }).summary).toBe("Answered; not shown in this list");
  expect(line({ "t/r/words": "page 2", "t/r/shot": "ab".repeat(32) }).summary).toBe("page 2 · Photos and files: 1");
});

test("rows of photos are told from rows that also ask something else", () => {
  const nodes = definition.sections[0]?.nodes ?? [];
  const [mixed] = nodes;
  if (!mixed || !("repeat" in mixed)) throw new Error("no repeat");
  const only = (...kinds: string[]) => ({
    ...mixed,
    questions: mixed.questions.filter(({ id }) => kinds.includes(id)),
  });
  expect(isOfPhotos(only("shot", "words"))).toBe(true);
  expect(isOfPhotos(only("words"))).toBe(false);
  expect(isOfPhotos(mixed)).toBe(false);
});

test("a long answer is cut between characters", () => {
  const { summary } = line({ "t/r/words": "🗳".repeat(200) });
  expect([...summary]).toHaveLength(81);
  expect(summary.endsWith("🗳…")).toBe(true);
});

test("what has to be corrected inside is counted, nested rows included", () => {
  expect(line({ "t/r/n": -1, "t/r/inner": ["i"] })).toMatchObject({ problems: 1, unanswered: 5 });
});

import { expect, test } from "vitest";
import type { Definition } from "../engine/definition.ts";
import { form, text } from "../testing/forms.ts";
import { insightOf, rowNumbers } from "./insight.ts";

const row = "01934f6e-7c00-7000-8000-000000000001";
const definition: Definition = {
  ...form([]),
  id: "visit",
  title: text("Visit"),
  kind: "meeting",
  sections: [
    {
      id: "start",
      title: text("Start"),
      nodes: [
        { id: "more", type: "select_one", list: "yn", label: text("More?"), negative: { yes: 2 } },
        { id: "women", type: "integer", label: text("Women") },
        {
          id: "twice",
          type: "calculate",
          label: text("Twice"),
          calculation: ["*", ["ref", "women"], ["n", 2]],
        },
        { id: "why", type: "text", label: text("Why?"), relevant: ["=", ["ref", "more"], ["s", "no"]] },
      ],
    },
    {
      id: "details",
      title: text("Details"),
      relevant: ["and", ["=", ["ref", "more"], ["s", "no"]], [">", ["ref", "women"], ["n", 1]]],
      nodes: [{ id: "d", type: "text", label: text("D") }],
    },
  ],
  choices: {
    yn: [
      { name: "yes", label: text("Yes") },
      { name: "no", label: text("No") },
    ],
  },
  order: ["twice", "why", "details"],
  dependants: { more: ["why", "details"], women: ["twice", "details"] },
};
const context = { now: 0, zone: "UTC", offset: 0 };

test("an author sees what was calculated, and from what", () => {
  const { calculated } = insightOf(definition, { women: 4 }, context, "en");
  expect(calculated).toEqual([
    { path: "twice", name: "twice", label: "Twice", section: 0, value: "8", expression: `\${women} * 2` },
  ]);
});

test("a hidden section is told once, each of its conditions with the answers it read", () => {
  const { hidden } = insightOf(definition, { more: "yes", women: 4 }, context, "en");
  expect(hidden.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["question why", "section details"]);
  expect(hidden[1]?.conditions).toEqual([
    { text: `\${more} = 'no'`, holds: false, reads: [{ name: "more", value: "Yes" }] },
    { text: `\${women} > 1`, holds: true, reads: [{ name: "women", value: "4" }] },
  ]);
});

test("a row inside a row is told by both numbers, with what its own rows answered", () => {
  const nested: Definition = {
    ...definition,
    sections: [
      {
        id: "staff",
        title: text("Staff"),
        nodes: [
          {
            repeat: true,
            id: "officer",
            label: text("Officer"),
            questions: [{ id: "busy", type: "select_one", list: "yn", label: text("Busy?") }],
          },
          {
            repeat: true,
            id: "task",
            inside: "officer",
            label: text("Task"),
            questions: [
              {
                id: "note",
                type: "text",
                label: text("Note"),
                relevant: ["=", ["ref", "busy"], ["s", "yes"]],
              },
            ],
          },
        ],
      },
    ],
    order: ["note"],
    dependants: { busy: ["note"] },
  };
  const answers = {
    officer: ["a", "b"],
    "officer/a/busy": "yes",
    "officer/a/task": ["c"],
    "officer/b/busy": "no",
    "officer/b/task": ["d", "e"],
  };
  const { hidden } = insightOf(nested, answers, context, "en");
  expect(hidden.map(({ name }) => name)).toEqual(["officer[2]/task[1]/note", "officer[2]/task[2]/note"]);
  expect(hidden[0]?.conditions[0]).toEqual({
    text: `\${busy} = 'yes'`,
    holds: false,
    reads: [{ name: "busy", value: "No" }],
  });
});

test("raised flags are told as on the phone's last page", () => {
  const { review } = insightOf(definition, { more: "yes" }, context, "en");
  expect(review.flags.map(({ path, severity }) => [path, severity])).toEqual([["more", 2]]);
});

test("rows are told by their number", () => {
  expect(rowNumbers(`officer/${row}/name`, { officer: ["other", row] })).toBe("officer[2]/name");
  const inner = { officer: [row], [`officer/${row}/child`]: ["a", "b"] };
  expect(rowNumbers(`officer/${row}/child/b/age`, inner)).toBe("officer[1]/child[2]/age");
});

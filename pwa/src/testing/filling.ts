/** A draft open on the screen, over storage that keeps what is saved, removed and finished. */
import type { Answers } from "../engine/answers";
import type { Definition } from "../engine/definition";
import { Filling } from "../fill/draft/filling.svelte";
import type { FillField, FillSession } from "../fill/draft/session";
import type { Draft } from "../submissions/draft";
import { form, text } from "./forms";

export const morning = new Date("2021-01-10T04:00:00Z");

/** A meeting in three sections, the second opened by an answer. */
export const visitForm: Definition = {
  ...form([]),
  id: "visit",
  title: text("Visit"),
  short: text("Visit"),
  kind: "meeting",
  sections: [
    {
      id: "start",
      title: text("Start"),
      nodes: [
        {
          id: "began",
          type: "datetime",
          label: text("Began"),
          required: ["b", true],
          constraint: ["<=", ["self"], ["call", "now"]],
        },
        { id: "more", type: "select_one", list: "yn", label: text("More?") },
      ],
    },
    {
      id: "details",
      title: text("Details"),
      relevant: ["=", ["ref", "more"], ["s", "yes"]],
      nodes: [{ id: "d", type: "text", label: text("D") }],
    },
    { id: "end", title: text("End"), nodes: [{ id: "comment", type: "text", label: text("Comment") }] },
  ],
  choices: {
    yn: [
      { name: "yes", label: text("Yes") },
      { name: "no", label: text("No") },
    ],
  },
  order: ["details"],
  dependants: { more: ["details"] },
};

/** Opens a draft of a form, begun in the `morning`. */
export function beginFilling(asked: Definition, answers: Answers = {}, facts: Partial<Draft> = {}) {
  const saved: Draft[] = [];
  const removed: string[] = [];
  const finished: Answers[] = [];
  const drafts = {
    save: async (draft: Draft) => {
      saved.push(draft);
      return { ...draft, savedAt: new Date().toISOString() };
    },
    remove: async (submission: string) => void removed.push(submission),
    get: async () => saved.at(-1) ?? draft,
    carried: async () => ({}),
  };
  const checklists = { definition: async () => asked };
  const outbox = {
    finish: async (_: Draft, clean: Answers) => {
      finished.push(clean);
      return { code: "LTO05-A001" };
    },
  };
  const captures = { waiting: async () => [] };
  const field = { drafts, checklists, outbox, captures, readOnly: false } as unknown as FillField;
  const session = {
    field,
    zone: "Asia/Almaty",
    vault: "open",
    settings: {},
    loadDrafts: async () => {},
  } as unknown as FillSession;
  const draft: Draft = {
    submission: "01934f6e-7c00-7000-8000-000000000001",
    checklist: "v1",
    form: "visit",
    title: text("Visit"),
    answers,
    at: { section: "start" },
    startedAt: morning.toISOString(),
    savedAt: morning.toISOString(),
    ...facts,
  };
  return { filling: new Filling(session, draft, asked), session, field, saved, removed, finished };
}

/** A draft open on the screen, over storage that keeps what is saved, removed and finished. */
import type { Answers } from "../engine/answers";
import type { Definition } from "../engine/definition";
import { Filling } from "../fill/draft/filling.svelte";
import type { FillField, FillSession } from "../fill/draft/session";
import type { Draft } from "../submissions/draft";

export const texts = (en: string) => ({ en });
export const morning = new Date("2021-01-10T04:00:00Z");

/** A meeting in three sections, the second opened by an answer. */
export const visitForm: Definition = {
  format: 1,
  id: "visit",
  version: "1",
  title: texts("Visit"),
  short: texts("Visit"),
  languages: ["en"],
  default_language: "en",
  kind: "meeting",
  sections: [
    {
      id: "start",
      title: texts("Start"),
      nodes: [
        {
          id: "began",
          type: "datetime",
          label: texts("Began"),
          required: ["b", true],
          constraint: ["<=", ["self"], ["call", "now"]],
        },
        { id: "more", type: "select_one", list: "yn", label: texts("More?") },
      ],
    },
    {
      id: "details",
      title: texts("Details"),
      relevant: ["=", ["ref", "more"], ["s", "yes"]],
      nodes: [{ id: "d", type: "text", label: texts("D") }],
    },
    { id: "end", title: texts("End"), nodes: [{ id: "comment", type: "text", label: texts("Comment") }] },
  ],
  choices: {
    yn: [
      { name: "yes", label: texts("Yes") },
      { name: "no", label: texts("No") },
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
    title: texts("Visit"),
    answers,
    at: { section: "start" },
    startedAt: morning.toISOString(),
    savedAt: morning.toISOString(),
    ...facts,
  };
  return { filling: new Filling(session, draft, asked), session, field, saved, removed, finished };
}

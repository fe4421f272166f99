/**
 * The field app's storage without a phone behind it: everything lives in memory and goes with the page. The screens
 * cannot tell the difference, so an author sees and fills exactly what an observer will.
 */

import type { Field } from "../app/field";
import type { WaitingCapture } from "../attachments/captures";
import type { Showing } from "../authoring/talk";
import type { Answers } from "../engine/answers";
import type { Identity } from "../people/identity";
import type { Draft } from "../submissions/draft";
import { newDraft } from "../submissions/draft";
import type { OutboxItem } from "../submissions/outbox";
import type { Settings } from "../ui/settings";
import { hex, sha256 } from "../wire/bytes";
import { uuid7 } from "../wire/ids";
import { FieldProblem } from "../wire/problem";

/** The one version a preview holds. */
export const previewed = "preview";

export interface Heard {
  /** Something was answered. */
  onanswers(answers: Answers): void;
  /** Finish was tapped, and nothing blocks. */
  onfinish(answers: Answers): void;
}

const lend = (file: Blob | undefined) => file && URL.createObjectURL(file);

/** A file of a published checklist; undefined when the server has none of this name. */
async function published(sha256: string): Promise<Blob | undefined> {
  const answer = await fetch(`/api/v1/checklists/files/${sha256}`);
  return answer.ok ? answer.blob() : undefined;
}

/** A field with one checklist and one empty draft; nothing answered reaches disk or network. */
export function fieldInMemory({ definition, mission, places, files, look }: Showing, heard: Heard): Field {
  const drafts = new Map<string, Draft>();
  const attached = new Map<string, Blob>();
  const captured = new Map<string, WaitingCapture & { pieces: Blob[] }>();
  const recent: string[] = [];
  let settings: Settings = { ...look, textSize: "normal", autoLockMinutes: 60 };
  const stop = () => {};
  const identity: Identity = {
    device: { id: uuid7(), letter: "A" },
    team: { code: "TEST", name: "TEST", regions: places?.regions.slice(0, 1).map(({ code }) => code) ?? [] },
    person: { id: uuid7(), function: "" },
    mission,
    matchingCode: "",
  };
  return {
    vault: {
      state: "open",
      subscribe: () => stop,
      create: async () => {},
      unlock: async () => true,
      waitMs: 0,
      changePassphrase: async () => true,
      cost: async () => ({ memoryKiB: 0, iterations: 0 }),
      lock: stop,
      touch: stop,
    },
    identity: async () => identity,
    isEnrolled: async () => true,
    wipe: async () => 0,
    retained: async () => ({ reports: 0, bytes: 0, isJournaled: false }),
    counts: async () => ({ waiting: 0, drafts: 0 }),
    reports: () => Promise.reject(new FieldProblem("report-unreadable")),
    checkPhone: async () => ({ keysMs: 0, isWorkerInCharge: false }),
    noteCheck: async () => {},
    checkCode: async () => {},
    enrol: () => Promise.reject(new FieldProblem("not-enrolled")),
    checklists: {
      list: async () => [],
      definition: async () => definition,
    },
    places: {
      load: async () => places,
      recent: async () => recent,
      remember: async (number) => void recent.unshift(number),
    },
    drafts: {
      list: async () => [...drafts.values()],
      get: async (submission) => drafts.get(submission),
      start: async (checklist, begun) => {
        const draft = newDraft(checklist, definition, begun);
        drafts.set(draft.submission, draft);
        return draft;
      },
      carried: async () => ({}),
      save: async (draft) => {
        const saved = { ...draft, savedAt: new Date().toISOString() };
        drafts.set(draft.submission, saved);
        heard.onanswers(saved.answers);
        return saved;
      },
      remove: async (submission) => void drafts.delete(submission),
    },
    attachments: {
      add: async (_, file) => {
        const bytes = new Uint8Array(await file.arrayBuffer());
        const name = hex(await sha256(bytes));
        attached.set(name, file);
        return { sha256: name, size: file.size, type: file.type };
      },
      facts: async (name) => {
        const file = attached.get(name);
        return file && { sha256: name, size: file.size, type: file.type };
      },
      url: async (name) => lend(attached.get(name)),
      remove: async (_, name) => void attached.delete(name),
      weight: async (_, names) => [...new Set(names)].reduce((sum, name) => sum + (attached.get(name)?.size ?? 0), 0),
      missing: async (_, names) => names.filter((name) => !attached.has(name)),
    },
    captures: {
      begin: async (purpose) => {
        const id = uuid7();
        const pieces: Blob[] = [];
        captured.set(id, { ...purpose, id, pieces });
        return { id, add: async (piece) => void pieces.push(piece), end: async () => {} };
      },
      // Nothing outlives the page, so nothing waits.
      waiting: async () => [],
      file: async ({ id, keeping, type }) => ({
        file: new Blob(captured.get(id)?.pieces, { type }),
        keeping,
        isPart: false,
      }),
      drop: async (id) => void captured.delete(id),
    },
    media: { url: async (name) => lend(files[name] ?? (await published(name))) },
    teamReports: async () => [],
    queries: { list: async () => [], withdrawals: async () => new Map(), say: async () => undefined },
    outbox: {
      list: async () => [],
      finish: async (draft, answers): Promise<OutboxItem> => {
        drafts.delete(draft.submission);
        heard.onfinish(answers);
        return {
          revision: uuid7(),
          submission: draft.submission,
          code: "TEST-A001",
          checklist: previewed,
          form: definition.id,
          title: definition.title,
          madeAt: new Date().toISOString(),
          state: "waiting",
          isReadable: false,
          progress: 0,
          attachments: { total: 0, received: 0 },
        };
      },
      answers: async () => undefined,
      subscribe: () => stop,
    },
    parcels: {
      counts: async () => ({ ownWaiting: 0, othersWaiting: 0, stranded: 0, ownStranded: 0, delivered: 0 }),
      sealedCopies: async () => [],
      receipts: async () => undefined,
      take: () => Promise.reject(new FieldProblem("not-enrolled")),
      discardStranded: async () => {},
    },
    ledger: { list: async () => [] },
    sync: { status: () => ({ state: "idle", waiting: 0 }), subscribe: () => stop, now: async () => {} },
    settings: {
      get: () => settings,
      set: (change) => {
        settings = { ...settings, ...change };
      },
    },
    storage: async () => ({ persisted: true, backgroundSync: false, standalone: true }),
    storageLost: undefined,
    noteLostRead: async () => undefined,
    readOnly: false,
  };
}

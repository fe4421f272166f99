/** A phone for tests: the parts of the field app over a fresh in-memory database and a cheap Argon2id. */
import "fake-indexeddb/auto";
import { Attachments } from "../attachments/attachments";
import { Captures } from "../attachments/captures";
import type { Definition } from "../engine/definition";
import { ChecklistStore } from "../missions/checklists";
import { PlaceStore } from "../missions/places";
import { enrol } from "../people/enrolment";
import type { Draft } from "../submissions/draft";
import { Drafts } from "../submissions/drafts";
import { Outbox } from "../submissions/outbox";
import { learnKeys } from "../sync/learnKeys";
import { pushOutbox, uploadFile } from "../sync/push";
import { release } from "../sync/release";
import { Rounds } from "../sync/rounds";
import { type Ahead, type Database, openDatabase } from "../vault/database";
import { clearStores, sealedStores } from "../vault/schema";
import { RecordVault } from "../vault/vault";
import type { TestServer } from "./server";

// Node 20 has no navigator; later ones have.
if (!("navigator" in globalThis)) {
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: { userAgent: "Android", languages: ["en"] },
  });
}

export const cheap = { memoryKiB: 8, iterations: 1 };
export const passphrase = "feather grass 2021";

let databases = 0;

export interface Phone {
  name: string;
  database: Database;
  vault: RecordVault;
  checklists: ChecklistStore;
  attachments: Attachments;
  captures: Captures;
  drafts: Drafts;
  outbox: Outbox;
  rounds: Rounds;
  push(): ReturnType<typeof pushOutbox>;
  /** What a window does after each round. */
  release(): Promise<void>;
  /** The process dies and the app starts anew, unlocked. */
  restart(): Promise<Phone>;
}

export async function openPhone(server: TestServer, name = `test-${++databases}`, journal?: Ahead): Promise<Phone> {
  const database = openDatabase(name, journal);
  const vault = await RecordVault.load(database, cheap);
  if (vault.state === "absent") await vault.create(passphrase);
  else await vault.unlock(passphrase);
  const checklists = new ChecklistStore(vault);
  const attachments = new Attachments(vault, database, async (file) => file);
  const outbox = new Outbox({ vault, database, checklists, attachments, places: new PlaceStore(vault) });
  const letGo = () =>
    release(
      database,
      (transport, fact, isParcel) =>
        uploadFile({ database, fetch: server.fetch }, transport, isParcel ? "parcels" : "outbox", fact),
      vault,
    );
  const learn = (lists: readonly string[]) => learnKeys(database, vault, lists);
  return {
    name,
    database,
    vault,
    checklists,
    attachments,
    captures: new Captures(vault, database),
    drafts: new Drafts(vault, database, checklists),
    outbox,
    rounds: new Rounds({ vault, database, outbox, fetch: server.fetch, release: letGo, learn }),
    release: letGo,
    push: () => pushOutbox({ database, fetch: server.fetch }, false),
    restart() {
      database.close();
      return openPhone(server, name, journal);
    },
  };
}

export const checklistId = "0190aaaa-0000-7000-8000-00000000000c";

export const definition: Definition = {
  format: 1,
  id: "meeting_report",
  version: "2021-01-05",
  title: { en: "Meeting report" },
  short: { en: "Meeting" },
  languages: ["en"],
  default_language: "en",
  kind: "meeting",
  choices: {},
  order: [],
  dependants: {},
  sections: [
    {
      id: "start",
      title: { en: "Start" },
      nodes: [
        { id: "who", type: "text", label: { en: "Who" } },
        { id: "board", type: "photo", label: { en: "Protocol" } },
      ],
    },
  ],
};

/** A phone that is enrolled and holds the checklist. */
export async function enrolledPhone(server: TestServer, opened?: Phone): Promise<Phone> {
  const phone = opened ?? (await openPhone(server));
  await enrol(phone.vault, phone.database, { server: server.origin, fetch: server.fetch }, "ABCDE-FGHJK-MNPQR-STVWX");
  await phone.vault.put("definitions", checklistId, definition);
  return phone;
}

/** Fills and finishes one report. */
export async function report(phone: Phone, who: string, photo?: Blob) {
  const draft = await phone.drafts.start(checklistId);
  const board = photo && (await phone.attachments.add(draft.submission, photo, { as: "picture" }));
  const answers: Draft["answers"] = board ? { who, board: board.sha256 } : { who };
  const saved = await phone.drafts.save({ ...draft, answers });
  return phone.outbox.finish(saved, answers, { kind: "station", code: "164" });
}

/** Everything the phone has on disk, as bytes of text: keys and values of every store. */
export async function everythingStored(database: Database): Promise<string> {
  const parts: string[] = [];
  const latin = new TextDecoder("latin1");
  const read = (value: unknown): void => {
    if (value instanceof ArrayBuffer) parts.push(latin.decode(value), new TextDecoder().decode(value));
    else if (typeof value === "object" && value !== null) Object.entries(value).flat().forEach(read);
    else parts.push(String(value));
  };
  for (const store of [...sealedStores, ...clearStores]) {
    const [keys, values] = await database.read([store], (t) =>
      Promise.all([t.objectStore(store).getAllKeys(), t.objectStore(store).getAll()]),
    );
    read(keys);
    read(values);
  }
  return parts.join("\n");
}

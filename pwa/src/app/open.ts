/** Puts the field app together: the one place that knows all its parts. */

import type { Keeping } from "../attachments/attachments";
import { Attachments } from "../attachments/attachments";
import type { CaptureFor } from "../attachments/captures";
import { Captures } from "../attachments/captures";
import type { downscale } from "../attachments/downscale";
import { ChecklistStore } from "../missions/checklists";
import { FormFiles } from "../missions/formFiles";
import type { PlaceRef } from "../missions/places";
import { PlaceStore } from "../missions/places";
import { readCode } from "../people/code";
import { enrol, enrolmentOf } from "../people/enrolment";
import { checkCode } from "../people/missionKeys";
import type { DraftStart } from "../submissions/draft";
import { Drafts } from "../submissions/drafts";
import type { LedgerEntry } from "../submissions/ledger";
import { Outbox } from "../submissions/outbox";
import type { Saying } from "../submissions/signedFact";
import { teamReports } from "../submissions/teamReports";
import { outboxChannel, wipedChannel } from "../sync/bridge";
import { lead } from "../sync/leader";
import { countWaiting, uploadFile } from "../sync/push";
import type { AskReceipt } from "../sync/release";
import { Rounds } from "../sync/rounds";
import { listenForNetwork, Schedule } from "../sync/schedule";
import { settingsIn } from "../ui/settings";
import { autoLock } from "../vault/autolock";
import { type Ahead, openDatabase } from "../vault/database";
import { positionName } from "../vault/journal/mark";
import { openRecords } from "../vault/journal/openRecords";
import type { PageJournal } from "../vault/journal/pageJournal";
import { type CheckFact, databaseName } from "../vault/schema";
import type { Cost } from "../vault/stretch";
import type { RecordVault, Vault } from "../vault/vault";
import { tellsTime } from "../wire/ids";
import { FieldProblem } from "../wire/problem";
import type { Field } from "./field";
import { askToPersist, keepWholeApp, requestBackgroundSync, storageHealth } from "./storage";

/** What a test replaces. */
export interface FieldOptions {
  fetch: typeof fetch;
  /** Origin of the server. */
  server: string;
  database: string;
  /** Argon2id's price instead of the phone's calibration. */
  cost: Cost;
  downscale: typeof downscale;
}

/** Drawing pictures anew comes with the first picture: the start of the app does without. */
const drawnSmaller: typeof downscale = async (...picture) => (await rareWork()).downscale(...picture);

/** Opens the database, decides who leads among tabs, and starts to sync. The vault stays locked. */
export async function openField(given: Partial<FieldOptions> = {}): Promise<Field> {
  // Called as a method of ours, `fetch` would throw "Illegal invocation".
  const fetch: typeof globalThis.fetch = given.fetch ?? ((...request) => globalThis.fetch(...request));
  const contact = { server: given.server ?? location.origin, fetch };
  const journal = lazyJournal(given.database ?? databaseName, localStorage);
  const database = openDatabase(given.database, journal);
  // Not by what sends: that outlives a wipe while sealed reports wait.
  const enrolments = () => database.read(["identity"], (t) => t.objectStore("identity").count("enrolment"));
  // Asked with the rest of what the first screen needs; whoever asks again asks the disk.
  let counted: Promise<number> | undefined = enrolments();
  counted.catch(() => undefined);
  const [records, lost] = await openRecords(database, {
    journal,
    storage: localStorage,
    cost: given.cost,
    endWipe: async () => {
      const { endWipe, thisBrowser } = await rareWork();
      await endWipe(database, thisBrowser());
    },
  });
  if (lost) counted = undefined;
  const checklists = new ChecklistStore(records);
  const places = new PlaceStore(records);
  const files = new FormFiles(records);
  const attachments = new Attachments(records, database, given.downscale ?? drawnSmaller);
  const captures = new Captures(records, database, navigator.locks);
  const drafts = new Drafts(records, database, checklists);
  const outbox = new Outbox({ vault: records, database, checklists, attachments, places });
  const wiped = new BroadcastChannel(wipedChannel);
  const erased = async <T>(erase: () => Promise<T>): Promise<T> => {
    // First of all nothing can be sealed any more: a round under way would write after the deletion.
    records.lock();
    const result = await erase();
    records.vanished();
    wiped.postMessage("wiped");
    return result;
  };
  const rounds = new Rounds({
    obey: async (serial) => {
      const { wipeAsOrdered } = await rareWork();
      await erased(() => wipeAsOrdered(database, serial));
      // Begins as a phone does that nobody has set up, and sends what was sealed.
      globalThis.location?.reload();
    },
    vault: records,
    database,
    outbox,
    fetch,
    release: async () => {
      const { release } = await import("./laterWork");
      const ask: AskReceipt = (transport, fact, isParcel) =>
        uploadFile({ database, fetch }, transport, isParcel ? "parcels" : "outbox", fact);
      await release(database, ask, records);
    },
    learn: async (lists) => (await import("./laterWork")).learnKeys(database, records, lists),
    page: {
      news: async () => (await laterWork())?.storageNews(database) ?? {},
      lossTold: async () => (await laterWork())?.noteLossTold(database),
    },
  });
  const schedule = new Schedule(async () => {
    const result = await rounds.run();
    // A phone that nobody has set up has nothing to write down, and does not load what writes it.
    if (records.state !== "absent" || localStorage.getItem(positionName) !== null) void journal.mirror();
    return result;
  });
  const settings = settingsIn(localStorage, navigator.languages);

  const channel = new BroadcastChannel(outboxChannel);
  const recount = () => {
    outbox.changed();
    void rounds.recount();
  };
  channel.addEventListener("message", recount);
  // Another tab wiped the phone: whatever this one holds in memory has to go too.
  wiped.addEventListener("message", () => globalThis.location?.reload());

  const lockedOut = async () => {
    // Not on the phone, and no network: nothing could wipe it either.
    const work = await rareWork().catch(() => undefined);
    await work?.lockOut({
      database,
      rounds,
      wipe: async () => {
        counted = undefined;
        await erased(() => work.wipe(database, work.thisBrowser(), true));
        globalThis.location?.reload();
      },
    });
  };

  const leading = lead(
    () => {
      // What this tab read as a follower may be old by now: read it anew, behind the passphrase.
      records.lock();
      void records.lookAgain();
      void schedule.now();
    },
    () => {
      schedule.stop();
      records.lock();
    },
  );
  // At once: a slow phone waits as long for each of its disk's answers as for all of them.
  const [leadership] = await Promise.all([leading, rounds.recount()]);
  if (rounds.status.silence) await lockedOut();
  records.beforeOpen(async () => {
    // Once in the life of a phone, and of no phone that is set up today.
    if (!leadership.isLeader || !(await records.ids("drafts")).some(tellsTime)) return;
    await (await import("../submissions/timedDrafts")).renameTimedDrafts(records, database);
  });
  const encourage = () => {
    if (leadership.isLeader) void schedule.encourage();
  };
  listenForNetwork(encourage);
  /** Something new waits in the outbox. */
  const queued = async () => {
    await rounds.recount();
    void requestBackgroundSync();
    encourage();
  };

  /** Guards what writes. */
  const writing = <A extends unknown[], T>(work: (...given: A) => Promise<T>) => {
    return async (...given: A): Promise<T> => {
      if (!leadership.isLeader) throw new FieldProblem("read-only");
      return work(...given);
    };
  };

  return {
    vault: guarded(records, () => settings.get().autoLockMinutes, writing, encourage, journal),
    storageLost: lost,
    noteLostRead: async () => {
      await database.write(["lost"], async (t) => {
        const last = await t.objectStore("lost").get("last");
        if (last) await t.objectStore("lost").put({ ...last, isRead: true }, "last");
      });
    },
    identity: async () => (records.state === "open" ? (await enrolmentOf(records))?.identity : undefined),
    isEnrolled: async () => {
      const count = counted ?? enrolments();
      counted = undefined;
      return (await count) > 0;
    },
    checkCode: (code) => checkCode(contact, readCode(code)),
    enrol: writing(async (code: string) => {
      // Whatever a wipe that was cut short left in the outbox is not the new device's.
      const isNew = (await enrolmentOf(records)) === undefined;
      if (isNew) {
        const { moveOutbox, moveRetained } = await rareWork();
        await moveOutbox(database);
        await moveRetained(database);
      }
      const identity = await enrol(records, database, contact, code);
      rounds.enrolled();
      void journal.mirror();
      encourage();
      return identity;
    }),
    wipe: async (isRetaining) => {
      const { thisBrowser, wipe } = await rareWork();
      const waiting = await erased(() => wipe(database, thisBrowser(), isRetaining));
      // What is sealed and waits is there twice again.
      await journal.mirror(true);
      void requestBackgroundSync();
      return waiting;
    },
    checkPhone: writing(async () => (await rareWork()).checkPhone(records, database)),
    noteCheck: writing(async (fact: CheckFact) => void (await (await rareWork()).noteCheck(database, fact))),
    counts: async () => ({
      waiting: await countWaiting(database),
      drafts: await database.read(["drafts"], (t) => t.objectStore("drafts").count()),
    }),
    checklists: { list: () => checklists.list(), definition: (id) => checklists.definition(id) },
    places: {
      load: () => places.load(),
      recent: () => places.recent(),
      remember: writing((number: string) => places.remember(number)),
    },
    drafts: {
      list: () => drafts.list(),
      get: (submission) => drafts.get(submission),
      start: writing((checklist: string, begun?: DraftStart) => drafts.start(checklist, begun)),
      carried: (form) => drafts.carried(form),
      save: writing((draft) => drafts.save(draft)),
      remove: writing(async (submission: string) => {
        const finished = (await drafts.get(submission))?.correction?.from ?? {};
        await drafts.remove(submission);
        // What the report itself was finished with stays as it was.
        await attachments.retain(submission, Object.values(finished));
        await captures.forget(submission);
        void journal.mirror();
      }),
    },
    attachments: {
      add: writing(async (submission: string, file: Blob, keeping: Keeping) => {
        // What was recorded here lies here already, in pieces that go when it is taken.
        if (!("seconds" in keeping)) await (await laterWork())?.checkRoom(file.size);
        return attachments.add(submission, file, keeping);
      }),
      facts: (sha256) => attachments.facts(sha256),
      url: (sha256) => attachments.url(sha256),
      remove: writing((submission: string, sha256: string) => attachments.remove(submission, sha256)),
      weight: (submission, sha256) => attachments.weight(submission, sha256),
      missing: (submission, sha256) => attachments.missing(submission, sha256),
    },
    captures: {
      begin: writing(async (purpose: CaptureFor) => {
        await (await laterWork())?.checkRoom(0);
        return captures.begin(purpose);
      }),
      waiting: (submission) => captures.waiting(submission),
      file: (waiting) => captures.file(waiting),
      drop: writing((id: string) => captures.drop(id)),
    },
    media: { url: (sha256) => files.url(sha256) },
    teamReports: async () => teamReports(records, await outbox.list(), await checklists.list()),
    outbox: {
      list: () => outbox.list(),
      finish: writing(async (draft, answers, place: PlaceRef | undefined) => {
        // Its key goes with the draft: somebody has to use it or give it up first.
        const waiting = await captures.waiting(draft.submission);
        if (waiting.length > 0) throw new FieldProblem("capture-waits", waiting[0]?.path);
        const item = await outbox.finish(draft, answers, place);
        await captures.forget(draft.submission);
        await queued();
        return item;
      }),
      answers: (revision) => outbox.answers(revision),
      subscribe: (listener) => outbox.subscribe(listener),
    },
    reports: async () => {
      const parts = { vault: records, database, checklists, outbox, attachments, places };
      return (await import("./pairWork")).pairReports({ ...parts, writing, queued });
    },
    queries: {
      list: async () => (await laterWork())?.queriesHere(records) ?? [],
      withdrawals: async () => (await laterWork())?.toldWithdrawals(records) ?? new Map(),
      say: writing(async (said: Saying) => {
        await outbox.say(said);
        await queued();
      }),
    },
    parcels: {
      counts: async () => (await rareWork()).parcelCounts(database),
      sealedCopies: async () => (await rareWork()).sealedCopies(database),
      receipts: async () => (await rareWork()).receiptsFile(database),
      take: writing(async (file: Blob) => {
        const { takeFile } = await rareWork();
        const taken = await takeFile(database, file);
        recount();
        void requestBackgroundSync();
        encourage();
        return taken;
      }),
      discardStranded: writing(async () => {
        await (await rareWork()).discardStranded(database);
      }),
    },
    ledger: {
      list: async () => (await records.all<LedgerEntry>("ledger")).map(({ value }) => value),
    },
    sync: {
      status: () => rounds.status,
      subscribe: (listener) => rounds.subscribe(listener),
      now: async () => {
        if (leadership.isLeader) await schedule.encourage();
      },
    },
    settings,
    storage: storageHealth,
    retained: async () => {
      const weight = await (await import("./laterWork")).retainedWeight(database);
      return { ...weight, isJournaled: localStorage.getItem(positionName) !== null };
    },
    get readOnly() {
      return !leadership.isLeader;
    },
  };
}

/** Undefined where it is not on the phone and there is no network: everybody goes on without. */
const laterWork = () => import("./laterWork").catch(() => undefined);

const rareWork = () => import("./rareWork");

type LazyJournal = Ahead & Pick<PageJournal, "mirror" | "rescue">;

/** The journal comes when it is first needed: the start of the app does without, and so does an app that cannot load it. */
function lazyJournal(name: string, storage: Storage): LazyJournal {
  let opened: Promise<PageJournal | undefined> | undefined;
  const open = () => {
    opened ??= laterWork().then((work) => work?.openJournal(name, storage));
    return opened;
  };
  return {
    ahead: async (changes, write) => {
      const journal = await open();
      return journal ? journal.ahead(changes, write) : write();
    },
    mirror: async (isAnew) => (await open())?.mirror(isAnew),
    rescue: async (isEmpty) => (await open())?.rescue(isEmpty),
  };
}

type Writing = <A extends unknown[], T>(work: (...given: A) => Promise<T>) => (...given: A) => Promise<T>;

/** The vault as screens see it: it locks by itself, and opening it asks for persistence and starts a round. */
function guarded(
  records: RecordVault,
  idleMinutes: () => number,
  writing: Writing,
  opened: () => void,
  journal: Pick<PageJournal, "mirror">,
): Vault {
  const clock = autoLock(() => records.lock(), idleMinutes);
  const open = () => {
    clock.touch();
    void askToPersist();
    void keepWholeApp();
    opened();
  };
  return {
    get state() {
      return records.state;
    },
    subscribe: (listener) => records.subscribe(listener),
    create: writing(async (passphrase: string) => {
      await records.create(passphrase);
      open();
    }),
    unlock: async (passphrase) => {
      const isRight = await records.unlock(passphrase);
      if (isRight) open();
      return isRight;
    },
    get waitMs() {
      return records.waitMs;
    },
    changePassphrase: writing(async (old: string, passphrase: string) => {
      const isChanged = await records.changePassphrase(old, passphrase);
      if (isChanged) await journal.mirror();
      return isChanged;
    }),
    cost: () => records.cost(),
    lock: () => records.lock(),
    touch: () => clock.touch(),
  };
}

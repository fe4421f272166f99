/**
 * What is done at the start of the app when the database and the journal do not say the same: the database is made anew out
 * of the journal, or brought to where the journal is.
 */
import type { Database, Transaction } from "../database";
import type { Chain, OutboxRow, RowChange, StoreName } from "../schema";
import type { JournalFile } from "./journalFile";
import { type PhoneMark, wiping } from "./mark";
import { journaled, readJournaled } from "./rows";

export interface Rescue {
  /** `kept`: the database was as it should be. `caught-up`: it lacked the latest. `rebuilt`: it was gone. `gone`: so was the journal. */
  was: "kept" | "caught-up" | "rebuilt" | "gone";
  /** Finished reports and drafts that are there again. */
  reports: number;
  drafts: number;
  /** Damaged places of the journal. */
  skipped: number;
  /** Where the chain of the phone's reports ends that were found; undefined when none was. */
  deviceSeq?: number;
  position?: string | undefined;
}

/** `mark`: of the phone that was here, as far as anything outside of the database tells. */
export async function rescue(database: Database, journal: JournalFile, mark: PhoneMark | undefined): Promise<Rescue> {
  const { at, isAlive, ends } = await database.read(["journal", "wrap", "transport", "chain"], async (t) => {
    const noted = await t.objectStore("journal").get("at");
    const rows = (await t.objectStore("wrap").count()) + (await t.objectStore("transport").count());
    return { at: noted, isAlive: rows > 0 || noted !== undefined, ends: await endsOf(t) };
  });
  if (!isAlive) return remake(database, journal, mark);
  // Without a word of where it stood, the database is the one that knows: a passphrase may just have been changed.
  const { rows, skipped, isTail } = await journal.read(at);
  const changes = at === undefined ? [] : [...rows.values()];
  const isBehind = isTail ? changes.length > 0 : changes.some((change) => isAhead(change, ends));
  if (isBehind) await database.write(journaled, (t) => catchUp(t, changes, ends));
  return { was: isBehind ? "caught-up" : "kept", ...nothing, skipped, position: await mirrored(database, journal) };
}

const nothing = { reports: 0, drafts: 0, skipped: 0 };

/** Makes the journal say what the database says, and notes there where it stands. */
export async function mirrored(database: Database, journal: JournalFile, isAnew = false): Promise<string | undefined> {
  const rows = await readJournaled(database);
  const holdsWrap = (changes: readonly RowChange[]) => changes.some(([store, , value]) => store === "wrap" && value);
  // Emptied under a running app: a wipe takes the journal itself, so what is left of it is what there is.
  if (!holdsWrap(rows) && holdsWrap([...(await journal.read()).rows.values()]))
    throw new Error("the database is empty");
  const position = await journal.mirror(rows, isAnew);
  await database.write(["journal"], async (t) => {
    // A service worker wiped the phone meanwhile: a page that begins anew has to end it.
    if ((await t.objectStore("journal").get("at")) === wiping) return;
    if (position === undefined) await t.objectStore("journal").delete("at");
    else await t.objectStore("journal").put(position, "at");
  });
  return position;
}

/** By device, where its chain ends. */
type Ends = ReadonlyMap<string, number>;

async function endsOf(t: Transaction): Promise<Ends> {
  const ends = new Map<string, number>();
  const chains = t.objectStore("chain");
  for (const key of await chains.getAllKeys()) ends.set(key, (await chains.get(key))?.deviceSeq ?? 0);
  return ends;
}

const isAhead = ([store, device, value]: RowChange, ends: Ends): boolean =>
  store === "chain" && value !== undefined && (value as Chain).deviceSeq > (ends.get(device) ?? 0);

/** What was received since, or let go, stays so: of chains and queues only what is newer than the database is taken. */
async function catchUp(t: Transaction<"readwrite">, changes: readonly RowChange[], ends: Ends): Promise<void> {
  const newest = Math.max(0, ...ends.values());
  for (const change of changes) {
    const [store, key, value] = change;
    if (store === "chain" && !isAhead(change, ends)) continue;
    if (store === "outbox" && !(value && (value as OutboxRow).deviceSeq > newest)) continue;
    if (taken.has(store)) await putChange(t, change);
    else if (store === "definitions" && value && !(await t.objectStore(store).getKey(key))) await putChange(t, change);
  }
}

const taken: ReadonlySet<StoreName> = new Set(["chain", "outbox", "drafts", "labels"]);

const putChange = async (t: Transaction<"readwrite">, [store, key, value]: RowChange): Promise<void> => {
  if (value === undefined) await t.objectStore(store).delete(key);
  else await t.objectStore(store).put(value as never, key);
};

/** The database is empty: everything the journal has goes into it, in one transaction. */
async function remake(database: Database, journal: JournalFile, mark: PhoneMark | undefined): Promise<Rescue> {
  const { rows, skipped } = await journal.read();
  const changes = [...rows.values()].filter(([store, , value]) => value !== undefined && journaled.includes(store));
  const of = (store: StoreName) => changes.filter((change) => change[0] === store);
  const chain = mark && of("chain").find(([, device]) => device === mark.device);
  if (changes.length === 0) return { was: "gone", ...nothing, skipped };
  await database.write(journaled, async (t) => {
    for (const change of changes) await putChange(t, change);
    // No number is given twice: what was made after the journal's last word is missing, and is not made again.
    if (mark && chain && mark.chain.deviceSeq > (chain[2] as Chain).deviceSeq)
      await t.objectStore("chain").put(mark.chain, mark.device);
  });
  const position = await mirrored(database, journal);
  const reports = of("outbox").length + of("parcels").length + of("retained").length;
  const found = chain ? { deviceSeq: (chain[2] as Chain).deviceSeq } : {};
  return { was: "rebuilt", reports, drafts: of("drafts").length, skipped, ...found, position };
}

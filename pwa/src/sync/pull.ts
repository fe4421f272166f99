/** Fetches what changed for this team (protocol.md §6), then the definitions and places it announces. Only with the vault open. */

import type { Definition } from "../engine/definition";
import type { HeldChecklist } from "../missions/checklists";
import { marksShortForm } from "../missions/marks";
import type { ProvingContact } from "../people/dpop";
import { type MissionData, type TeamNow, updateEnrolment } from "../people/enrolment";
import type { QueryData, QueryStatement } from "../submissions/readable/hqQueries";
import type { Database } from "../vault/database";
import type { RecordVault, SealedRow } from "../vault/vault";
import { answerOf } from "../wire/contact";
import { FieldProblem } from "../wire/problem";
import { type DecidedItem, noteDecisions } from "./decidedItems";
import { formFileTasks } from "./formFiles";
import { type AnnouncedPlaces, otherPlacesTasks, ownPlacesTasks } from "./places";
import { serverSaid } from "./receipts";
import { settleByList } from "./settle";
import type { DownloadTask, SyncStatus } from "./status";

const pageSize = 500;
/** What this app reads; an app that asks for no format gets the first one. */
const newestFormat = 2;

export interface PullContext {
  vault: RecordVault;
  database: Database;
  proving: ProvingContact;
  progress(download: SyncStatus["download"]): void;
}

/** One line of the mission's feed. */
interface Change {
  n: number;
  kind: string;
  id: string;
  data: unknown;
}

interface Page {
  changes: Change[];
  next_cursor: string;
  more: boolean;
  /** Of reports made here that somebody else brought, and what is safe; a signed list. */
  receipts?: string;
}

/** Rejects with `no-contact`, `not-the-server`, or the server's problem; what was written so far stays, with its cursor. */
export async function pull(context: PullContext): Promise<void> {
  for (let more = true; more; ) {
    const cursor = (await context.vault.get<string>("feed", "cursor")) ?? null;
    const page = await fetchPage(context.proving, cursor);
    // Before the cursor moves on: a receipt in this stretch comes once.
    if (page.receipts !== undefined) await takeReceipts(context.database, page.receipts);
    await writePage(context, page);
    // A server that repeats a cursor while promising more would hold the phone in a circle.
    // What headquarters asks has arrived when this phone comes back with a cursor behind it.
    more = (page.more || page.changes.some(({ kind }) => kind === "query")) && page.next_cursor !== cursor;
  }
  if (await refreshEnrolment(context)) return pull(context);
  // Not on the phone, and no network: the next round has it.
  const content = await import("./teamContent").catch(() => undefined);
  // What may be read no longer goes with the pull that says so, whatever comes of the rest.
  const left = await content?.dropTeamContent(context);
  await download(context);
  if (left) await content?.fetchTeamContent(context, left);
}

/**
 * What the mission changed about itself or this team, as the screens and a locked phone know it. Gives whether that is another
 * team, and the feed to be read from its beginning.
 */
async function refreshEnrolment({ vault, database }: PullContext): Promise<boolean> {
  const [mission] = await vault.all<FeedRow<MissionData>>("feed", "mission/");
  // A phone that was moved keeps the line of the team before.
  const team = await newest<TeamNow>(vault, "team/");
  return updateEnrolment(vault, database, mission?.value.data, team);
}

async function fetchPage(proving: ProvingContact, cursor: string | null): Promise<Page> {
  const response = await proving.post("/sync/pull", { cursor, limit: pageSize });
  const page = (await answerOf(response)) as Partial<Page> | null;
  if (!Array.isArray(page?.changes) || typeof page.next_cursor !== "string") throw new FieldProblem("not-the-server");
  const receipts = typeof page.receipts === "string" ? { receipts: page.receipts } : {};
  return { changes: page.changes, next_cursor: page.next_cursor, more: page.more === true, ...receipts };
}

/** What it says of files comes with the next push: asked for them, the server answers with their receipts. */
async function takeReceipts(database: Database, receipts: string): Promise<void> {
  const transport = await database.read(["transport"], (t) => t.objectStore("transport").get("this"));
  if (transport) await settleByList(database, transport, receipts);
}

/** Rows and cursor in one transaction: killed in between, the phone would miss rows for ever. */
async function writePage({ vault, database }: PullContext, page: Page): Promise<void> {
  const decided = page.changes.filter(({ kind }) => kind === "quarantine").map(({ data }) => data as DecidedItem);
  // Before the cursor moves on; told twice it is the same.
  if (decided.length > 0) await noteDecisions(database, decided);
  const queries = page.changes.filter(({ kind }) => kind === "query");
  const known = new Map(await Promise.all(queries.map((change) => queryData(vault, database, change))));
  const sealed = await Promise.all([
    ...page.changes.map(({ n, kind, id, data }) =>
      vault.seal("feed", `${kind}/${id}`, { n, data: (kind === "query" && known.get(id)) || data }),
    ),
    vault.seal("feed", "cursor", page.next_cursor),
  ]);
  await database.write(["feed"], async (transaction) => {
    for (const { id, bytes } of sealed) await transaction.objectStore("feed").put(bytes, id);
  });
}

/** A query with what the mission signed of it, as far as it did, and since when its rounds are here. */
async function queryData(
  vault: RecordVault,
  database: Database,
  { id, data }: Change,
): Promise<[id: string, data: QueryData]> {
  const { statement, state } = data as QueryData;
  const transport = await database.read(["transport"], (t) => t.objectStore("transport").get("this"));
  const said = transport && (await serverSaid(statement, "steppe-query+jws", transport));
  if (!said) return [id, { statement, state }];
  const { round } = said as unknown as QueryStatement;
  const known = (await vault.get<{ data: QueryData }>("feed", `query/${id}`))?.data.arrived;
  const arrived = { [round]: new Date().toISOString(), ...known };
  return [id, { statement, state, said: said as unknown as QueryStatement, arrived }];
}

/** The latest line of the feed about one thing, as kept. */
interface FeedRow<T> {
  n: number;
  data: T;
}
interface AnnouncedChecklist {
  status: HeldChecklist["status"];
  hash: string;
  bytes: number;
}

/** Fetches what the feed announced and the phone lacks. */
async function download(context: PullContext): Promise<void> {
  const places = await newest<AnnouncedPlaces>(context.vault, "places/");
  const own = places ? await ownPlacesTasks(context, places) : [];
  // At once: while one travels over a slow line, the other is sealed by a slow phone.
  await runTasks(context, [...own, ...(await checklistTasks(context))], { isAtOnce: true });
  // Work can begin without these. Which files there are say the definitions.
  const files = await formFileTasks(context.vault, context.proving);
  const others = places ? await otherPlacesTasks(context, places) : [];
  await runTasks(context, [...files, ...others], { isLater: true });
}

/** `isLater`: work does not wait for these. `isAtOnce`: up to two at a time; a failure of one lets the other end. */
async function runTasks(
  context: PullContext,
  tasks: DownloadTask[],
  { isAtOnce, ...told }: { isLater?: true; isAtOnce?: true },
): Promise<void> {
  const total = tasks.reduce((sum, { bytes }) => sum + bytes, 0);
  const waiting = [...tasks];
  let done = 0;
  const runNext = async (): Promise<void> => {
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      const { what, bytes, run } = task;
      context.progress({ done, total, what, ...told });
      await run();
      done += bytes;
    }
  };
  try {
    const lines = await Promise.allSettled(isAtOnce ? [runNext(), runNext()] : [runNext()]);
    const failed = lines.find((line) => line.status === "rejected");
    if (failed) throw failed.reason;
  } finally {
    context.progress(undefined);
  }
}

async function checklistTasks(context: PullContext): Promise<DownloadTask[]> {
  const { vault } = context;
  const announced = await vault.all<FeedRow<AnnouncedChecklist>>("feed", "checklist/");
  const held = new Map((await vault.all<HeldChecklist>("checklists")).map(({ id, value }) => [id, value]));
  const missing: [id: string, data: AnnouncedChecklist][] = [];
  for (const {
    id: row,
    value: { data },
  } of announced) {
    const id = row.slice("checklist/".length);
    const entry = held.get(id);
    if (entry?.hash !== data.hash) {
      missing.push([id, data]);
    } else if (entry.status !== data.status || entry.hasShort === undefined) {
      await vault.put("checklists", id, { ...entry, status: data.status, hasShort: await hasShort(vault, id) });
    }
  }
  return together(missing).map((group) => ({
    what: "checklists",
    bytes: bytesOf(group),
    run: () => fetchChecklists(context, group),
  }));
}

type AnnouncedChecklists = readonly (readonly [id: string, data: AnnouncedChecklist])[];

/** Of definitions asked for in one request, unpacked: some 60 kB on the wire, so that a cut loses little. */
const bytesTogether = 512 * 1024;
const mostTogether = 40;

const bytesOf = (group: AnnouncedChecklists): number => group.reduce((sum, [, { bytes }]) => sum + bytes, 0);

/** Checklists repeat each other's words: packed together ten take less than half of what each by itself takes. */
function together(missing: AnnouncedChecklists): AnnouncedChecklists[] {
  const groups: [id: string, data: AnnouncedChecklist][][] = [];
  for (const [id, data] of missing) {
    const last = groups.at(-1);
    if (last && last.length < mostTogether && bytesOf(last) + data.bytes <= bytesTogether) last.push([id, data]);
    else groups.push([[id, data]]);
  }
  return groups;
}

async function fetchChecklists(context: PullContext, group: AnnouncedChecklists): Promise<void> {
  const came = group.length > 1 ? await fetchTogether(context, group) : new Map<string, unknown>();
  const together = group.filter(([id]) => came.has(id));
  // What came in one answer is written in one: each write waits for the disk.
  const rows = together.map(([id, data]) => checklistRows(context.vault, id, data, came.get(id)));
  await putAll(context.database, (await Promise.all(rows)).flat());
  for (const [id, data] of group) if (!came.has(id)) await fetchChecklist(context, id, data);
}

/** Those that came: all of them, some where they are large, none from a server that sends each by itself only. */
async function fetchTogether({ proving }: PullContext, group: AnnouncedChecklists): Promise<Map<string, unknown>> {
  const asked = new URLSearchParams(group.map(([id]) => ["versions", id]));
  asked.set("format", String(newestFormat));
  const response = await proving.get(`/checklists?${asked}`, bytesOf(group));
  if (response.status === 404) return new Map();
  const came: unknown = await answerOf(response);
  if (typeof came !== "object" || came === null) throw new FieldProblem("not-the-server");
  return new Map(Object.entries(came));
}

/** Of a version that is here already; earlier versions of the app did not note it. */
async function hasShort(vault: RecordVault, id: string): Promise<boolean> {
  const definition = await vault.get<Definition>("definitions", id);
  return definition !== undefined && marksShortForm(definition);
}

async function fetchChecklist({ vault, database, proving }: PullContext, id: string, announced: AnnouncedChecklist) {
  const definition = await answerOf(await proving.get(`/checklists/${id}?format=${newestFormat}`, announced.bytes));
  await putAll(database, await checklistRows(vault, id, announced, definition));
}

/** Rejects with `not-the-server` when it is no definition. */
async function checklistRows(
  vault: RecordVault,
  id: string,
  announced: AnnouncedChecklist,
  definition: unknown,
): Promise<SealedRow[]> {
  if (!isDefinition(definition)) throw new FieldProblem("not-the-server");
  const { id: form, version, kind, title, short, files } = definition;
  const entry: HeldChecklist = {
    id,
    form,
    version,
    kind,
    title,
    short,
    status: announced.status,
    hash: announced.hash,
    hasShort: marksShortForm(definition),
    ...(files ? { files } : {}),
  };
  return [await vault.seal("definitions", id, definition), await vault.seal("checklists", id, entry)];
}

/** What the feed said last of a kind of thing. */
async function newest<T>(vault: RecordVault, prefix: "places/" | "team/"): Promise<T | undefined> {
  const announced = await vault.all<FeedRow<T>>("feed", prefix);
  return announced
    .map(({ value }) => value)
    .sort((a, b) => a.n - b.n)
    .at(-1)?.data;
}

async function putAll(database: Database, rows: SealedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const stores = [...new Set(rows.map(({ store }) => store))];
  await database.write(stores, async (transaction) => {
    for (const { store, id, bytes } of rows) await transaction.objectStore(store).put(bytes, id);
  });
}

function isDefinition(value: unknown): value is Definition {
  return (
    typeof value === "object" &&
    value !== null &&
    "format" in value &&
    (value.format === 1 || value.format === newestFormat) &&
    "sections" in value
  );
}

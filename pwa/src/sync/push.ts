/**
 * Sends the outbox, and the parcels this phone delivers for others (protocol.md §4, §5). Runs in windows and in the service worker, with the vault locked or open.
 * Safe to run twice, at the same time, or to be killed anywhere: the server knows what it has, and only receipts count.
 */
import { upload } from "../attachments/tus";
import { type ClockReading, clockOf, clockReading, isClockNews, noteClock } from "../people/phoneClock";
import { mostItems, mostSealedBytes, sendHalving } from "../submissions/batches";
import { putRow, retainedRows } from "../submissions/retained";
import { canBeSent, deleteStranded, isStranded } from "../submissions/stranded";
import type { Database } from "../vault/database";
import type { AttachmentFact, OutboxRow, ParcelRow, Transport } from "../vault/schema";
import { type Bytes, hex, sha256, text, throughStream, utf8 } from "../wire/bytes";
import { answerOf, type Contact, send } from "../wire/contact";
import { FieldProblem } from "../wire/problem";
import { forgetNews, type PhoneNews, patience, phoneNews } from "./phoneNews";
import { attachmentReceipt, entryFor, orderIn, verifiedList } from "./receipts";
import { everyQueue, factOf, keyOf, type Queue, type ReportFact, settleAttachment, settleReports } from "./settle";

export interface PushContext {
  database: Database;
  fetch: typeof fetch;
  /** Wipes the phone, as the order with this serial says. */
  obey?: (serial: number) => Promise<void>;
  /** Fraction 0–1 of one own report with its attachments. */
  progress?: (revision: string, fraction: number) => void;
  /** What a page knows of the phone beside that; the service worker knows none of it. */
  page?: {
    news(): Promise<Pick<PhoneNews, "storage" | "storage_lost">>;
    /** Headquarters has what it was told of lost storage. */
    lossTold(): Promise<void>;
  };
  /** Signed lists of a mission's keys, newer than the one held; not verified. */
  heard?: (lists: readonly string[]) => void;
}

export interface PushOutcome {
  /** Reports still in the outbox, and parcels that still have to be sent. */
  left: number;
  /** Whether the server answered as itself at least once. */
  reached: boolean;
  problem?: string;
  /** The same of a mission this phone belonged to before: it says nothing of how phone and headquarters stand. */
  earlierProblem?: string;
  retryAfterSeconds?: number;
}

interface WireResult {
  status: "stored" | "duplicate" | "quarantined" | "retry";
  reason?: string;
}

/** As far as it is used; anybody may have written it. */
interface PushAnswer {
  results: unknown;
  receipts: unknown;
  server_time: unknown;
  /** What a revision or a push may carry that servers of earlier versions do not read. */
  reads: unknown;
  /** To this phone, where headquarters refuses it. */
  orders: unknown;
  keys: unknown;
}

/**
 * One round: every report that waits, then every attachment that is missing; of each the phone's own first.
 * `greet`: also contact the server when nothing waits, so that headquarters knows how many reports this phone made.
 */
export async function pushOutbox(context: PushContext, greet: boolean): Promise<PushOutcome> {
  const { database } = context;
  const round = roundOf(context, { ...(await phoneNews(database)), ...(await context.page?.news()) });
  // What an earlier mission says, or does not, is no word of this phone's headquarters; nor is the phone its any more.
  const { obey: _, ...other } = context;
  const apart = roundOf(other, {});
  await trying(round, async () => {
    const transport = await database.read(["transport"], (t) => t.objectStore("transport").get("this"));
    if (!transport) return;
    do {
      round.isRestored = false;
      for (const step of steps) {
        for (const queue of everyQueue) {
          await trying(round, () => step(round, transport, queue, greet && queue === "outbox"));
          const stop = round.failures.find(({ slug }) => wholePhoneProblems.has(slug));
          if (!stop) continue;
          // What it brings is not taken in any more: asked without, headquarters still says what to do.
          if (stop.slug === "device-revoked") await trying(round, () => pushBatch(round, transport, "outbox", []));
          return;
        }
      }
      // What was found to be lost there is offered at once. Epochs only rise.
    } while (round.isRestored);
  });
  if (round.order !== undefined && context.obey) {
    await context.obey(round.order);
    // Sealed reports go on their way, and headquarters hears that it was obeyed.
    return pushOutbox(context, true);
  }
  await trying(round, async () => {
    for (const earlier of await earlierTransports(database)) {
      await trying(apart, async () => {
        // Greeted: what it signs says whether something retained is safe there.
        await pushReports(apart, earlier, "parcels", true);
        await pushAttachments(apart, earlier, "parcels");
      });
    }
  });
  if (round.reached) {
    const now = new Date().toISOString();
    await database.write(["contact", "clock", "check"], async (t) => {
      await t.objectStore("contact").put(now, "last");
      await t.objectStore("contact").put(String(round.reads), "reads");
      if (round.clock) await noteClock(t, round.clock.reading, round.clock.isRead);
      if (round.reads?.includes("check")) await forgetNews(t, round.news);
    });
    if (round.reads?.includes("storage_lost") && round.news.storage_lost) await context.page?.lossTold();
    await correctNews(context, round.news);
  }
  const left = await countWaiting(database);
  if (left === 0) await forgetWiped(database, round.news.wiped === undefined || round.reads?.includes("wiped"));
  const [first] = round.failures;
  const [firstApart] = apart.failures;
  const earlierProblem = firstApart ? { earlierProblem: firstApart.slug } : {};
  if (!first) return { left, reached: round.reached, ...earlierProblem };
  const patience = first.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: first.retryAfterSeconds };
  return { left, reached: round.reached, problem: first.slug, ...patience, ...earlierProblem };
}

/**
 * What a push says of the clock, and of what does not arrive, was read before it. Where it came otherwise, headquarters is told
 * at once: the list of phones speaks of the last contact. Should that fail, the next round tells.
 */
async function correctNews(context: PushContext, told: PhoneNews): Promise<void> {
  const known = await clockOf(context.database);
  const news = await phoneNews(context.database);
  const isOver = (what: "troubles" | "offered_again") => JSON.stringify(told[what]) !== JSON.stringify(news[what]);
  if (!isClockNews(told.clock, known, Date.now()) && !isOver("troubles") && !isOver("offered_again")) return;
  const again = roundOf(context, news);
  await trying(again, async () => {
    const transport = await context.database.read(["transport"], (t) => t.objectStore("transport").get("this"));
    if (transport) await post(again, transport, []);
  });
}

/** A phone that was wiped sends what was sealed; after the last of it nothing says any more whose it was. */
async function forgetWiped(database: Database, isTold: boolean | undefined): Promise<void> {
  const stores = ["transport", "chain", "contact", "clock", "receiptLists", "delivered", "safety"] as const;
  await database.write(["wrap", "outbox", "parcels", "parcelFiles", "retained", ...stores], async (t) => {
    for (const store of ["wrap", "outbox", "retained"] as const) if ((await t.objectStore(store).count()) > 0) return;
    const transports = await t.objectStore("transport").getAll();
    if (!isTold && transports.some(({ wiped }) => wiped)) return;
    const parcels = await deleteStranded(t);
    if (parcels.some((row) => !isStranded(row, transports))) return;
    for (const store of stores) await t.objectStore(store).clear();
  });
}

/** Reports first: headquarters takes the files of those it has. */
const steps: readonly (typeof pushReports)[] = [pushReports, pushAttachments];

interface Round extends PushContext {
  reached: boolean;
  /** What the last answer said of this phone's clock. */
  clock?: { reading: ClockReading; isRead: boolean };
  /** It was found to be restored from a copy: what it had received waits again. */
  isRestored?: boolean;
  /** What the server that answered last takes of a push. */
  reads?: readonly unknown[];
  /** Serial of the order to wipe this phone that came. */
  order?: number;
  failures: FieldProblem[];
  news: PhoneNews;
}

const roundOf = (context: PushContext, news: PhoneNews): Round => ({ ...context, reached: false, failures: [], news });

/** What stops the way to one server stops no other. */
async function trying(round: Round, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (failure) {
    if (!(failure instanceof FieldProblem)) throw failure;
    round.failures.push(failure);
  }
}

/** What is no report's or file's own trouble: the next one would fare the same. */
const wholePhoneProblems = new Set(["no-contact", "device-revoked", "epoch-behind", "ordered"]);

type Row = OutboxRow | ParcelRow;

async function rowsOf(database: Database, queue: Queue): Promise<Row[]> {
  const rows: Row[] = await database.read([queue], (t) => t.objectStore(queue).getAll());
  // What has failed before holds up nothing that has not.
  const tried = ({ trouble }: Row) => trouble?.rounds ?? 0;
  return rows.sort((a, b) => tried(a) - tried(b) || a.deviceSeq - b.deviceSeq);
}

/** Reports of the outbox and parcels that this phone still has to send, in whole or in part. */
export async function countWaiting(database: Database): Promise<number> {
  const transports = await database.read(["transport"], (t) => t.objectStore("transport").getAll());
  const [outbox, parcels] = await database.read(["outbox", "parcels"], (t) =>
    Promise.all([t.objectStore("outbox").count(), t.objectStore("parcels").getAll()]),
  );
  return outbox + parcels.filter((row) => !isStranded(row, transports)).length;
}

/** Of missions this phone belonged to before it was set up anew, while it has something of theirs to send, or retains it. */
async function earlierTransports(database: Database): Promise<Transport[]> {
  return database.write(["transport", "parcels", "retained", "received", "delivered"], async (transaction) => {
    const transports = transaction.objectStore("transport");
    const parcels = await transaction.objectStore("parcels").getAll();
    const earlier: Transport[] = [];
    for (const key of await transports.getAllKeys()) {
      const transport = key === "this" ? undefined : await transports.get(key);
      if (!transport) continue;
      const isRetained = async () => (await retainedRows(transaction, key)).size > 0;
      if (parcels.some((row) => canBeSent(row, transport)) || (await isRetained())) earlier.push(transport);
      else await transports.delete(key);
    }
    return earlier;
  });
}

async function pushReports(round: Round, transport: Transport, queue: Queue, greet: boolean): Promise<void> {
  const rows = (await rowsOf(round.database, queue)).filter((row) => !row.report && canBeSent(row, transport));
  const reports = rows.filter(({ needs }) => !needs);
  // What the server takes beside reports it says with an answer: it is asked first.
  const isAsked = reports.length === 0 && (greet || rows.length > 0);
  await pushRows(round, transport, queue, isAsked ? [[]] : batched(reports));
  const facts = (isTaken: boolean) => rows.filter(({ needs }) => needs && round.reads?.includes(needs) === isTaken);
  await pushRows(round, transport, queue, batched(facts(true)));
  const held = facts(false);
  if (held.length > 0) await noteTrouble(round, queue, held, "fact-held");
}

async function pushRows(round: Round, transport: Transport, queue: Queue, batches: readonly Row[][]): Promise<void> {
  for (const batch of batches) {
    await sendHalving(batch, async (some) => {
      try {
        await pushBatch(round, transport, queue, some);
      } catch (failure) {
        if (!isItemsOwn(failure) || some.length === 0) throw failure;
        const isWhole = wholeBatchProblems.has(failure.slug);
        if (isWhole && some.length > 1) return "halve";
        const rounds = await noteTrouble(round, queue, some, failure.slug);
        if (!isWhole) {
          if (rounds < patience) throw failure;
          // A server that answers a greeting is not at rest: something in the batch troubles it.
          await pushBatch(round, transport, queue, []);
          if (some.length > 1) return "halve";
        }
        round.failures.push(failure);
      }
      return "done";
    });
  }
}

const isItemsOwn = (failure: unknown): failure is FieldProblem =>
  failure instanceof FieldProblem && !wholePhoneProblems.has(failure.slug);

/** Notes why these could not be brought; gives in how many rounds, of the one that has waited longest. */
const noteTrouble = (round: Round, queue: Queue, rows: readonly Row[], slug: string): Promise<number> =>
  round.database.write([queue], async (t) => {
    let most = 0;
    for (const waiting of rows) {
      const row = await t.objectStore(queue).get(keyOf(waiting));
      if (!row) continue;
      const rounds = (row.trouble?.rounds ?? 0) + 1;
      most = Math.max(most, rounds);
      await putRow(t, { ...row, trouble: { rounds, slug, isAlone: rows.length === 1 } });
    }
    return most;
  });

const wholeBatchProblems = new Set(["too-large", "bad-request", "bad-json"]);

export function batched<Sealed extends Pick<OutboxRow, "sealed" | "trouble">>(rows: readonly Sealed[]): Sealed[][] {
  const batches: Sealed[][] = [];
  let size = 0;
  for (const row of rows) {
    const batch = batches.at(-1);
    // What failed by itself is tried by itself.
    const isAlone = row.trouble?.isAlone;
    if (!batch || isAlone || batch.length === mostItems || size + row.sealed.byteLength > mostSealedBytes) {
      batches.push([row]);
      size = isAlone ? mostSealedBytes : row.sealed.byteLength;
    } else {
      batch.push(row);
      size += row.sealed.byteLength + 3;
    }
  }
  return batches;
}

async function pushBatch(round: Round, transport: Transport, queue: Queue, batch: readonly Row[]): Promise<void> {
  if (queue === "outbox") for (const row of batch) round.progress?.(row.revision, 0);
  const { results, receipts, orders, ...contact } = await post(round, transport, batch);
  const order = await orderIn(orders, transport);
  if (order !== undefined) round.order = order;
  const list = await verifiedList(receipts, transport);
  // Servers of earlier versions prove nothing with a greeting: nothing leaves the outbox by it.
  const isGreeting = batch.length === 0 && results.length === 0;
  if ((!list && !isGreeting) || results.length !== batch.length) throw new FieldProblem("not-the-server");
  const settled = new Map<string, ReportFact>();
  const failures: FieldProblem[] = [];
  const mismatched: string[] = [];
  for (const [at, row] of batch.entries()) {
    const result = results[at] as WireResult;
    // By its file's words, a parcel of another phone may pass for a report that stands beside it.
    const isOwn = !("mission" in row) || row.madeHere;
    const entry = isOwn || result.status !== "retry" ? entryFor(row, list?.entries ?? []) : undefined;
    const beside = result.status === "quarantined" ? result.reason : undefined;
    if (entry) settled.set(keyOf(row), factOf(entry, row, entry.reason ?? beside));
    else if (result.status === "retry") failures.push(new FieldProblem("try-later"));
    else if (!isOwn) mismatched.push(row.sealedHash);
    else failures.push(new FieldProblem("receipt-missing"));
  }
  if (list && (await settleReports(round.database, list, settled, queue))) round.isRestored = true;
  // Only now: a server of an epoch that is over is not the one this phone looks for.
  Object.assign(round, contact, { reached: true });
  round.failures.push(...failures);
  for (const name of mismatched) await noteMismatch(round.database, name);
  // At once: what else waits goes when it is obeyed.
  if (order !== undefined && round.obey) throw new FieldProblem("ordered");
}

/** A sealed copy said something else of a report than its signature does. The report itself has been brought in. */
const noteMismatch = (database: Database, name: string): Promise<unknown> =>
  database.write(["parcels"], async (t) => {
    // Read here: an attachment may have come in with a file while the request was under way.
    const row = await t.objectStore("parcels").get(name);
    if (row) await t.objectStore("parcels").put({ ...row, mismatch: true }, name);
  });

async function post(round: Round, transport: Transport, batch: readonly Row[]) {
  const waiting = await countWaiting(round.database);
  const chain = await round.database.read(["chain"], (t) => t.objectStore("chain").get(transport.device));
  const body = JSON.stringify({
    outbox: { waiting, device_seq: chain?.deviceSeq ?? 0 },
    items: batch.map(({ sealed }) => text(sealed)),
    keys: transport.keys?.serial ?? 0,
    ...round.news,
  });
  const packed = await throughStream(utf8(body), new CompressionStream("gzip"));
  const sent = Date.now();
  const response = await send(contactOf(round, transport), "/sync/push", {
    method: "POST",
    headers: {
      Authorization: `Bearer ${transport.pushToken}`,
      "Content-Type": "application/json",
      "Content-Encoding": "gzip",
    },
    body: packed,
  });
  const answered = Date.now();
  const answer = (await answerOf(response)) as Partial<PushAnswer> | null;
  if (!Array.isArray(answer?.results)) throw new FieldProblem("not-the-server");
  // Whoever signs with a key that is not held yet says here why it may be believed.
  if (Array.isArray(answer.keys)) round.heard?.(answer.keys);
  const reading = clockReading(answer.server_time, sent, answered);
  const reads: unknown[] = Array.isArray(answer.reads) ? answer.reads : [];
  return {
    results: answer.results as WireResult[],
    receipts: answer.receipts,
    orders: answer.orders,
    reads,
    ...(reading ? { clock: { reading, isRead: reads.includes("clock") } } : {}),
  };
}

const contactOf = ({ fetch }: PushContext, { server }: Transport): Contact => ({ server, fetch });

async function pushAttachments(round: Round, transport: Transport, queue: Queue): Promise<void> {
  const rows = await rowsOf(round.database, queue);
  for (const row of rows.filter((each) => each.report && canBeSent(each, transport))) {
    const total = row.attachments.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    for (const fact of row.attachments) {
      const before = done;
      const progress = (sent: number) => {
        if (queue === "outbox") round.progress?.(row.revision, (before + sent) / total);
      };
      if (!fact.receipt) {
        try {
          await pushAttachment(round, transport, queue, fact, progress);
        } catch (failure) {
          // One file's failure must not hold up the others.
          if (!isItemsOwn(failure)) throw failure;
          const isUnknown = failure.slug === "attachment-unknown";
          // Of a report kept aside that nobody there could read, no server knows which files it names.
          if (!(row.report?.reason && isUnknown)) {
            round.failures.push(failure);
            await noteTrouble(round, queue, [row], failure.slug);
          }
          if (isUnknown && row.report?.reason === "unknown_device") await bringAgain(round.database, queue, row);
          // Restored from a copy, a server that had the report says so to nothing but a push.
          if (isUnknown) await pushBatch(round, transport, queue, []);
          if (round.isRestored) return;
        }
      }
      done += fact.size;
    }
  }
}

/**
 * Of a report whose phone it did not know, headquarters has the sealed text alone, and takes no file. Should the phone be known
 * by now, the same text brought again is read, and its files are taken: what was said of it the first time must not stand.
 */
const bringAgain = (database: Database, queue: Queue, waiting: Row): Promise<void> =>
  database.write([queue], async (t) => {
    const row = await t.objectStore(queue).get(keyOf(waiting));
    if (!row) return;
    const { report: _, ...rest } = row;
    await putRow(t, rest as Row);
  });

async function pushAttachment(
  round: Round,
  transport: Transport,
  queue: Queue,
  fact: AttachmentFact,
  progress: (sent: number) => void,
): Promise<void> {
  const jws = await uploadFile(round, transport, queue, fact, progress);
  const receipt = await attachmentReceipt(jws, transport, fact);
  if (!receipt) throw new FieldProblem("not-the-server");
  if (await settleAttachment(round.database, receipt, queue)) round.isRestored = true;
  round.reached = true;
}

/** Sends what the server lacks of an attachment; gives its receipt as it came. */
export async function uploadFile(
  context: PushContext,
  transport: Transport,
  queue: Queue,
  fact: AttachmentFact,
  progress: (sent: number) => void = () => undefined,
): Promise<string> {
  const bytes = await attachmentBytes(context.database, queue, fact);
  const caller = { headers: { Authorization: `Bearer ${transport.pushToken}` } };
  const target = { contact: contactOf(context, transport), caller };
  return upload(target, { sha256: fact.sha256, bytes }, progress);
}

const bytesOf = { outbox: "attachments", parcels: "parcelFiles" } as const;

async function attachmentBytes(database: Database, queue: Queue, { sha256: address }: AttachmentFact): Promise<Bytes> {
  const store = bytesOf[queue];
  const stored = await database.read([store], (t) => t.objectStore(store).get(address));
  if (!stored) throw new FieldProblem("attachment-missing", address);
  const bytes = new Uint8Array(stored);
  if (hex(await sha256(bytes)) !== address) throw new FieldProblem("attachment-damaged", address);
  return bytes;
}

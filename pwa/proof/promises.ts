/** What must hold once every fault has ended and nobody waits any more (docs/proof.md). */
import { enrolmentOf } from "../src/people/enrolment";
import { attachmentReceipt, entryFor, verifiedList } from "../src/sync/receipts";
import type { OutboxRow, ReceivedRow, Transport } from "../src/vault/schema";
import { fromB64u, text } from "../src/wire/bytes";
import type { Finished, Journal } from "./journal";
import type { Network } from "./network";
import type { ProofPhone } from "./phone";
import { done } from "./pipe";

interface Item {
  seq: number;
  outcome: string;
  reason: string;
  id: string | null;
  hash: string | null;
  /** Content hash of the bytes as they lie there. */
  rehashed?: string;
  revision?: {
    id: string;
    submission: string;
    device: string;
    device_seq: number;
    prev_hash: string;
    team: string;
    patch: Record<string, unknown>;
    attachments: { sha256: string }[];
  };
}

/** What the server holds, as it says itself. */
interface Facts {
  epoch: number;
  n: number;
  feed: number[];
  inbox: Item[];
  /** Team by submission. */
  submissions: Record<string, string>;
  /** Whether the bytes are there and are those that were named. */
  attachments: Record<string, boolean>;
  differences: string[];
  faults: string[];
  /** By phone: its team, and how many reports it has said it made. */
  devices: Record<string, { team: string; made: number }>;
  /** What the desk is told: how many reports of each team nobody holds. */
  missing: Record<string, number>;
}

/** Every promise that does not hold, in words; none when all do. */
export async function brokenPromises(
  phones: readonly ProofPhone[],
  journal: Journal,
  network: Network,
): Promise<string[]> {
  const facts = await done<Facts>("facts");
  const broken = [
    ...facts.faults.map((fault) => `the server failed: ${fault}`),
    ...facts.differences.map((difference) => `rebuilt, the server is another: ${difference}`),
    ...phones.flatMap(({ name, faults }) => faults.map((fault) => `${name} failed: ${fault}`)),
    ...storedOnce(facts, journal),
    ...numbered(facts),
    ...numberedOnce(network, journal),
    ...chained(facts),
    ...missed(facts, journal),
    ...attributed(facts),
  ];
  for (const phone of phones) {
    broken.push(...(await nothingWaits(phone, journal)));
    broken.push(...(await receiptsHold(phone, facts)));
    broken.push(...(await feedIsWhole(phone, facts, journal)));
  }
  return broken;
}

/** Kept aside for a reason that the schedule gave: a person at headquarters decides. */
const isAsideWithReason = (reason: string, { hasRevoked, isMoveForgotten }: Journal): boolean =>
  (hasRevoked && reason === "revoked_device") || (isMoveForgotten && reason === "wrong_team");

function storedOnce({ inbox, attachments }: Facts, journal: Journal): string[] {
  const { begun, finished } = journal;
  const broken: string[] = [];
  for (const { submission, remarks, phone, isGone } of begun.values()) {
    const items = inbox.filter(({ revision }) => revision?.submission === submission);
    if (items.length === 0 && !isGone) broken.push(`lost: report ${remarks} of ${phone}`);
    if (items.length > 1) broken.push(`doubled: report ${remarks} of ${phone} is there ${items.length} times`);
    const [item] = items;
    const isAside = item && item.outcome !== "stored" && !isAsideWithReason(item.reason, journal);
    if (isAside) broken.push(`kept aside as ${item.reason}: report ${remarks} of ${phone}`);
    const said = item?.revision?.patch.remarks;
    if (item && said !== remarks) broken.push(`changed: report ${remarks} of ${phone}`);
  }
  for (const report of finished)
    if (!report.isGone && !isStored(inbox, report)) broken.push(`lost: finished revision of ${report.phone}`);
  for (const { revision, rehashed, hash, id } of inbox) {
    if (revision && rehashed !== hash) broken.push(`content of ${id} has another hash`);
    const report = revision && begun.get(revision.submission);
    const isGone = report?.isGone || report?.isWithoutPhotos;
    for (const { sha256 } of revision?.attachments ?? []) {
      if (!isGone && !attachments[sha256])
        broken.push(`attachment of revision ${revision?.device_seq} is not there whole`);
    }
  }
  return broken;
}

const isStored = (inbox: readonly Item[], { revision, hash }: Finished): boolean =>
  inbox.some((item) => item.id === revision && item.hash === hash);

/** Where a restored server goes on is at least so far ahead. */
const leap = 900_000;

/** The feed counts 1, 2, 3 …, up to the counter; only a restored server leaves numbers out, a million of them. */
function numbered({ feed, n, epoch }: Facts): string[] {
  const follows = (number: number, before: number) => number === before + 1 || (epoch > 1 && number - before > leap);
  const gap = feed.find((number, at) => !follows(number, feed[at - 1] ?? 0));
  const broken = gap === undefined ? [] : [`the feed has a gap or a number twice at ${gap}`];
  const last = feed.at(-1) ?? 0;
  const isAtEnd = last === n || (epoch > 1 && n - last > leap);
  return isAtEnd ? broken : [...broken, `the feed ends at ${last}, the counter stands at ${n}`];
}

/** No number was ever signed for two things; within an epoch, where a backup was restored a second time. */
function numberedOnce({ lists, fileReceipts }: Network, { restores }: Journal): string[] {
  const owners = new Map<string, string>();
  const payloadOf = (jws: string) => JSON.parse(text(fromB64u(jws.split(".")[1] ?? "")));
  const reports = lists.flatMap((jws) => {
    const { epoch, items } = payloadOf(jws) as { epoch: number; items: Numbered[] };
    return items.map((item) => ({ ...item, epoch }));
  });
  const files = fileReceipts.map((jws) => payloadOf(jws) as Numbered & { epoch: number });
  const twice = [...reports, ...files].find(({ epoch, seq, id, sealed, sha256 }) => {
    const number = restores > 1 ? `${epoch}/${seq}` : String(seq);
    const owner = id ?? sealed ?? sha256 ?? "";
    const before = owners.get(number) ?? owner;
    owners.set(number, owner);
    return before !== owner;
  });
  return twice ? [`number ${twice.seq} was given to two things`] : [];
}

interface Numbered {
  seq: number;
  id?: string;
  sealed?: string;
  sha256?: string;
}

/** Of every device the revisions 1, 2, 3 …, each naming the one before it. */
function chained({ inbox }: Facts): string[] {
  const made = inbox.flatMap(({ revision, hash }) => (revision ? [{ ...revision, hash }] : []));
  return [...new Set(made.map(({ device }) => device))].flatMap((maker) => {
    const revisions = made.filter(({ device }) => device === maker).sort((a, b) => a.device_seq - b.device_seq);
    const wrong = revisions.find(
      ({ device_seq: number, prev_hash: before }, at) =>
        number !== at + 1 || before !== (at === 0 ? "" : revisions[at - 1]?.hash),
    );
    return wrong ? [`a device's chain is broken at its revision ${wrong.device_seq}`] : [];
  });
}

/** What a phone has said it made and nobody holds is what the desk is told is missing: only of phones whose storage went. */
function missed({ devices, inbox, missing }: Facts, { goneDevices }: Journal): string[] {
  const expected = new Map(Object.keys(missing).map((team) => [team, 0]));
  const broken: string[] = [];
  for (const [device, { team, made }] of Object.entries(devices)) {
    const held = new Set(inbox.flatMap(({ revision: r }) => (r?.device === device ? [r.device_seq] : [])));
    const lost = Math.max(made, ...held) - held.size;
    if (lost > 0 && !goneDevices.has(device)) broken.push(`a phone of ${team} made ${lost} reports that nobody holds`);
    expected.set(team, (expected.get(team) ?? 0) + lost);
  }
  for (const [team, lost] of expected)
    if (missing[team] !== lost)
      broken.push(`the desk is told of ${missing[team]} missing of ${team}, where ${lost} are`);
  return broken;
}

/** A report is the team's that its phone was of when it was signed, whatever became of the phone since. */
function attributed({ inbox, submissions }: Facts): string[] {
  const wrong = inbox.find(
    ({ outcome, revision }) => outcome === "stored" && revision && submissions[revision.submission] !== revision.team,
  );
  const team = wrong?.revision && submissions[wrong.revision.submission];
  return wrong ? [`a report that was signed for ${wrong.revision?.team} is counted as one of ${team}`] : [];
}

async function nothingWaits(
  { name, disk, parts }: ProofPhone,
  { goneDevices, withoutPhotos }: Journal,
): Promise<string[]> {
  const [outbox, parcels, drafts] = await disk.read(["outbox", "parcels", "drafts"], (t) =>
    Promise.all([t.objectStore("outbox").count(), t.objectStore("parcels").count(), t.objectStore("drafts").count()]),
  );
  const broken: string[] = [];
  const { problem } = parts.rounds.status;
  // A report waits for its photo, and headquarters is told that it is gone.
  const isPhotoGone = withoutPhotos.has(name) && problem === "attachment-missing";
  if (outbox > 0 && !isPhotoGone) broken.push(`stuck: ${outbox} in the outbox of ${name} (${problem})`);
  // Its file may have gone with the storage of the phone that made it.
  if (parcels > 0 && goneDevices.size === 0 && !isPhotoGone)
    broken.push(`stuck: ${parcels} parcels on ${name} (${problem})`);
  if (drafts > 0) broken.push(`stuck: ${drafts} drafts on ${name}`);
  if (problem && !isPhotoGone) broken.push(`${name} still says ${problem}`);
  return broken;
}

/** With nothing but the mission's key, as anybody could: each receipt proves what the phone took it for. */
async function receiptsHold({ name, disk, parts }: ProofPhone, { inbox }: Facts): Promise<string[]> {
  const transport = await disk.read(["transport"], (t) => t.objectStore("transport").get("this"));
  if (!transport) return [`${name} is not enrolled`];
  const [received, outbox] = await disk.read(["received", "outbox"], (t) =>
    Promise.all([t.objectStore("received").getAll(), t.objectStore("outbox").getAll()]),
  );
  const enrolment = await enrolmentOf(parts.vault);
  const broken = enrolment?.identity.mission.id === transport.mission ? [] : [`${name} mixes two missions`];
  for (const row of [...received, ...outbox].filter(({ report }) => report)) {
    broken.push(...(await receiptHolds(name, disk, transport, row, inbox)));
  }
  return broken;
}

async function receiptHolds(
  name: string,
  disk: ProofPhone["disk"],
  transport: Transport,
  row: ReceivedRow | OutboxRow,
  inbox: readonly Item[],
): Promise<string[]> {
  const what = `receipt of ${name}'s report ${row.deviceSeq}`;
  const list = await disk.read(["receiptLists"], (t) => t.objectStore("receiptLists").get(row.report?.list ?? ""));
  const entries = (await verifiedList(list, transport))?.entries;
  if (!entries) return [`${what} is not signed`];
  const entry = entries.find(({ id, hash }) => id === row.revision && hash === row.hash);
  if (!entry && !entryFor({ ...row, sealedHash: row.sealedHash ?? "" }, entries)) return [`${what} is about another`];
  const broken: string[] = [];
  const at = inbox.find(({ seq }) => seq === row.report?.seq);
  if (at?.id !== row.revision) broken.push(`${what} says number ${row.report?.seq}, where another stands`);
  for (const fact of row.attachments) {
    const isSigned = await attachmentReceipt(fact.receipt, transport, fact);
    if (fact.receipt && !isSigned) broken.push(`${what}: file not signed`);
  }
  return broken;
}

/** A phone that has heard everything knows of which team it is, every report of that team, and no other but of those before. */
async function feedIsWhole(
  { name, parts }: ProofPhone,
  { submissions, devices }: Facts,
  { teams }: Journal,
): Promise<string[]> {
  const enrolment = await enrolmentOf(parts.vault);
  const team = enrolment?.identity.team.code;
  const due = devices[enrolment?.identity.device.id ?? ""]?.team;
  const known = (await parts.vault.all<unknown>("feed", "submission/")).map(({ id }) => id.slice("submission/".length));
  const own = Object.entries(submissions).flatMap(([id, code]) => (code === team ? [id] : []));
  const missing = own.filter((id) => !known.includes(id));
  const before = teams.get(name) ?? new Set();
  const extra = known.filter((id) => !own.includes(id) && !before.has(submissions[id] ?? ""));
  return [
    ...(team === due ? [] : [`${name} takes itself for one of ${team}, and is one of ${due}`]),
    ...(missing.length > 0 ? [`${name} never heard of ${missing.length} reports of its team`] : []),
    ...(extra.length > 0 ? [`${name} heard of ${extra.length} reports that are not its team's`] : []),
  ];
}

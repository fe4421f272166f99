/**
 * What the team's reports say (protocol.md §13): fetched after the feed told of them, opened with the phone's content key and
 * kept in the vault; and taken away again where this phone may not read it any more. Only with the vault open.
 */

import { compactDecrypt } from "jose/jwe/compact/decrypt";
import type { Patch } from "../engine/answers";
import { registeredContentKey } from "../people/contentKey";
import type { ProvingContact } from "../people/dpop";
import { enrolmentOf } from "../people/enrolment";
import type { Identity } from "../people/identity";
import type { ReportLabel } from "../submissions/draft";
import {
  type HeldRevision,
  heldRevisions,
  heldRow,
  type ToldReport,
  toldReports,
} from "../submissions/readable/heldRevisions";
import type { Database } from "../vault/database";
import type { Transport } from "../vault/schema";
import type { RecordVault } from "../vault/vault";
import { b64u, sha256, text, throughStream } from "../wire/bytes";
import { answerOf } from "../wire/contact";
import { FieldProblem } from "../wire/problem";
import { serverSaid } from "./receipts";

export interface ContentContext {
  vault: RecordVault;
  database: Database;
  proving: ProvingContact;
}

/** A revision on the wire. */
interface ToldRevision
  extends Pick<HeldRevision, "id" | "submission" | "base" | "files" | "device" | "letter" | "author"> {
  checklist_version: string;
  patch: Patch;
  made_at: string;
}

/** As many reports in one question as the server takes, and revisions of each that it is told are here. */
const reportsTogether = 50;
const mostHeld = 1000;

/** What a phone knows of its team's reports after a pull. */
interface TeamContent {
  identity: Identity;
  transport: Transport;
  told: ReadonlyMap<string, ToldReport>;
  held: ReadonlyMap<string, readonly HeldRevision[]>;
}

/**
 * Takes away what this phone may read no longer, with no need of the network: before anything is fetched. Gives what is left;
 * undefined before the phone is set up.
 */
export async function dropTeamContent({ vault, database }: ContentContext): Promise<TeamContent | undefined> {
  const enrolment = await enrolmentOf(vault);
  const transport = await database.read(["transport"], (t) => t.objectStore("transport").get("this"));
  if (!enrolment || !transport) return undefined;
  const known = { identity: enrolment.identity, transport, told: await toldReports(vault) };
  return { ...known, held: await dropUnreadable({ vault, database }, { ...known, held: await heldRevisions(vault) }) };
}

/** Rejects with `no-contact`, `not-the-server` or the server's problem; what came so far stays. */
export async function fetchTeamContent(
  context: ContentContext,
  { identity, transport, told, held }: TeamContent,
): Promise<void> {
  const { vault, database } = context;
  const reads = await database.read(["contact"], (t) => t.objectStore("contact").get("reads"));
  if (!transport.keepCopies || !reads?.split(",").includes("content_key")) return;
  const { team, mission } = identity;
  const key = await registeredContentKey(vault, context.proving, mission.id);
  if (await beginFeedAnew(context, told, team.code)) return;
  const lacking = lackingReports(told, held, team.code);
  for (let at = 0; at < lacking.length; at += reportsTogether) {
    await fetchReports(context, { key, transport, team: team.code }, lacking.slice(at, at + reportsTogether));
  }
}

/** Reports of which a head, or what one was made from, is not here: with the revisions that are. */
export function lackingReports(
  told: ReadonlyMap<string, ToldReport>,
  held: ReadonlyMap<string, readonly Pick<HeldRevision, "id" | "base">[]>,
  team: string,
): [submission: string, ids: string[]][] {
  return [...told].flatMap(([submission, { heads = [], status, team: of }]) => {
    const here = held.get(submission) ?? [];
    const ids = new Set(here.map(({ id }) => id));
    const isWhole = [...heads, ...here.flatMap(({ base }) => base)].every((id) => ids.has(id));
    return of !== team || status === "withdrawn" || isWhole ? [] : [[submission, [...ids].slice(-mostHeld)]];
  });
}

/**
 * Lines that came before the server told of heads do not come again: the feed is read from its beginning, once. Gives whether
 * it will be, with the next round.
 */
async function beginFeedAnew(
  { vault }: ContentContext,
  told: ReadonlyMap<string, ToldReport>,
  team: string,
): Promise<boolean> {
  if ([...told.values()].every((report) => report.team !== team || report.heads)) return false;
  if (await vault.get("feed", "begunForHeads")) return false;
  await vault.put("feed", "begunForHeads", true);
  await vault.remove("feed", "cursor");
  return true;
}

interface Reading {
  key: CryptoKey;
  transport: Transport;
  team: string;
}

async function fetchReports(
  context: ContentContext,
  reading: Reading,
  lacking: readonly (readonly [submission: string, ids: string[]])[],
): Promise<void> {
  const held = new Map(lacking.map(([submission, ids]) => [submission, [...ids]]));
  for (let more = true; more; ) {
    const answer = await ask(context, reading, held);
    if (typeof answer.sealed !== "string") return;
    const revisions = await opened(answer.sealed, reading);
    // Of what nobody asked for, nothing is kept.
    const fresh = revisions.filter(({ id, submission }) => held.get(submission)?.includes(id) === false);
    await keep(context, fresh, reading.team);
    for (const { id, submission } of fresh) held.get(submission)?.push(id);
    // A server that promises more and brings nothing new would hold the phone in a circle.
    more = answer.more === true && fresh.length > 0;
  }
}

async function ask(
  { vault, proving }: ContentContext,
  { transport }: Reading,
  held: ReadonlyMap<string, string[]>,
): Promise<{ sealed?: unknown; more?: unknown }> {
  const reports = [...held].map(([submission, ids]) => ({ submission, held: ids.slice(-mostHeld) }));
  const post = async () => (await answerOf(await proving.post("/sync/team-reports", { reports }))) as object | null;
  try {
    return (await post()) ?? {};
  } catch (failure) {
    if (!(failure instanceof FieldProblem) || failure.slug !== "no-content-key") throw failure;
    // A server that was restored from a copy has forgotten it.
    await registeredContentKey(vault, proving, transport.mission, true);
    return (await post()) ?? {};
  }
}

/** What the mission said to this very device; rejects with `not-the-server` for anything else. */
async function opened(sealed: string, { key, transport }: Reading): Promise<ToldRevision[]> {
  const { plaintext } = await compactDecrypt(sealed, key).catch(() => {
    throw new FieldProblem("not-the-server");
  });
  const whole = await throughStream(new Uint8Array(plaintext), new DecompressionStream("deflate-raw"));
  const end = whole.indexOf(0x0a);
  const content = whole.slice(end + 1);
  const said = await serverSaid(text(whole.slice(0, end)), "steppe-reports+jws", transport);
  if (said?.device !== transport.device || said.sha256 !== b64u(await sha256(content))) {
    throw new FieldProblem("not-the-server");
  }
  return JSON.parse(text(content)) as ToldRevision[];
}

async function keep({ vault, database }: ContentContext, revisions: ToldRevision[], team: string): Promise<void> {
  const rows = await Promise.all(
    revisions.map(({ checklist_version: checklist, made_at: madeAt, ...rest }) => {
      const { id, submission, base, patch, files, device, letter, author } = rest;
      const row: HeldRevision = {
        ...{ id, submission, checklist, base, patch, files, device, letter, author, madeAt },
        team,
      };
      return vault.seal("feed", heldRow(row), row);
    }),
  );
  await database.write(["feed"], async (transaction) => {
    for (const { id, bytes } of rows) await transaction.objectStore("feed").put(bytes, id);
  });
}

/**
 * Takes away what this phone may read no longer: everything of the pair where the mission lets copies go with the receipt, what
 * was withdrawn, and what is of a team that it left. What waits to be sent stays, with its copy.
 */
async function dropUnreadable(
  { vault, database }: Pick<ContentContext, "vault" | "database">,
  { identity, transport: { keepCopies }, told, held }: TeamContent,
): Promise<TeamContent["held"]> {
  const isGone = ({ submission, team, device }: HeldRevision) => {
    const isWithdrawn = told.get(submission)?.status === "withdrawn" && device !== identity.device.id;
    return !keepCopies || team !== identity.team.code || isWithdrawn;
  };
  const gone = [...held.values()].flat().filter(isGone);
  const left = identity.movedFrom === undefined ? [] : await receivedOfOthers(vault, database, identity.team.code);
  if (gone.length + left.length === 0) return held;
  await database.write(["feed", "copies", "photos"], async (transaction) => {
    for (const row of gone) await transaction.objectStore("feed").delete(heldRow(row));
    for (const { revision, photos } of left) {
      await transaction.objectStore("copies").delete(revision);
      for (const photo of photos) await transaction.objectStore("photos").delete(photo);
    }
  });
  return new Map([...held].map(([submission, rows]) => [submission, rows.filter((row) => !isGone(row))]));
}

/** What this phone finished in another team and headquarters has, as far as it can still be read here. */
async function receivedOfOthers(vault: RecordVault, database: Database, team: string) {
  const [rows, readable] = await database.read(["received", "copies"], (t) =>
    Promise.all([t.objectStore("received").getAll(), t.objectStore("copies").getAllKeys()]),
  );
  const copies = new Set(readable);
  const found = rows.filter(({ revision }) => copies.has(revision));
  const labels = await Promise.all(found.map(({ revision }) => vault.get<ReportLabel>("labels", revision)));
  return found.flatMap(({ revision, attachments }, at) => {
    const code = labels[at]?.code;
    if (code === undefined || code.startsWith(`${team}-`)) return [];
    return [{ revision, photos: attachments.flatMap(({ photo }) => photo ?? []) }];
  });
}

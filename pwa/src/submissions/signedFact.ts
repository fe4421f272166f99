/** What is signed beside reports, in the same chain: a reply to headquarters, a question to it, a withdrawal (protocol.md §3). */

import type { WithdrawalReason } from "../i18n/withdrawals";
import { type DeviceKey, deviceKey } from "../people/device";
import { type Enrolment, enrolmentOf } from "../people/enrolment";
import { clockOf, signedClock } from "../people/phoneClock";
import type { Database } from "../vault/database";
import type { Chain } from "../vault/schema";
import type { RecordVault } from "../vault/vault";
import { exactBuffer } from "../wire/bytes";
import { timelessId } from "../wire/ids";
import { FieldProblem } from "../wire/problem";
import type { ReportLabel } from "./draft";
import { chainOf, type Made, queue } from "./facts/chain";
import type { LedgerEntry } from "./ledger";
import { type OwnReply, type QueryRound, replyRow } from "./readable/hqQueries";
import { sealRevision } from "./revision";

/** A report that is taken back, as it stood at these heads. */
export interface Withdrawing {
  submission: string;
  heads: readonly string[];
  reason: WithdrawalReason;
}

/** What a person says, and how the outbox calls it in each language. */
export interface Saying {
  /** May be empty where a report is taken back, or a revision replies. */
  text: string;
  title: ReportLabel["title"];
  /** The query it replies to; without one it is a question to headquarters. */
  to?: QueryRound;
  /** The revision of the report that replies. */
  revision?: string;
  /** What it takes back, instead of asking or replying. */
  withdraws?: Withdrawing;
}

interface Parts {
  vault: RecordVault;
  database: Database;
}

/** Signs, seals, queues: one transaction. Gives the id under which the outbox has it. Rejects with `not-enrolled`. */
export async function sayToHeadquarters(parts: Parts, said: Saying): Promise<string> {
  const enrolment = await enrolmentOf(parts.vault);
  if (!enrolment) throw new FieldProblem("not-enrolled");
  const device = await deviceKey(parts.vault);
  for (;;) {
    const chain = await chainOf(parts.database, device.id);
    const made = await makeFact(parts, enrolment, device, chain, said);
    if (await queue(parts.database, device.id, chain, [made])) return made.row.revision;
  }
}

/** The next of the chain. */
export async function makeFact(
  { vault, database }: Parts,
  { identity, transportKey }: Enrolment,
  device: DeviceKey,
  chain: Chain,
  { text, title, to, revision, withdraws }: Saying,
): Promise<Made> {
  const now = new Date();
  const kind = withdraws ? "withdrawal" : to ? "reply" : "question";
  const fact = {
    id: timelessId(),
    kind,
    ...(to ? { query: to.statement } : {}),
    ...withdraws,
    ...(revision ? { revision } : {}),
    ...(text ? { text } : {}),
    team: identity.team.code,
    author: identity.person.id,
    device: device.id,
    device_seq: chain.deviceSeq + 1,
    made_at: now.toISOString(),
    tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    prev_hash: chain.prevHash,
    ...signedClock(await clockOf(database), now.getTime()),
  };
  const { hash, sealed, sealedHash } = await sealRevision(fact, device, transportKey);
  const number = String(fact.device_seq).padStart(3, "0");
  const label: ReportLabel = {
    code: `${identity.team.code}-${identity.device.letter}${number}`,
    checklist: "",
    form: "",
    title,
    madeAt: fact.made_at,
    ...(withdraws ? { withdraws: { submission: withdraws.submission, heads: withdraws.heads } } : {}),
  };
  const counted = withdraws && (await vault.get<LedgerEntry>("ledger", withdraws.submission));
  const own: OwnReply = { revision: fact.id };
  return {
    row: {
      revision: fact.id,
      submission: fact.id,
      deviceSeq: fact.device_seq,
      hash,
      sealed: exactBuffer(sealed),
      sealedHash,
      attachments: [],
      needs: kind,
    },
    sealed: [
      await vault.seal("labels", fact.id, label),
      await vault.seal("copies", fact.id, { said: text }),
      ...(to ? [await vault.seal("feed", replyRow(to.id, to.round), own)] : []),
      ...(counted ? [await vault.seal("ledger", counted.submission, { ...counted, isWithdrawn: true })] : []),
    ],
    replaced: [],
  };
}

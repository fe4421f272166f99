/** What is signed beside reports, in the same chain: a reply to headquarters, a question to it (protocol.md §3). */

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
import { type OwnReply, type QueryRound, replyRow } from "./readable/hqQueries";
import { sealRevision } from "./revision";

/** What a person says, and how the outbox calls it in each language. */
export interface Saying {
  text: string;
  title: ReportLabel["title"];
  /** The query it replies to; without one it is a question to headquarters. */
  to?: QueryRound;
}

/** A reply that says nothing but which revision of the report answers. */
export interface ReplyByRevision extends Required<Pick<Saying, "title" | "to">> {
  revision: string;
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
  said: Saying | ReplyByRevision,
): Promise<Made> {
  const { title, to } = said;
  const now = new Date();
  const kind = to ? "reply" : "question";
  const fact = {
    id: timelessId(),
    kind,
    ...(to ? { query: to.statement } : {}),
    ...("revision" in said ? { revision: said.revision } : { text: said.text }),
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
  };
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
      await vault.seal("copies", fact.id, { said: "text" in said ? said.text : "" }),
      ...(to ? [await vault.seal("feed", replyRow(to.id, to.round), own)] : []),
    ],
    replaced: [],
  };
}

/** What is signed beside reports, in the same chain: a reply to headquarters, a question to it (protocol.md §3). */

import { type DeviceKey, deviceKey } from "../people/device";
import { type Enrolment, enrolmentOf } from "../people/enrolment";
import { clockOf, signedClock } from "../people/phoneClock";
import { exactBuffer } from "../wire/bytes";
import { timelessId } from "../wire/ids";
import { FieldProblem } from "../wire/problem";
import type { ReportLabel } from "./draft";
import { chainOf, type Finishing, type Made, queue } from "./finish";
import { type HqQuery, type OwnReply, replyRow } from "./readable/hqQueries";
import { sealRevision } from "./revision";

/** What a person says, and how the outbox calls it in each language. */
export interface Saying {
  text: string;
  title: ReportLabel["title"];
  /** The query it replies to; without one it is a question to headquarters. */
  to?: HqQuery;
}

/** Signs, seals, queues: one transaction. Gives the id under which the outbox has it. Rejects with `not-enrolled`. */
export async function sayToHeadquarters(parts: Pick<Finishing, "vault" | "database">, said: Saying): Promise<string> {
  const enrolment = await enrolmentOf(parts.vault);
  if (!enrolment) throw new FieldProblem("not-enrolled");
  const device = await deviceKey(parts.vault);
  for (;;) {
    const chain = await chainOf(parts.database, device.id);
    const made = await makeFact(parts, enrolment, device, chain, said);
    if (await queue(parts.database, device.id, chain, made)) return made.row.revision;
  }
}

async function makeFact(
  { vault, database }: Pick<Finishing, "vault" | "database">,
  { identity, transportKey }: Enrolment,
  device: DeviceKey,
  chain: { deviceSeq: number; prevHash: string },
  { text, title, to }: Saying,
): Promise<Made> {
  const now = new Date();
  const kind = to ? "reply" : "question";
  const fact = {
    id: timelessId(),
    kind,
    ...(to ? { query: to.statement } : {}),
    text,
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
      await vault.seal("copies", fact.id, { said: text }),
      ...(to ? [await vault.seal("feed", replyRow(to.id, to.round), own)] : []),
    ],
    replaced: [],
  };
}

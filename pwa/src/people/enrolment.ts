/** Enrolment: a one-time code becomes a device of a team (protocol.md §2). */

import type { Database } from "../vault/database";
import type { ParcelRow, Transport } from "../vault/schema";
import type { RecordVault } from "../vault/vault";
import { sha256, utf8 } from "../wire/bytes";
import { answerOf, type Contact, send } from "../wire/contact";
import { signCompact } from "../wire/jws";
import { FieldProblem } from "../wire/problem";
import { thumbprint } from "../wire/thumbprint";
import { groupCode, isWholeCode, readCode } from "./code";
import { type DeviceKey, deviceKey, deviceSigner, platformName, publicHalf } from "./device";
import { nonceOf } from "./dpop";
import type { Identity } from "./identity";
import { checkKeys, compareKeys, type MissionKey, type MissionKeys } from "./missionKeys";

/** What the vault keeps of an enrolment. */
export interface Enrolment {
  identity: Identity;
  accessToken: string;
  transportKey: MissionKey;
  /** For the first proof (RFC 9449 §8): on a slow line it spares a phone that was just enrolled one refused request. */
  nonce?: string;
}

/** The mission on the wire. */
export type MissionData = Identity["mission"] & { policy?: { local_copy?: string; lock_out_days?: number } };

/** The team on the wire after enrolment, with the letter of this phone in it; servers of earlier versions leave that out. */
export type TeamNow = Identity["team"] & { letter?: string };

/** The answer of `POST /enrolments/redeem`, as far as the phone uses it. */
interface Redeemed {
  device: Identity["device"];
  team: Identity["team"];
  person: Identity["person"];
  mission: MissionData;
  keys: MissionKeys;
  root?: JsonWebKey;
  statements?: string[];
  push_token: string;
  access_token: string;
  orders_over?: number | null;
}

export const enrolmentOf = (vault: RecordVault): Promise<Enrolment | undefined> =>
  vault.get<Enrolment>("identity", "enrolment");

/**
 * Redeems the code and keeps what came back: the identity sealed, and what a locked phone needs to send in clear, in one
 * transaction. Repeating it after a lost answer is safe. Rejects with the server's problem (`code-used`, …), `no-contact`, or
 * `other-keys`: whoever answers has not the keys that the link names, and nothing of the answer was kept. A phone that is set
 * up already, and not known any more, introduces the same device again and keeps everything; `other-mission`: with a code of
 * its own mission only.
 */
export async function enrol(
  vault: RecordVault,
  database: Database,
  contact: Contact,
  typed: string,
): Promise<Identity> {
  if (!isWholeCode(typed)) throw new FieldProblem("code-malformed");
  const entry = readCode(typed);
  await checkKeys(contact, entry);
  const device = await deviceKey(vault);
  const before = await enrolmentOf(vault);
  const { redeemed, nonce } = await redeem(contact, device, groupCode(entry.code), before?.identity.device.letter);
  // Again: whoever stands between may have passed on the first answer and not this one.
  const { policy, ...mission } = redeemed.mission;
  const keys = await compareKeys(entry, redeemed, mission.id);
  // What is on the phone, and waits on it, is of the mission it belongs to.
  if (before && before.identity.mission.id !== mission.id) throw new FieldProblem("other-mission");
  const movedFrom = before && before.identity.team.code !== redeemed.team.code ? before.identity.team.code : undefined;
  const identity: Identity = {
    device: redeemed.device,
    team: redeemed.team,
    ...(movedFrom === undefined ? {} : { movedFrom }),
    person: redeemed.person,
    mission,
    matchingCode: await matchingCode(device.privateJwk, redeemed.keys.receipt, redeemed.keys.transport),
    ...(entry.keys ? { keysChecked: true } : {}),
  };
  const enrolment: Enrolment = {
    identity,
    accessToken: redeemed.access_token,
    transportKey: redeemed.keys.transport,
    ...(nonce === undefined ? {} : { nonce }),
  };
  const transport: Transport = {
    server: contact.server,
    pushToken: redeemed.push_token,
    mission: mission.id,
    device: redeemed.device.id,
    receiptKey: redeemed.keys.receipt,
    ...(keys ? { keys } : {}),
    keepCopies: keepsCopies(policy),
    ...lockOut(policy),
    ...(redeemed.orders_over ? { ordersOver: redeemed.orders_over } : {}),
  };
  await keepEarlier(database, transport);
  await write(vault, database, enrolment, transport, movedFrom !== undefined);
  return identity;
}

/** Sealed reports of another mission still have to be sent, or to be safe: the push token they were made under stays for them alone. */
async function keepEarlier(database: Database, { mission }: Transport): Promise<void> {
  await database.write(["transport", "parcels", "retained"], async (transaction) => {
    const earlier = await transaction.objectStore("transport").get("this");
    const parcels = await transaction.objectStore("parcels").getAll();
    const isToSend = (parcel: ParcelRow) => parcel.mission === earlier?.mission && !parcel.mismatch;
    const isKept = async () => parcels.some(isToSend) || (await transaction.objectStore("retained").count()) > 0;
    if (earlier && earlier.mission !== mission && (await isKept()))
      await transaction.objectStore("transport").put(earlier, earlier.mission);
  });
}

/**
 * Takes over what the mission changed since: its own facts, its policy, the team's area. Nothing to do: nothing is written.
 * Keys are not among it: those change by signed lists alone (sync/learnKeys.ts). Gives whether the phone is of another team
 * now: the feed then begins anew, for it told nothing yet of what that team had made.
 */
export async function updateEnrolment(
  vault: RecordVault,
  database: Database,
  missionNow: MissionData | undefined,
  teamNow: TeamNow | undefined,
): Promise<boolean> {
  const enrolment = await enrolmentOf(vault);
  const transport = await database.read(["transport"], (t) => t.objectStore("transport").get("this"));
  if (!enrolment || !transport) return false;
  const { policy, ...mission } = missionNow ?? { ...enrolment.identity.mission, policy: undefined };
  const { letter, ...team }: TeamNow = teamNow ?? enrolment.identity.team;
  const device = { ...enrolment.identity.device, ...(letter ? { letter } : {}) };
  const before = enrolment.identity.team.code;
  const isMoved = team.code !== before;
  const identity = { ...enrolment.identity, device, mission, team, ...(isMoved ? { movedFrom: before } : {}) };
  const { lockOutDays, ...other } = transport;
  const kept = missionNow ? { ...other, keepCopies: keepsCopies(policy), ...lockOut(policy) } : transport;
  const isSame = kept.keepCopies === transport.keepCopies && kept.lockOutDays === lockOutDays;
  if (isSame && JSON.stringify(identity) === JSON.stringify(enrolment.identity)) return false;
  await write(vault, database, { ...enrolment, identity }, kept, isMoved);
  return isMoved;
}

/** Without a clear word from the mission the phone keeps what it has. */
const keepsCopies = (policy: MissionData["policy"]): boolean => policy?.local_copy !== "remove";

/** Without a clear word the phone never wipes itself for want of contact. */
const lockOut = (policy: MissionData["policy"]): Pick<Transport, "lockOutDays"> =>
  Number.isInteger(policy?.lock_out_days) ? { lockOutDays: policy?.lock_out_days as number } : {};

async function write(
  vault: RecordVault,
  database: Database,
  enrolment: Enrolment,
  transport: Transport,
  isMoved: boolean,
): Promise<void> {
  const row = await vault.seal("identity", "enrolment", enrolment);
  await database.write(["identity", "transport", "feed"], (transaction) =>
    Promise.all([
      transaction.objectStore("identity").put(row.bytes, row.id),
      transaction.objectStore("transport").put(transport, "this"),
      isMoved && transaction.objectStore("feed").delete("cursor"),
    ]),
  );
}

async function redeem(
  contact: Contact,
  device: DeviceKey,
  code: string,
  letter: string | undefined,
): Promise<{ redeemed: Redeemed; nonce: string | undefined }> {
  const proof = await signCompact(
    { alg: "ES256", typ: "steppe-enrol+jws", kid: device.id },
    { code, device: device.id },
    await deviceSigner(device),
  );
  const platform = platformName(navigator.userAgent);
  const response = await send(contact, "/enrolments/redeem", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      code,
      // The letter it had: short codes said aloud stay what they were, where the server lost the phone.
      device: { id: device.id, name: platform, platform, public_jwk: publicHalf(device.privateJwk), letter },
      proof,
    }),
  });
  const redeemed = (await answerOf(response)) as Partial<Redeemed>;
  const { keys, device: named, mission, push_token, access_token } = redeemed;
  if (!keys?.transport || !keys.receipt || named?.id !== device.id || !mission?.id || !push_token || !access_token) {
    throw new FieldProblem("not-the-server");
  }
  return { redeemed: redeemed as Redeemed, nonce: nonceOf(response) };
}

/** Six digits over the three public keys: equal at headquarters only when nobody swapped one on the way (protocol.md §2). */
export async function matchingCode(device: JsonWebKey, receipt: JsonWebKey, transport: JsonWebKey): Promise<string> {
  // Keys in lexicographic order and no white space: this is its own canonical form.
  const canonical = JSON.stringify({
    device: await thumbprint(device),
    receipt: await thumbprint(receipt),
    transport: await thumbprint(transport),
  });
  const digest = await sha256(utf8(canonical));
  return String(new DataView(digest.buffer).getUint32(0) % 1_000_000).padStart(6, "0");
}

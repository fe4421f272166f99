/** The keys a mission's reports are sealed to and its receipts signed with: are they those the enrolment link names? */

import type { KeyList } from "../vault/schema";
import { hex, sha256, utf8 } from "../wire/bytes";
import { answerOf, type Contact, send } from "../wire/contact";
import { FieldProblem } from "../wire/problem";
import { thumbprint } from "../wire/thumbprint";
import { alphabet, type EnrolmentCode, thumbprintLength } from "./code";
import { nextList, type SignedList } from "./keyList";

export type MissionKey = JsonWebKey & { kid: string };

export interface MissionKeys {
  transport: MissionKey;
  receipt: MissionKey;
}

const bitsPerCharacter = 5;

/** The keys as an enrolling phone is told them: with the root, and lists that lead from it to them, where its link names it. */
export interface ToldKeys {
  keys?: Partial<MissionKeys>;
  root?: JsonWebKey;
  statements?: string[];
}

/** What links say of these keys: the first 150 bits of a SHA-256 over both, in Crockford's base32 (protocol.md §2). */
export async function keysThumbprint({ receipt, transport }: Record<keyof MissionKeys, JsonWebKey>): Promise<string> {
  // Keys in lexicographic order and no white space: this is its own canonical form.
  return shortened({ receipt: await thumbprint(receipt), transport: await thumbprint(transport) });
}

/** What links say of the mission's root. */
export const rootThumbprint = async (root: JsonWebKey): Promise<string> => shortened({ root: await thumbprint(root) });

async function shortened(prints: Record<string, string>): Promise<string> {
  const digest = await sha256(utf8(JSON.stringify(prints)));
  const bits = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return Array.from({ length: thumbprintLength }, (_, at) => {
    const start = at * bitsPerCharacter;
    return alphabet[Number.parseInt(bits.slice(start, start + bitsPerCharacter), 2)];
  }).join("");
}

/**
 * Asks whoever answers on the server's address for the mission's keys and compares them with the link's, before the code
 * or anything of this phone is given away: only the hash of the code travels. A code without a thumbprint passes unasked.
 * Rejects with `other-keys`, the server's problem (`code-unknown`, …) or `no-contact`.
 */
export async function checkKeys(contact: Contact, entry: EnrolmentCode): Promise<void> {
  if (entry.keys) await compareKeys(entry, await ask(contact, entry));
}

/**
 * The same before anything is made on this phone, and whether the code is still good: somebody who chose a passphrase for
 * a code that is used up would be left with a locked, empty phone. Also rejects with `code-used` and `code-expired`.
 */
export async function checkCode(contact: Contact, entry: EnrolmentCode): Promise<void> {
  const { state, ...told } = await ask(contact, entry);
  await compareKeys(entry, told);
  // A server before this says nothing of the state: then the enrolment itself does.
  if (state === "used") throw new FieldProblem("code-used");
}

/** The answer of `POST /enrolments/keys`, believed in nothing yet. */
async function ask(contact: Contact, entry: EnrolmentCode): Promise<ToldKeys & { state?: string }> {
  const response = await send(contact, "/enrolments/keys", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code_sha256: hex(await sha256(utf8(entry.code))) }),
  });
  return (await answerOf(response)) as ToldKeys & { state?: string };
}

/**
 * Rejects with `other-keys` unless these are the keys the link names, or those that the root it names has signed: then it gives
 * the list. With a code alone there is nothing to compare. `mission`: as soon as it is known.
 */
export async function compareKeys(
  entry: EnrolmentCode,
  { keys, root, statements }: ToldKeys,
  mission?: string,
): Promise<KeyList | undefined> {
  if (!entry.keys) return undefined;
  if (!keys?.transport || !keys.receipt) throw new FieldProblem("not-the-server");
  const these = await keysThumbprint({ transport: keys.transport, receipt: keys.receipt });
  if (these === entry.keys) return undefined;
  if (!root || (await rootThumbprint(root)) !== entry.keys) throw new FieldProblem("other-keys");
  let list: SignedList | undefined;
  for (const jws of statements ?? [])
    list = await nextList(jws, list ?? { serial: 0, rootSerial: 0, root, receipt: [] });
  const receipt = list?.receipt.at(-1);
  if (!list || !receipt || (mission && list.mission !== mission)) throw new FieldProblem("other-keys");
  if ((await keysThumbprint({ transport: list.transport, receipt })) !== these) throw new FieldProblem("other-keys");
  const { mission: _, transport: __, ...held } = list;
  return held;
}

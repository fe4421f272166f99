/** How a phone comes to hold other keys of its mission than it was enrolled with: by a signed list of them (protocol.md §1). */

import type { KeyList, Transport } from "../vault/schema";
import { verifyCompact, verifyingKey } from "../wire/jws";

const listType = "steppe-keys+jws";

/** What a list says: reports are sealed to `transport` from now on. */
export interface SignedList extends KeyList {
  mission: string;
  transport: JsonWebKey & { kid: string };
}

/** What a phone holds that has believed no list yet. */
export const heldKeys = ({ keys, receiptKey }: Pick<Transport, "keys" | "receiptKey">): KeyList =>
  keys ?? { serial: 0, rootSerial: 0, receipt: [receiptKey] };

/**
 * What is held once this list is believed; undefined where it is not: nobody signed it who is held, or it is no newer. The
 * root's word is the whole truth: keys that it leaves out were stolen. That of a receipt key only adds, and names no other root.
 */
export async function nextList(jws: string, held: KeyList): Promise<SignedList | undefined> {
  const signed = async (key: JsonWebKey | undefined) =>
    key && ((await verifyCompact(jws, listType, await verifyingKey(key))) as SignedList | undefined);
  const byRoot = await signed(held.root);
  let said = byRoot;
  for (const key of held.receipt) said ??= await signed(key);
  if (!said || !(said.serial > (byRoot ? held.rootSerial : held.serial))) return undefined;
  const { mission, serial, transport } = said;
  const root = held.root ?? said.root;
  const added = said.receipt.filter((key) => !isAmong(key, held.receipt));
  return {
    mission,
    serial,
    transport,
    rootSerial: byRoot ? serial : held.rootSerial,
    ...(root ? { root } : {}),
    receipt: byRoot ? said.receipt : [...held.receipt, ...added],
  };
}

/** Whether a key is one of these, whatever it is called. */
export const isAmong = ({ x, y }: JsonWebKey, keys: readonly JsonWebKey[]): boolean =>
  keys.some((key) => key.x === x && key.y === y);

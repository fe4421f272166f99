/** Takes in the lists of keys that came with the answers to pushes. In windows alone, with the vault open. */

import { enrolmentOf } from "../people/enrolment";
import { heldKeys, isAmong, nextList } from "../people/keyList";
import type { Database } from "../vault/database";
import type { RecordVault } from "../vault/vault";

/**
 * Believes those lists that a held key signed, of whichever mission this phone has keys of; each is written once it was
 * verified. Gives whether there was one. Where a key is gone, it was stolen: whatever the server of that mission said until
 * now, on its epoch and on what is safe, may be the thief's. So its next word is heard as that of a restored server, and all
 * that is held is offered to it again.
 */
export async function learnKeys(database: Database, vault: RecordVault, lists: readonly string[]): Promise<boolean> {
  let isLearned = false;
  for (const jws of lists) {
    const names = await database.read(["transport"], (t) => t.objectStore("transport").getAllKeys());
    for (const name of names) if (await learn(database, vault, name, jws)) isLearned = true;
  }
  return isLearned;
}

async function learn(database: Database, vault: RecordVault, name: string, jws: string): Promise<boolean> {
  const transport = await database.read(["transport"], (t) => t.objectStore("transport").get(name));
  const held = transport && heldKeys(transport);
  const list = held && (await nextList(jws, held));
  if (!list || list.mission !== transport.mission) return false;
  const { mission, transport: transportKey, ...keys } = list;
  const enrolment = name === "this" ? await enrolmentOf(vault) : undefined;
  const row = enrolment && (await vault.seal("identity", "enrolment", { ...enrolment, transportKey }));
  await database.write(["identity", "transport", "safety"], async (t) => {
    if (row) await t.objectStore("identity").put(row.bytes, row.id);
    await t.objectStore("transport").put({ ...transport, keys }, name);
    if (!held.receipt.every((key) => isAmong(key, keys.receipt)))
      await t.objectStore("safety").put({ epoch: 0, safeSeq: null, at: "" }, mission);
  });
  return true;
}

/** What headquarters tells this team of reports that it took back (protocol.md §6). Only with the vault open. */

import type { RecordVault } from "../../vault/vault";

/** What became of the last withdrawal of a report. */
export type ToldWithdrawal = "waiting" | "in_force" | "requested" | "declined" | "stale";

/** By submission. */
export async function toldWithdrawals(vault: RecordVault): Promise<ReadonlyMap<string, ToldWithdrawal>> {
  const rows = await vault.all<{ data: { withdrawal?: ToldWithdrawal } }>("feed", "submission/");
  return new Map(
    rows.flatMap(({ id, value: { data } }) =>
      data.withdrawal ? [[id.slice("submission/".length), data.withdrawal] as const] : [],
    ),
  );
}

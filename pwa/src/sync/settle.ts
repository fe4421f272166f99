/** What a verified receipt changes on the phone. The only place where a report leaves the outbox. */
import type { Database, Transaction } from "../vault/database";
import type { OutboxRow, ReceiptFact, StoreName } from "../vault/schema";
import { b64u, sha256, utf8 } from "../wire/bytes";

const touched: StoreName[] = ["transport", "outbox", "received", "receiptLists", "copies", "attachments"];

/** Notes the reports a signed list covers; those without missing attachments leave the outbox. */
export async function settleReports(
  database: Database,
  list: string,
  reports: ReadonlyMap<string, Omit<ReceiptFact, "list">>,
): Promise<void> {
  if (reports.size === 0) return;
  const name = b64u(await sha256(utf8(list)));
  await database.write(touched, async (transaction) => {
    await transaction.objectStore("receiptLists").put(list, name);
    for (const [revision, fact] of reports) {
      const row = await transaction.objectStore("outbox").get(revision);
      if (row) await keep(transaction, { ...row, report: { ...fact, list: name } });
    }
  });
}

/** Notes an attachment's receipt in every report that waits for it. */
export async function settleAttachment(database: Database, attachment: string, receipt: string): Promise<void> {
  await database.write(touched, async (transaction) => {
    for (const row of await transaction.objectStore("outbox").getAll()) {
      if (!row.attachments.some(({ sha256: address }) => address === attachment)) continue;
      const attachments = row.attachments.map((fact) => (fact.sha256 === attachment ? { ...fact, receipt } : fact));
      await keep(transaction, { ...row, attachments });
    }
  });
}

async function keep(transaction: Transaction<"readwrite">, row: OutboxRow): Promise<void> {
  const { sealed: _sealed, sealedHash: _sealedHash, report, ...rest } = row;
  if (!report || row.attachments.some(({ receipt }) => receipt === undefined)) {
    await transaction.objectStore("outbox").put(row, row.revision);
    return;
  }
  await transaction.objectStore("received").put({ ...rest, report }, row.revision);
  await transaction.objectStore("outbox").delete(row.revision);
  const transport = await transaction.objectStore("transport").get("this");
  // Without a clear word from the mission the phone keeps what it has.
  if (!transport || transport.keepCopies) return;
  await transaction.objectStore("copies").delete(row.revision);
  for (const { sha256: address } of row.attachments) await transaction.objectStore("attachments").delete(address);
}

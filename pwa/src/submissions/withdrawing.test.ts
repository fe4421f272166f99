import { beforeEach, describe, expect, test } from "vitest";
import { checklistId, enrolledPhone, everythingStored, type Phone, report } from "../testing/phone";
import { TestServer } from "../testing/server";
import type { LedgerEntry } from "./ledger";
import { toldWithdrawals } from "./readable/toldWithdrawals";
import { headsOf, type Report, reportsOf, withdrawalOf } from "./reports";
import type { Saying } from "./signedFact";

let server: TestServer;
let phone: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  server.reads = ["clock", "reason", "withdrawal"];
  phone = await enrolledPhone(server);
});

const reports = async () => reportsOf(await phone.outbox.list());
const waiting = () => phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll());
const isOffline = (is: boolean) => {
  server.intercept = is ? async () => Promise.reject(new TypeError("offline")) : (_, next) => next();
};
const signed = () => [...server.stored.values()].map(({ revision }) => revision as unknown as Record<string, unknown>);

async function withdraw(of: Report, said: Partial<Saying> = {}): Promise<void> {
  const withdraws = { submission: of.submission, heads: headsOf(of), reason: "twice" } as const;
  await phone.outbox.say({ text: "", title: { en: "Withdrawal" }, withdraws, ...said });
}

const onlyReport = async () => {
  const [one, ...others] = await reports();
  if (!one || others.length > 0) throw new Error("not one report");
  return one;
};

describe("a withdrawal", () => {
  test("waits behind the report that waits, in one chain, and both are sent", async () => {
    isOffline(true);
    await report(phone, "Feather grass");
    await withdraw(await onlyReport(), { text: "The pair made it" });
    const [first, second] = (await waiting()).sort((a, b) => a.deviceSeq - b.deviceSeq);
    expect([second?.deviceSeq, second?.needs]).toEqual([2, "withdrawal"]);
    const one = await onlyReport();
    expect(one).toMatchObject({ code: "LTO05-A001", state: "waiting", isReadable: true });
    expect(one.withdrawals).toHaveLength(1);
    expect(withdrawalOf(one)?.revision).toBe(second?.revision);
    isOffline(false);
    await phone.rounds.run();
    expect(signed()).toHaveLength(2);
    expect(signed().find(({ kind }) => kind === "withdrawal")).toMatchObject({
      submission: one.submission,
      heads: [first?.revision],
      reason: "twice",
      text: "The pair made it",
      device_seq: 2,
      prev_hash: first?.hash,
    });
    expect(await onlyReport()).toMatchObject({ state: "received", withdraws: { submission: one.submission } });
  });

  test("without words says none", async () => {
    await report(phone, "a");
    await withdraw(await onlyReport());
    await phone.rounds.run();
    expect(signed().find(({ kind }) => kind === "withdrawal")).not.toHaveProperty("text");
  });

  test("says nothing to an eye that reads the disk of a locked phone, not even which report it is about", async () => {
    isOffline(true);
    await report(phone, "Feather grass");
    const { submission } = await onlyReport();
    await withdraw(await onlyReport(), { text: "Nightingale" });
    const row = (await waiting()).find(({ needs }) => needs);
    phone.vault.lock();
    expect(row?.submission).not.toBe(submission);
    const stored = await everythingStored(phone.database);
    expect([stored.includes("Nightingale"), stored.includes("twice")]).toEqual([false, false]);
  });

  test("is held back from a server that takes none, and the report is not", async () => {
    server.reads = ["clock"];
    await report(phone, "a");
    await withdraw(await onlyReport());
    for (let round = 0; round < 3; round += 1) await phone.rounds.run();
    expect((await waiting()).map(({ needs }) => needs)).toEqual(["withdrawal"]);
    expect(await onlyReport()).toMatchObject({ state: "waiting", trouble: "fact-held" });
    server.reads = ["clock", "withdrawal"];
    await phone.rounds.run();
    expect(await waiting()).toHaveLength(0);
  });

  test("takes its report out of this phone's figures", async () => {
    await report(phone, "a");
    const one = await onlyReport();
    const entry = () => phone.vault.get<LedgerEntry>("ledger", one.submission);
    expect(await entry()).not.toHaveProperty("isWithdrawn");
    await withdraw(one);
    expect(await entry()).toMatchObject({ submission: one.submission, isWithdrawn: true });
  });

  test("of what headquarters counts of it is told when it says so", async () => {
    await report(phone, "a");
    const { submission } = await onlyReport();
    const told = { checklist_version: checklistId, received_at: "2021-01-10T12:30:00.000Z", status: "accepted" };
    server.change("submission", submission, told);
    await phone.rounds.run();
    expect((await toldWithdrawals(phone.vault)).get(submission)).toBeUndefined();
    server.change("submission", submission, { ...told, withdrawal: "requested" });
    await phone.rounds.run();
    expect((await toldWithdrawals(phone.vault)).get(submission)).toBe("requested");
  });
});

describe("what a withdrawal names", () => {
  const revision = (name: string, state: Report["state"]) => ({ revision: name, state }) as Report["revisions"][number];
  const standing = (...revisions: Report["revisions"]): Report => {
    const said = { withdraws: { submission: "s", heads: ["b"] } } as unknown as Report;
    return { revisions, withdrawals: [said] } as unknown as Report;
  };

  test("is the last revision made here, but none that headquarters kept aside", () => {
    expect(headsOf({ revisions: [revision("b", "waiting"), revision("a", "received")] })).toEqual(["b"]);
    expect(headsOf({ revisions: [revision("b", "quarantined"), revision("a", "received")] })).toEqual(["a"]);
    expect(headsOf({ revisions: [revision("a", "quarantined")] })).toEqual(["a"]);
  });

  test("is not what a correction said since", () => {
    expect(withdrawalOf(standing(revision("b", "received")))).toBeDefined();
    expect(withdrawalOf(standing(revision("c", "waiting"), revision("b", "received")))).toBeUndefined();
    // The partner corrected it, and that is what was taken back.
    expect(withdrawalOf(standing(revision("a", "received")), ["b"])).toBeDefined();
    expect(withdrawalOf(standing(revision("a", "received")), ["b", "c"])).toBeUndefined();
  });
});

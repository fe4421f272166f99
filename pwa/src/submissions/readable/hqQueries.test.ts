import { beforeEach, describe, expect, test } from "vitest";
import { enrolmentOf } from "../../people/enrolment";
import { enrolledPhone, everythingStored, type Phone, report } from "../../testing/phone";
import { TestServer } from "../../testing/server";
import { signCompact, signingKey } from "../../wire/jws";
import { beginCorrection } from "../correcting";
import { hqQueries } from "./hqQueries";

let server: TestServer;
let phone: Phone;
let team: string;
const query = "0190aaaa-0000-7000-8000-0000000000aa";

beforeEach(async () => {
  server = await TestServer.start();
  server.reads = ["clock", "reply", "question"];
  phone = await enrolledPhone(server);
  team = (await enrolmentOf(phone.vault))?.identity.team.code ?? "";
});

/** Headquarters asks: what the feed tells of it. */
async function ask(said: object = {}, state = "open", key = server.receipt): Promise<void> {
  const payload = { mission: server.mission, query, round: 1, team, text: "How often?", theme: "", priority: "today" };
  const header = { alg: "ES256", typ: "steppe-query+jws", kid: "any" } as const;
  const statement = await signCompact(
    header,
    { ...payload, asked_at: "2021-01-10T12:00:00.000Z", ...said },
    await signingKey(key),
  );
  server.change("query", query, { statement, state });
}

const shown = () => hqQueries(phone.vault, team);
const reply = async (text = "Twice, by the chairperson") => {
  const [to] = await shown();
  await phone.outbox.say({ text, title: { en: "Reply" }, ...(to ? { to } : {}) });
};
const waiting = () => phone.database.read(["outbox"], (t) => t.objectStore("outbox").getAll());

describe("a query", () => {
  test("is here with the time it came, and the phone comes back at once with a cursor behind it", async () => {
    await ask({ about: { submission: "s", path: "who" } });
    const before = new Date().toISOString();
    await phone.rounds.run();
    const [one] = await shown();
    expect(one).toMatchObject({ id: query, round: 1, text: "How often?", state: "open", about: { path: "who" } });
    expect(one && one.arrivedAt >= before).toBe(true);
    expect(server.requests.filter(({ path }) => path === "/sync/pull").length).toBe(2 + 1);
    // The same line again keeps the time of the first.
    await ask();
    await phone.rounds.run();
    expect((await shown())[0]?.arrivedAt).toBe(one?.arrivedAt);
  });

  test("that the mission has not signed, or for another team, is not shown", async () => {
    const other = await TestServer.start();
    await ask({}, "open", other.receipt);
    await phone.rounds.run();
    expect(await shown()).toEqual([]);
    await ask({ team: "LTO99" });
    await phone.rounds.run();
    expect(await shown()).toEqual([]);
  });

  test("leaves when it ended", async () => {
    await ask();
    await phone.rounds.run();
    expect(await shown()).toHaveLength(1);
    await ask({}, "withdrawn");
    await phone.rounds.run();
    expect(await shown()).toEqual([]);
  });

  test("of which nothing can be read while the vault is locked, nor of the reply", async () => {
    await ask({ text: "Feather grass?" });
    await phone.rounds.run();
    await reply("Grass of feathers");
    phone.vault.lock();
    const stored = await everythingStored(phone.database);
    expect([stored.includes("Feather grass"), stored.includes("Grass of feathers")]).toEqual([false, false]);
  });
});

describe("a reply", () => {
  test("is queued without a network in the chain of reports, and arrives once with what was asked", async () => {
    await ask();
    await phone.rounds.run();
    await report(phone, "first");
    server.intercept = async () => Promise.reject(new TypeError("offline"));
    await reply();
    const [first, second] = (await waiting()).sort((a, b) => a.deviceSeq - b.deviceSeq);
    expect([first?.deviceSeq, second?.deviceSeq, second?.needs]).toEqual([1, 2, "reply"]);
    expect(await phone.outbox.list()).toMatchObject([
      { state: "waiting", title: { en: "Reply" } },
      { state: "waiting" },
    ]);
    server.intercept = (_request, next) => next();
    await phone.rounds.run();
    const stored = [...server.stored.values()].map(({ revision }) => revision as unknown as Record<string, unknown>);
    const said = stored.find(({ kind }) => kind === "reply");
    expect(said).toMatchObject({ text: "Twice, by the chairperson", device_seq: 2, prev_hash: first?.hash });
    expect(said?.query).toBe((await shown())[0]?.statement);
    const [one] = await shown();
    const item = (await phone.outbox.list()).find(({ revision }) => revision === one?.reply);
    expect(item?.state).toBe("received");
    expect(await phone.outbox.answers(item?.revision ?? "")).toEqual({ said: "Twice, by the chairperson" });
  });

  test("to an earlier round does not answer the one that was asked since", async () => {
    await ask();
    await phone.rounds.run();
    await reply();
    expect((await shown())[0]?.reply).toBeDefined();
    await ask({ round: 2, text: "And by whom?" });
    await phone.rounds.run();
    const [one] = await shown();
    expect([one?.round, one?.text, one?.reply]).toEqual([2, "And by whom?", undefined]);
  });

  test("is held back from a server that does not say it takes them, which is told, and goes when it does", async () => {
    await ask();
    await phone.rounds.run();
    await reply();
    await report(phone, "goes on");
    server.reads = ["clock"];
    for (let round = 0; round < 3; round += 1) await phone.rounds.run();
    expect((await waiting()).map(({ needs }) => needs)).toEqual(["reply"]);
    expect(server.stored.size).toBe(1);
    const held = (await phone.outbox.list()).find(({ state }) => state === "waiting");
    expect(held?.trouble).toBe("fact-held");
    expect(server.saidOfPhone.at(-1)?.troubles).toEqual([{ slug: "fact-held", count: 1 }]);
    server.reads = ["clock", "reply"];
    await phone.rounds.run();
    expect(await waiting()).toHaveLength(0);
    expect(server.stored.size).toBe(2);
  });

  test("goes in the background too, where nothing else waits", async () => {
    await ask();
    await phone.rounds.run();
    await reply();
    await phone.push();
    expect(await waiting()).toHaveLength(0);
  });
});

describe("a correction that answers", () => {
  /** What headquarters has by now, the last made last. */
  const sent = () => [...server.stored.values()].map(({ revision }) => revision as unknown as Record<string, unknown>);
  /** A report that was sent and is asked about; the draft that puts it right. */
  async function returned() {
    const { submission, revision } = await report(phone, "a");
    await phone.push();
    await ask({ about: { submission, path: "who" } });
    await phone.rounds.run();
    const [query] = await shown();
    if (!query) throw new Error("nothing is asked");
    const { id, round, statement } = query;
    return { submission, revision, reply: { to: { id, round, statement }, title: { en: "Reply" } } };
  }
  const finish = async (submission: string, reply: Awaited<ReturnType<typeof returned>>["reply"], who = "b") => {
    const draft = await beginCorrection(phone, submission, "reply", { reply });
    return phone.outbox.finish(await phone.drafts.save({ ...draft, answers: { who } }), { who }, undefined);
  };

  test("is queued with a reply that names it, next to it in the chain", async () => {
    const { submission, revision, reply } = await returned();
    server.reads = ["clock", "reason", "reply"];
    await phone.push();
    const corrected = await finish(submission, reply);
    expect((await waiting()).map(({ needs, deviceSeq }) => [needs, deviceSeq]).toSorted()).toEqual([
      [undefined, 2],
      ["reply", 3],
    ]);
    const [here] = await shown();
    expect((await phone.outbox.list()).find((item) => item.revision === here?.reply)?.state).toBe("waiting");
    await phone.rounds.run();
    const [correction, fact] = sent().slice(-2);
    expect(correction).toMatchObject({ id: corrected.revision, base: [revision], patch: { who: "b" } });
    expect(fact).toMatchObject({ kind: "reply", query: here?.statement, revision: corrected.revision, device_seq: 3 });
    expect(fact && "text" in fact).toBe(false);
  });

  test("also where a correction had been begun before it was asked", async () => {
    const { submission, reply } = await returned();
    const begun = await beginCorrection(phone, submission, "correction");
    await phone.drafts.save({ ...begun, answers: { who: "begun" } });
    await finish(submission, reply, "c");
    expect((await waiting()).map(({ needs }) => needs).toSorted()).toEqual(["reply", undefined]);
  });

  test("and changes nothing, answers nothing: neither is queued", async () => {
    const { submission, reply } = await returned();
    await expect(finish(submission, reply, "a")).rejects.toMatchObject({ slug: "nothing-changed" });
    expect([await waiting(), (await shown())[0]?.reply]).toEqual([[], undefined]);
  });
});

/** What a pair reads of its reports: fetched, opened, kept, dropped (protocol.md §13). */
import { beforeEach, describe, expect, test } from "vitest";
import { type PairReports, pairReports } from "../submissions/pair/pairReports";
import { heldRevisions } from "../submissions/readable/heldRevisions";
import { checklistId, enrolledPhone, everythingStored, type Phone, report } from "../testing/phone";
import { TestServer } from "../testing/server";
import { TeamContent } from "../testing/teamContent";
import { lackingReports } from "./teamContent";

let server: TestServer;
let content: TeamContent;
let phone: Phone;
let mate: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  content = new TeamContent(server);
  [phone, mate] = [await enrolledPhone(server), await enrolledPhone(server)];
});

const pair = ({ vault, database, checklists, attachments, outbox }: Phone): PairReports =>
  pairReports({
    ...{ vault, database, checklists, attachments, outbox, places: { load: async () => undefined } },
    writing: (work) => work,
    queued: async () => {},
  });
/** Both come to headquarters, which tells of a report; twice, for what the first brings is told with the second. */
async function meet(submission: string, phones = [phone, mate], change: object = {}) {
  for (const each of phones) await each.rounds.run();
  content.tell(submission, change);
  for (const each of phones) await each.rounds.run();
}
const read = async (one: Phone, submission: string) => {
  const found = await pair(one).report(submission);
  return found && { answers: found.answers, conflicts: found.conflicts.map(({ path }) => path) };
};
async function correct(one: Phone, submission: string, who: string) {
  const draft = await pair(one).correct(submission, "correction");
  return one.outbox.finish(await one.drafts.save({ ...draft, answers: { ...draft.answers, who } }), { who }, undefined);
}
const asks = () => content.asked.length;

describe("what the partner sent", () => {
  test("is read on the other phone, sealed on the way and while the vault is locked", async () => {
    const { submission } = await report(phone, "Feather grass");
    await meet(submission);
    expect(await read(mate, submission)).toEqual({ answers: { who: "Feather grass" }, conflicts: [] });
    expect(await pair(mate).list()).toMatchObject([
      { submission, code: "LTO05-A001", isPartners: true, letter: "A", status: "received", hasConflict: false },
    ]);
    expect(await pair(phone).list()).toEqual([]);
    expect(content.sent.join().includes("Feather")).toBe(false);
    mate.vault.lock();
    expect((await everythingStored(mate.database)).includes("Feather grass")).toBe(false);
    await expect(pair(mate).report(submission)).rejects.toThrow("locked");
  });

  test("is asked for once, in as many answers as it takes, and never of reports this phone made alone", async () => {
    content.most = 1;
    const { submission } = await report(phone, "a");
    await correct(phone, submission, "b");
    await meet(submission);
    expect(content.asked.map(({ reports }) => reports[0]?.held.length)).toEqual([0, 1]);
    expect(content.keys.size).toBe(2);
    await mate.rounds.run();
    expect(asks()).toBe(2);
  });

  test("is kept only as the mission said it to this very phone", async () => {
    const { submission } = await report(phone, "a");
    for (const forged of [{ device: "another" }, { sha256: "another" }, { mission: "another" }]) {
      content.forge = (said) => ({ ...said, ...forged });
      await meet(submission);
      expect(mate.rounds.status.problem).toBe("not-the-server");
      expect((await heldRevisions(mate.vault)).size).toBe(0);
    }
  });

  test("comes again to a server that was restored and forgot the key", async () => {
    const { submission } = await report(phone, "a");
    await meet(submission);
    content.keys.clear();
    const next = await report(phone, "b");
    await meet(next.submission);
    expect(await read(mate, next.submission)).toMatchObject({ answers: { who: "b" } });
  });

  test("does not come from a server that does not take keys, and nothing is registered there", async () => {
    server.reads = ["clock"];
    const { submission } = await report(phone, "a");
    await meet(submission);
    expect([content.keys.size, asks(), await read(mate, submission)]).toEqual([0, 0, undefined]);
    expect(await pair(mate).list()).toMatchObject([{ submission, isPartners: true }]);
  });

  test("of reports told of before there were heads comes too: the feed begins anew, once", async () => {
    const { submission } = await report(phone, "a");
    await phone.rounds.run();
    server.change("submission", submission, { code: "x", checklist_version: checklistId, team: "LTO05" });
    for (let round = 0; round < 3; round += 1) await mate.rounds.run();
    content.tell(submission);
    await mate.rounds.run();
    expect(await read(mate, submission)).toMatchObject({ answers: { who: "a" } });
    const pulls = server.requests.filter(({ path }) => path === "/sync/pull").length;
    await mate.rounds.run();
    expect(server.requests.filter(({ path }) => path === "/sync/pull").length).toBe(pulls + 1);
  });
});

describe("what the phone may not read any more goes", () => {
  test("where the mission lets copies go with the receipt: all of the pair", async () => {
    const { submission } = await report(phone, "Feather grass");
    await meet(submission);
    server.change("mission", server.mission, { policy: { local_copy: "remove" }, id: server.mission });
    await mate.rounds.run();
    expect((await heldRevisions(mate.vault)).size).toBe(0);
    const own = await report(mate, "mine");
    expect((await heldRevisions(mate.vault)).size).toBe(0);
    expect(await mate.outbox.answers(own.revision)).toEqual({ who: "mine" });
  });

  test("when its team took it back", async () => {
    const { submission } = await report(phone, "a");
    await meet(submission);
    await meet(submission, [mate], { status: "withdrawn" });
    expect((await heldRevisions(mate.vault)).size).toBe(0);
    expect(await pair(mate).list()).toMatchObject([{ status: "withdrawn" }]);
  });

  test("when it was moved: what is at headquarters, and nothing that waits", async () => {
    const { submission } = await report(phone, "a");
    const sent = await report(mate, "sent");
    await meet(submission);
    server.change("team", "t2", { code: "LTO06", name: "Oral", regions: [], letter: "B" });
    const { intercept } = content;
    server.intercept = (request, next) =>
      request.url.includes("/attachments") ? Promise.reject(new TypeError("cut")) : intercept(request, next);
    const waiting = await report(mate, "waits", new Blob(["photo"], { type: "image/jpeg" }));
    await mate.rounds.run();
    expect((await heldRevisions(mate.vault)).size).toBe(0);
    expect(await mate.outbox.answers(sent.revision)).toBeUndefined();
    expect(await mate.outbox.answers(waiting.revision)).toMatchObject({ who: "waits" });
    expect(await pair(mate).list()).toEqual([]);
    server.intercept = intercept;
    await mate.rounds.run();
    expect(server.stored.size).toBe(3);
    expect(await mate.outbox.answers(waiting.revision)).toBeUndefined();
  });
});

describe("a report of the pair", () => {
  test("is corrected on the other phone, from all that both made, and counted on neither twice", async () => {
    const { submission, revision } = await report(phone, "a");
    await meet(submission);
    const made = await correct(mate, submission, "b");
    await meet(submission);
    const sent = [...server.stored.values()].map(({ revision: each }) => each).find(({ id }) => id === made.revision);
    expect(sent).toMatchObject({ base: [revision], patch: { who: "b" }, reason: "correction", submission });
    for (const each of [phone, mate]) expect(await read(each, submission)).toMatchObject({ answers: { who: "b" } });
    expect(await mate.vault.ids("ledger")).toEqual([]);
    // The phone that began it goes on from what the partner made.
    const again = await pair(phone).correct(submission, "update");
    expect(again.correction).toMatchObject({ base: [made.revision], from: { who: "b" } });
  });

  test("that both changed contradicts on both, and is one again on both when one of them decides", async () => {
    const { submission } = await report(phone, "a");
    await meet(submission);
    await correct(phone, submission, "b");
    await correct(mate, submission, "c");
    await meet(submission);
    for (const each of [phone, mate]) {
      expect(await read(each, submission)).toMatchObject({ answers: {}, conflicts: ["who"] });
      expect(await pair(each).list()).toMatchObject([{ submission, hasConflict: true }]);
    }
    await pair(mate).resolve(submission, new Map([["who", "b"]]));
    await pair(mate).resolve(submission, new Map([["who", "b"]]));
    // Without a network it is decided here already.
    expect(await read(mate, submission)).toEqual({ answers: { who: "b" }, conflicts: [] });
    await meet(submission);
    for (const each of [phone, mate]) {
      expect(await read(each, submission)).toEqual({ answers: { who: "b" }, conflicts: [] });
    }
    const decided = [...server.stored.values()].map(({ revision }) => revision).filter(({ base }) => base.length > 1);
    expect(decided).toMatchObject([{ patch: { who: "b" }, reason: "correction" }]);
  });

  test("decided for the partner's photo names it, and brings no file anew", async () => {
    const jpeg = (words: string) => new Blob([words], { type: "image/jpeg" });
    const { submission } = await report(phone, "a", jpeg("none"));
    await meet(submission);
    for (const [each, words] of [
      [phone, "mine"],
      [mate, "theirs"],
    ] as const) {
      const draft = await pair(each).correct(submission, "correction");
      const board = await each.attachments.add(submission, jpeg(words), { as: "picture" });
      const answers = { ...draft.answers, board: board.sha256 };
      await each.outbox.finish(await each.drafts.save({ ...draft, answers }), answers, undefined);
    }
    await meet(submission);
    const [conflict] = (await pair(phone).report(submission))?.conflicts ?? [];
    const theirs = conflict?.versions.find(({ revisions }) => {
      const made = [...server.stored.values()].find(({ revision }) => revision.id === revisions[0]);
      return made?.revision.device !== [...server.stored.values()][0]?.revision.device;
    })?.value;
    await pair(phone).resolve(submission, new Map([["board", theirs]]));
    await meet(submission);
    expect(await read(mate, submission)).toEqual({ answers: { who: "a", board: theirs }, conflicts: [] });
    expect([...server.stored.values()].at(-1)?.revision).toMatchObject({ patch: { board: theirs }, attachments: [] });
  });

  test("decided on both at once is clean where they agree and contradicts again where they do not", async () => {
    for (const [other, conflicts] of [
      ["b", []],
      ["c", ["who"]],
    ] as const) {
      const { submission } = await report(phone, "a");
      await meet(submission);
      await correct(phone, submission, "b");
      await correct(mate, submission, "c");
      await meet(submission);
      await pair(phone).resolve(submission, new Map([["who", "b"]]));
      await pair(mate).resolve(submission, new Map([["who", other]]));
      await meet(submission);
      for (const each of [phone, mate]) expect((await read(each, submission))?.conflicts).toEqual(conflicts);
    }
  });
});

test("a report lacks what heads, or what a revision was made from, are not here", () => {
  const told = (heads: string[], change: object = {}) => ({
    ...{ code: "", checklist_version: "", team: "T", status: "received", received_at: "", heads },
    ...change,
  });
  const reports = new Map([
    ["whole", told(["b"])],
    ["new", told(["x"])],
    ["torn", told(["d"])],
    ["other", told(["x"], { team: "U" })],
    ["gone", told(["x"], { status: "withdrawn" })],
  ]);
  const held = new Map([
    [
      "whole",
      [
        { id: "a", base: [] },
        { id: "b", base: ["a"] },
      ],
    ],
    ["torn", [{ id: "d", base: ["c"] }]],
  ]);
  expect(lackingReports(reports, held, "T")).toEqual([
    ["new", []],
    ["torn", ["d"]],
  ]);
});

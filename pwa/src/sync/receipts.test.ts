import { beforeEach, describe, expect, test } from "vitest";
import { newKey, TestServer } from "../testing/server";
import type { Transport } from "../vault/schema";
import { b64u, fromB64u, text, utf8 } from "../wire/bytes";
import { attachmentReceipt, fileReceipt, verifiedList } from "./receipts";

let server: TestServer;
let transport: Transport;

beforeEach(async () => {
  server = await TestServer.start();
  const { kty, crv, x, y } = server.receipt;
  const receiptKey = { kty, crv, x, y } as JsonWebKey;
  const rest = { server: server.origin, pushToken: "push", device: "d", keepCopies: true };
  transport = { ...rest, mission: server.mission, receiptKey };
});

const entry = { id: "r1", hash: "h", seq: 7, device_seq: 1, at: "2021-01-10T08:00:00Z" };
const list = (more: object = {}) => ({ mission: server.mission, at: "2021-01-11T08:00:00Z", items: [entry], ...more });
const file = (more: object = {}) => ({ mission: server.mission, sha256: "p", size: 3, at: "2021-01-10", ...more });

describe("a signed list", () => {
  test("says of itself in which epoch, how far what it holds is safe, and when", async () => {
    const jws = await server.signReceipt(list({ epoch: 3, safe_seq: 41 }));
    expect(await verifiedList(jws, transport)).toEqual({
      mission: server.mission,
      jws,
      epoch: 3,
      safeSeq: 41,
      at: "2021-01-11T08:00:00Z",
      entries: [entry],
    });
  });

  test.each([
    ["of a mission without copies", { epoch: 2, safe_seq: null }, { epoch: 2, safeSeq: null }],
    ["of a server that says nothing of it", {}, { epoch: 1, safeSeq: null }],
    ["that says it in other types", { epoch: "4", safe_seq: "9" }, { epoch: 1, safeSeq: null }],
  ])("%s calls nothing safe by a number", async (_what, claims, word) => {
    expect(await verifiedList(await server.signReceipt(list(claims)), transport)).toMatchObject(word);
  });

  test.each([
    ["of a server whose receipts stand in a tree", { size: 41, root: "a".repeat(64) }],
    ["whose tree is of a form that a later server may give it", [{ first: 1, second: null }]],
    ["whose tree is nothing", null],
  ])("%s is believed as one that says nothing of it", async (_what, tree) => {
    const claims = { epoch: 3, safe_seq: 41 };
    const [jws, plain] = await Promise.all([
      server.signReceipt(list({ ...claims, tree })),
      server.signReceipt(list(claims)),
    ]);
    // As it came, the head of the tree in it: what is kept of a list can be held against the mission.
    expect(await verifiedList(jws, transport)).toEqual({ ...(await verifiedList(plain, transport)), jws });
    const [header, payload, signature] = jws.split(".") as [string, string, string];
    const other = b64u(utf8(text(fromB64u(payload)).replace(/"tree":/, '"tre2":')));
    expect(await verifiedList(`${header}.${other}.${signature}`, transport)).toBeUndefined();
  });

  test("without entries is one", async () => {
    const jws = await server.signReceipt(list({ items: [], epoch: 2, safe_seq: 5 }));
    expect(await verifiedList(jws, transport)).toMatchObject({ entries: [], epoch: 2, safeSeq: 5 });
  });

  test("of another key or mission says nothing at all", async () => {
    const forged = await server.signReceipt(list({ epoch: 9 }), await newKey(["sign"], "ECDSA"));
    const foreign = await server.signReceipt({ ...list({ epoch: 9 }), mission: "other" });
    for (const jws of [forged, foreign, "a.b.c", undefined]) expect(await verifiedList(jws, transport)).toBeUndefined();
  });
});

describe("the receipt of an attachment", () => {
  test("carries the number of its completion, and the server's word of safety", async () => {
    const jws = await server.signReceipt(file({ seq: 12, epoch: 2, safe_seq: 11 }));
    const receipt = { mission: server.mission, jws, sha256: "p", size: 3, at: "2021-01-10", seq: 12 };
    expect(await fileReceipt(jws, transport)).toEqual({ ...receipt, epoch: 2, safeSeq: 11 });
  });

  test("of an earlier server has no number", async () => {
    const receipt = await fileReceipt(await server.signReceipt(file()), transport);
    expect(receipt).toMatchObject({ epoch: 1, safeSeq: null });
    expect(receipt).not.toHaveProperty("seq");
  });

  test("is for these bytes and this size alone", async () => {
    const jws = await server.signReceipt(file());
    expect(await attachmentReceipt(jws, transport, { sha256: "p", size: 3 })).toBeDefined();
    expect(await attachmentReceipt(jws, transport, { sha256: "p", size: 4 })).toBeUndefined();
    expect(await attachmentReceipt(jws, transport, { sha256: "q", size: 3 })).toBeUndefined();
  });
});

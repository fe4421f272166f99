/** Whatever happens in whatever order, no finished report is lost, and only receipts empty the outbox. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { enrolledPhone, type Phone, report } from "../testing/phone";
import { captivePortal, type Intercept, missionId, newKey, problem, TestServer } from "../testing/server";
import { b64u, sha256, text, throughStream, utf8 } from "../wire/bytes";
import { signCompact, signingKey } from "../wire/jws";

/** Takes the reports, keeps none, and answers with receipts under a key of its own. */
async function pretend(request: Request): Promise<Response> {
  const packed = new Uint8Array(await request.arrayBuffer());
  const unpacked = text(await throughStream(packed, new DecompressionStream("gzip")));
  const { items } = JSON.parse(unpacked) as { items: string[] };
  const entry = async (item: string) => ({
    sealed: b64u(await sha256(utf8(item))),
    seq: 1,
    at: "2021-01-10T08:00:00Z",
  });
  const payload = { mission: missionId, device: "", at: "", items: await Promise.all(items.map(entry)) };
  const key = await signingKey(await newKey(["sign"], "ECDSA"));
  const receipts = await signCompact({ alg: "ES256", typ: "steppe-receipt+jws" }, payload, key);
  return Response.json({ results: items.map(() => ({ status: "stored" })), receipts });
}

const networks: Record<string, Intercept> = {
  works: (_request, next) => next(),
  "is absent": async () => {
    throw new TypeError("no route");
  },
  "loses the answer": async (_request, next) => {
    await next();
    throw new TypeError("connection reset");
  },
  "is a captive portal": async () => captivePortal(),
  "is a tired server": async () => problem(503, "try-later"),
  "pretends to be the server": pretend,
};

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("finish" as const), photo: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("push" as const), network: fc.constantFrom(...Object.keys(networks)) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("killInPush" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("copy" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restore" as const) }) },
);

test("any order of finishing, pushing, failing, being killed, and of a server copied and restored, loses nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const server = await TestServer.start();
      server.safety = { epoch: 1, safe_seq: 0 };
      let copy = server.copy();
      let phone: Phone = await enrolledPhone(server);
      const finished = new Map<string, string>();
      let number = 0;
      for (const each of steps) {
        if (each.do === "finish") {
          const who = `report ${++number}`;
          const photo = each.photo ? new Blob([who.repeat(20)], { type: "image/jpeg" }) : undefined;
          finished.set((await report(phone, who, photo)).revision, who);
        } else if (each.do === "push") {
          server.intercept = networks[each.network] as Intercept;
          await phone.push();
          await phone.release();
        } else if (each.do === "copy") {
          copy = server.copy();
          server.safety = { epoch: server.safety?.epoch ?? 1, safe_seq: copy.seq };
        } else if (each.do === "restore") {
          server.restore(copy);
        } else if (each.do === "kill") {
          phone = await phone.restart();
        } else {
          server.intercept = (_request, next) => next();
          const pushing = phone.push().catch(() => undefined);
          phone = await phone.restart();
          await pushing;
        }
        await nothingIsLost(phone, server, finished);
      }
      server.intercept = (_request, next) => next();
      // A greeting tells even an empty outbox that the server was restored.
      await phone.rounds.run();
      expect((await phone.push()).left).toBe(0);
      expect(server.stored.size).toBe(finished.size);
      const numbers = [...server.stored.values()].map(({ revision }) => revision.device_seq).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from(finished, (_, at) => at + 1));
    }),
    { numRuns: 30 },
  );
});

async function nothingIsLost(phone: Phone, server: TestServer, finished: ReadonlyMap<string, string>): Promise<void> {
  const items = await phone.outbox.list();
  expect(items.map(({ revision }) => revision).sort()).toEqual([...finished.keys()].sort());
  for (const item of items) {
    if (item.state !== "received") continue;
    const held = server.stored.get(item.revision);
    // Restored, and the phone has not heard of it yet: then it still has what it takes to offer it again.
    if (!held) expect(item.retained).toBe("until-safe");
    if (!held || item.retained) continue;
    expect(held?.revision.patch.who).toBe(finished.get(item.revision));
    for (const { sha256, size } of held?.revision.attachments ?? []) {
      expect(server.blobs.get(sha256)?.bytes.length).toBe(size);
    }
  }
}

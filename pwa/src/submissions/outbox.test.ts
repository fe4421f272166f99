/** Whatever happens in whatever order, no finished report is lost, and only receipts empty the outbox. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { enrolledPhone, type Phone, report } from "../testing/phone";
import { captivePortal, type Intercept, problem, TestServer } from "../testing/server";

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
  "forges the receipts": async (_request, next) => {
    const response = await next();
    if (!response.headers.get("Content-Type")?.includes("json")) return response;
    const body = (await response.json()) as { receipts: string };
    const [header, payload] = body.receipts.split(".");
    return Response.json({ ...body, receipts: `${header}.${payload}.${"A".repeat(86)}` });
  },
};

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("finish" as const), photo: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("push" as const), network: fc.constantFrom(...Object.keys(networks)) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("killInPush" as const) }) },
);

test("any order of finishing, pushing, failing and being killed loses nothing and removes only what is receipted", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const server = await TestServer.start();
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
      expect((await phone.push()).left).toBe(0);
      expect(server.stored.size).toBe(finished.size);
      const numbers = [...server.stored.values()].map(({ revision }) => revision.device_seq).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from(finished, (_, at) => at + 1));
    }),
    { numRuns: 40 },
  );
});

async function nothingIsLost(phone: Phone, server: TestServer, finished: ReadonlyMap<string, string>): Promise<void> {
  const items = await phone.outbox.list();
  expect(items.map(({ revision }) => revision).sort()).toEqual([...finished.keys()].sort());
  for (const item of items) {
    if (item.state !== "received") continue;
    const held = server.stored.get(item.revision);
    expect(held?.revision.patch.who).toBe(finished.get(item.revision));
    for (const { sha256, size } of held?.revision.attachments ?? []) {
      expect(server.blobs.get(sha256)?.bytes.length).toBe(size);
    }
  }
}

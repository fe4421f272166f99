import { expect, test } from "vitest";
import { checklistId, definition, enrolledPhone } from "../testing/phone";
import { TestServer } from "../testing/server";

const texts = (en: string) => ({ en });
const photos = {
  repeat: true as const,
  id: "photos",
  label: texts("More photos"),
  questions: [
    { id: "photo", type: "photo" as const, label: texts("Photo") },
    { id: "caption", type: "text" as const, label: texts("What it shows") },
  ],
};

test("twenty photos with captions arrive whole over a link that breaks at every third request", async () => {
  const server = await TestServer.start();
  const phone = await enrolledPhone(server);
  const [start] = definition.sections;
  if (!start) throw new Error("no section");
  await phone.vault.put("definitions", checklistId, { ...definition, sections: [{ ...start, nodes: [photos] }] });
  const draft = await phone.drafts.start(checklistId);
  const rows = Array.from({ length: 20 }, (_, at) => `row${at}`);
  const answers: Record<string, string | string[]> = { photos: rows };
  for (const [at, row] of rows.entries()) {
    // Larger than one chunk, so that a break falls inside a photo too.
    const bytes = new Uint8Array(300_000).fill(at);
    const kept = await phone.attachments.add(draft.submission, new Blob([bytes], { type: "image/jpeg" }), {
      as: "picture",
    });
    answers[`photos/${row}/photo`] = kept.sha256;
    answers[`photos/${row}/caption`] = `page ${at + 1}`;
  }
  await phone.outbox.finish({ ...draft, answers }, answers, undefined);
  let requests = 0;
  server.intercept = async (_request, next) => {
    requests += 1;
    // Every sixth answer is lost on the way back, every other third request on the way there.
    if (requests % 6 === 0) await next();
    if (requests % 3 === 0) throw new TypeError("the link broke");
    return next();
  };
  let rounds = 0;
  while ((await phone.push()).left > 0) expect(++rounds).toBeLessThan(60);
  expect(rounds, "the link did break").toBeGreaterThan(5);
  expect(server.stored.size).toBe(1);
  const { revision } = [...server.stored.values()][0] as {
    revision: { attachments: { sha256: string; size: number }[] };
  };
  expect(revision.attachments).toHaveLength(20);
  for (const { sha256, size } of revision.attachments) expect(server.blobs.get(sha256)?.bytes.length).toBe(size);
  expect((await phone.outbox.list())[0]).toMatchObject({ state: "received", attachments: { total: 20, received: 20 } });
});

import { expect, test } from "vitest";
import { checklistId, definition, enrolledPhone } from "../../testing/phone";
import { TestServer } from "../../testing/server";
import { Filling } from "./filling.svelte";
import type { FillSession } from "./session";

const photo = (words: string) => new Blob([words], { type: "image/jpeg" });

async function begin() {
  const phone = await enrolledPhone(await TestServer.start());
  const draft = await phone.drafts.start(checklistId);
  const session = { field: { ...phone, readOnly: false }, zone: "UTC", vault: "open", settings: {} };
  return { phone, filling: new Filling(session as unknown as FillSession, draft, definition) };
}

test("a photo that is no longer on the phone stands on the review with its question, until it is taken again", async () => {
  const { phone, filling } = await begin();
  await filling.media.attach("board", photo("protocol"), { as: "picture" });
  await phone.database.write(["attachments"], (t) => t.objectStore("attachments").clear());
  filling.lookOver();
  await filling.media.lookForFiles();
  expect(filling.review.errors).toEqual([
    {
      path: "board",
      section: 0,
      label: "Protocol",
      why: "This photo is no longer on the phone. Take it again or remove it.",
    },
  ]);
  expect(filling.media.lost.has("board")).toBe(true);
  await filling.media.attach("board", photo("protocol"), { as: "picture" });
  expect(filling.review.errors).toEqual([]);
  expect((await filling.finish())?.attachments.total).toBe(1);
});

test("finishing that fails because a photo is gone leaves its question on the review", async () => {
  const { phone, filling } = await begin();
  await filling.media.attach("board", photo("protocol"), { as: "picture" });
  await phone.database.write(["attachments"], (t) => t.objectStore("attachments").clear());
  await expect(filling.finish()).rejects.toMatchObject({ slug: "photo-missing" });
  expect(filling.review.errors.map(({ path }) => path)).toEqual(["board"]);
  await filling.media.detach("board");
  expect(filling.review.errors).toEqual([]);
});

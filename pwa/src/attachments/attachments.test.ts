import { beforeEach, expect, test, vi } from "vitest";
import { checklistId, definition, enrolledPhone, type Phone } from "../testing/phone";
import { TestServer } from "../testing/server";
import { largestPlain, openAttachment } from "./sealing";

let server: TestServer;
let phone: Phone;
const picture = { as: "picture" } as const;
const file = new Blob(["a photo of the results protocol"], { type: "image/jpeg" });

beforeEach(async () => {
  server = await TestServer.start();
  phone = await enrolledPhone(server);
});

const stored = () =>
  phone.database.read(["photos", "attachments"], (t) =>
    Promise.all([t.objectStore("photos").count(), t.objectStore("attachments").count()]),
  );

test("a photo is shown again from its encrypted bytes, and gone after removal", async () => {
  const photo = await phone.attachments.add("s", file, picture);
  const url = await phone.attachments.url(photo.sha256);
  expect(await (await fetch(url as string)).text()).toBe("a photo of the results protocol");
  expect(await phone.attachments.url("00")).toBeUndefined();
  await phone.attachments.remove("s", photo.sha256);
  expect(await phone.attachments.url(photo.sha256)).toBeUndefined();
  expect(await stored()).toEqual([0, 0]);
});

test("the same photo twice in a report is kept once; in two reports, twice, so that one can go without the other", async () => {
  const first = await phone.attachments.add("s", file, picture);
  expect(await phone.attachments.add("s", file, picture)).toEqual(first);
  await phone.attachments.add("t", file, picture);
  expect(await stored()).toEqual([2, 2]);
  await phone.attachments.retain("s", []);
  expect(await stored()).toEqual([1, 1]);
  expect(await phone.attachments.url(first.sha256)).toBeDefined();
});

test("the sealed report carries the key that opens what is uploaded", async () => {
  const draft = await phone.drafts.start(checklistId);
  const { sha256 } = await phone.attachments.add(draft.submission, file, picture);
  const unused = await phone.attachments.add(draft.submission, new Blob(["blurred"], { type: "image/jpeg" }), picture);
  await phone.outbox.finish(draft, { board: sha256 }, undefined);
  expect(await phone.attachments.url(unused.sha256)).toBeUndefined();
  await phone.push();
  const [attachment] = [...server.stored.values()][0]?.revision.attachments ?? [];
  if (!attachment) throw new Error("no attachment was named");
  expect(attachment).toMatchObject({ path: "board", type: "image/jpeg", plain_sha256: sha256 });
  const uploaded = server.blobs.get(attachment.sha256)?.bytes as Uint8Array<ArrayBuffer>;
  expect(uploaded.length).toBe(attachment.size);
  expect(new TextDecoder().decode(await openAttachment(uploaded, attachment.key))).toBe(await file.text());
});

test("what headquarters still waits for is not removed, even when a screen asks for it", async () => {
  const draft = await phone.drafts.start(checklistId);
  const { sha256 } = await phone.attachments.add(draft.submission, file, picture);
  await phone.outbox.finish(draft, { board: sha256 }, undefined);
  await phone.attachments.remove(draft.submission, sha256);
  await phone.attachments.retain(draft.submission, []);
  expect(await phone.push()).toEqual({ left: 0, reached: true });
});

test("photos inside repeat rows are found by their question, other answers that look like hashes are not", async () => {
  const rows = { repeat: true as const, id: "seen", label: { en: "Seen" }, questions: [] };
  const inRow = { ...rows, questions: [{ id: "shot", type: "photo" as const, label: { en: "Photo" } }] };
  const [section] = definition.sections;
  if (!section) throw new Error("the definition has no section");
  const withRows = { ...definition, sections: [{ ...section, nodes: [...section.nodes, inRow] }] };
  const { sha256 } = await phone.attachments.add("s", file, picture);
  const answers = { who: sha256, seen: ["r1"], "seen/r1/shot": sha256 };
  const found = await phone.attachments.attachmentsOf("s", withRows, answers);
  expect(found.map(({ path }) => path)).toEqual(["seen/r1/shot"]);
});

test("recordings and files are kept and named as they are, and sent like photos", async () => {
  const asked = { id: "s", title: { en: "S" } };
  const audio = { id: "said", type: "audio" as const, label: { en: "Said" } };
  const withAudio = { ...definition, sections: [{ ...asked, nodes: [audio] }] };
  const spoken = new Blob(["opus"], { type: "audio/webm;codecs=opus" });
  const kept = await phone.attachments.add("s", spoken, { as: "it-is", name: "interview.webm", seconds: 65 });
  expect(await phone.attachments.facts(kept.sha256)).toEqual({
    sha256: kept.sha256,
    size: 4,
    type: "audio/webm",
    name: "interview.webm",
    seconds: 65,
  });
  const [named] = await phone.attachments.attachmentsOf("s", withAudio, { said: kept.sha256 });
  expect(named).toMatchObject({ path: "said", type: "audio/webm", plain_sha256: kept.sha256 });
  // The protocol knows no names: what a file was called stays on the phone.
  expect(JSON.stringify(named)).not.toContain("interview");
});

test("a file that could never be sent is refused before it is read, an empty one too; nothing is kept of them", async () => {
  const huge = { size: largestPlain + 1, type: "video/mp4" } as Blob;
  await expect(phone.attachments.add("s", huge, { as: "it-is" })).rejects.toMatchObject({ slug: "too-large" });
  await expect(phone.attachments.add("s", new Blob([]), { as: "it-is" })).rejects.toMatchObject({ slug: "empty-file" });
  expect(await stored()).toEqual([0, 0]);
});

test("nothing is kept of a file no browser can read", async () => {
  vi.stubGlobal("createImageBitmap", async () => {
    throw new DOMException("bad", "InvalidStateError");
  });
  class Unreadable {
    src = "";
    decode = () => Promise.reject(new DOMException("bad", "EncodingError"));
  }
  vi.stubGlobal("Image", Unreadable);
  const { downscale } = await import("./downscale");
  await expect(downscale(new Blob(["%PDF"]))).rejects.toMatchObject({ slug: "not-an-image" });
  vi.unstubAllGlobals();
});

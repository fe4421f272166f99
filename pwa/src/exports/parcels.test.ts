import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "../desk/api";
import { mostSealedBytes } from "../submissions/batches";
import { ParcelFileWriter } from "../submissions/parcelFile";
import { hex, sha256, utf8 } from "../wire/bytes";
import { deliver } from "./parcels";

const mission = "0190aaaa-0000-7000-8000-000000000001";
const refused = (status: number, slug: string) => ({
  error: { type: `urn:steppe:problem:${slug}` },
  response: new Response(null, { status }),
});
const stored = (items: string[]) => ({
  data: { results: items.map(() => ({ status: "stored", needs })), receipts: `list of ${items.length}` },
  response: new Response(),
});

let needs: string[];
let post: (items: string[]) => object;
let asked: number[];
let uploads: Response[];

beforeEach(() => {
  needs = [];
  asked = [];
  uploads = [];
  post = stored;
  vi.spyOn(api, "POST").mockImplementation(((_path: string, { body }: { body: { items: string[] } }) => {
    asked.push(body.items.length);
    return Promise.resolve(post(body.items));
  }) as never);
  vi.stubGlobal("location", { origin: "https://desk.test" });
  vi.stubGlobal("fetch", async () => uploads.shift() ?? Response.error());
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function fileOf(sealed: string[]): ParcelFileWriter {
  const writer = new ParcelFileWriter(mission);
  for (const text of sealed) writer.report({ revision: "r", hash: "h", deviceSeq: 1, sealed: text, attachments: [] });
  return writer;
}

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `a.b.c.d.${at}`);
const silent = () => undefined;

test("a report the server cannot take holds up no other one", async () => {
  post = (items) => (items.includes("a.b.c.d.3") ? refused(413, "too-large") : stored(items));
  const { receipts, ...delivery } = await deliver(mission, fileOf(numbered(60)).end(), silent);
  expect(delivery).toEqual({ new: 59, known: 0, aside: 0, later: 1, files: 0, isWhole: true });
  expect(await receipts.text()).toContain('"receipts":"list of 10"');
});

test("a report that fits no request is no report", async () => {
  const longest = `a.b.c.d.${"e".repeat(mostSealedBytes - 8)}`;
  post = (items) => (JSON.stringify({ items }).length > 1_048_576 ? refused(413, "too-large") : stored(items));
  const file = fileOf([`${longest}e`, longest, "a.b.c.d.e"]).end();
  expect(await deliver(mission, file, silent)).toMatchObject({ new: 2, later: 0 });
  expect(asked).toEqual([1, 1]);
});

test("a file the server does not know holds up neither the next one nor the receipts", async () => {
  const writer = fileOf(["a.b.c.d.e"]);
  for (const bytes of [utf8("of another size"), utf8("right")]) {
    const name = hex(await sha256(bytes));
    needs.push(name);
    writer.file(name, bytes);
  }
  const unknown = new Response(JSON.stringify({ type: "urn:steppe:problem:attachment-unknown" }), {
    status: 409,
    headers: { "Content-Type": "application/problem+json" },
  });
  const held = new Response(null, { status: 201, headers: { "Upload-Offset": "5", "Steppe-Receipt": "held" } });
  uploads = [unknown, held];
  const { receipts, ...delivery } = await deliver(mission, writer.end(), silent);
  expect(delivery).toEqual({ new: 1, known: 0, aside: 0, later: 1, files: 1, isWhole: true });
  expect(await receipts.text()).toMatch(/list of 1(.|\n)*"file_receipt":"held"/);
});

test.each([
  ["no-contact", () => Promise.reject(new TypeError("no network")), "no-contact"],
  ["no session", () => refused(401, "sign-in-needed"), "signed-out"],
])("with %s it asks no more, says so, and gives the receipts it has", async (_, fails, problem) => {
  post = (items) => (asked.length === 2 ? fails() : stored(items));
  const { receipts, ...delivery } = await deliver(mission, fileOf(numbered(160)).end(), silent);
  expect(delivery).toEqual({ new: 50, known: 0, aside: 0, later: 110, files: 0, isWhole: true, problem });
  expect(asked).toEqual([50, 50]);
  expect(await receipts.text()).toContain("list of 50");
});

test("a batch the server puts off is counted, and the next one is sent", async () => {
  post = (items) => (asked.length === 1 ? refused(503, "try-later") : stored(items));
  expect(await deliver(mission, fileOf(numbered(60)).end(), silent)).toMatchObject({ new: 10, later: 50 });
});

import { beforeEach, describe, expect, test } from "vitest";
import { enrolledPhone, type Phone, report } from "../testing/phone";
import { type Intercept, problem, TestServer } from "../testing/server";
import { leastChunkBytes } from "./tus";

let server: TestServer;
let phone: Phone;
const direct: Intercept = (_request, next) => next();

/** Bytes that differ from place to place. */
const photoOf = (length: number): Blob => {
  const bytes = Uint8Array.from({ length }, (_, at) => (at * at + (at >> 8)) % 251);
  return new Blob([bytes], { type: "image/jpeg" });
};

beforeEach(async () => {
  server = await TestServer.start();
  phone = await enrolledPhone(server);
  // Pieces of one, of four, and the half that is left.
  await report(phone, "the akim", photoOf(leastChunkBytes * 5.5));
});

const patches = () => server.requests.filter(({ method }) => method === "PATCH").length;
const held = () => [...server.blobs.values()][0]?.bytes.length ?? 0;
const item = async () => (await phone.outbox.list())[0];

/** Lets `count` requests of a method pass, then answers with `instead`. */
function passing(count: number, method: string, instead: Intercept): Intercept {
  let seen = 0;
  return (request, next) => (request.method === method && ++seen > count ? instead(request, next) : next());
}

describe("an upload", () => {
  test("goes in chunks, and only its receipt completes the report", async () => {
    expect(await phone.push()).toEqual({ left: 0, reached: true });
    expect(patches()).toBe(3);
    expect(await item()).toMatchObject({ state: "received", attachments: { total: 1, received: 1 } });
  });

  test("cut in the middle goes on where the server stopped", async () => {
    server.intercept = passing(2, "PATCH", async () => {
      throw new TypeError("cut");
    });
    expect(await phone.push()).toEqual({ left: 1, reached: true, problem: "no-contact" });
    expect(held()).toBe(leastChunkBytes * 5);
    expect(await item()).toMatchObject({ state: "waiting", attachments: { total: 1, received: 0 } });
    server.intercept = direct;
    expect(await phone.push()).toEqual({ left: 0, reached: true });
    expect(patches()).toBe(4);
  });

  test("whose last answer was lost asks again and sends no byte twice", async () => {
    server.intercept = passing(2, "PATCH", async (_request, next) => {
      await next();
      throw new TypeError("cut");
    });
    await phone.push();
    server.intercept = direct;
    expect(await phone.push()).toEqual({ left: 0, reached: true });
    expect(patches()).toBe(3);
  });

  test("asks for the offset when the server says 409", async () => {
    let once = true;
    server.intercept = async (request, next) => {
      if (request.method !== "PATCH" || !once) return next();
      once = false;
      // Another phone that carries the same file was faster by one chunk.
      await next();
      return problem(409, "wrong-offset");
    };
    expect(await phone.push()).toEqual({ left: 0, reached: true });
    expect(server.requests.some(({ method }) => method === "HEAD")).toBe(true);
  });

  test("sends a chunk again that was damaged on the way", async () => {
    let once = true;
    server.intercept = async (request, next) => {
      if (request.method !== "PATCH" || !once) return next();
      once = false;
      return problem(460, "checksum-mismatch");
    };
    expect(await phone.push()).toEqual({ left: 0, reached: true });
    expect(patches()).toBe(4);
  });

  test("begins anew when the whole turns out damaged, and gives up for this round when it stays so", async () => {
    await phone.push();
    const [address] = [...server.blobs.keys()];
    phone = await enrolledPhone(server);
    await report(phone, "b", photoOf(leastChunkBytes));
    let tampered = 0;
    server.intercept = async (request, next) => {
      const response = await next();
      const blob = [...server.blobs].find(([key]) => key !== address)?.[1];
      if (request.method === "PATCH" && blob && tampered < 1 && blob.bytes.length > 0) {
        tampered++;
        blob.bytes[0] = (blob.bytes[0] as number) ^ 1;
      }
      return response;
    };
    expect(await phone.push()).toEqual({ left: 0, reached: true });

    await report(phone, "c", photoOf(100));
    server.intercept = (request, next) => (request.method === "PATCH" ? Promise.resolve(problem(460, "x")) : next());
    expect(await phone.push()).toEqual({ left: 1, reached: true, problem: "upload-damaged" });
    expect(patches()).toBeLessThan(20);
  });

  test.each([
    ["forged", "a.b.c"],
    ["of another file", undefined],
  ])("with a receipt that is %s stays in the outbox", async (_how, forged) => {
    const other = await server.signReceipt({ mission: server.mission, sha256: "00", size: 1, at: "2021" });
    server.intercept = async (_request, next) => {
      const response = await next();
      if (response.headers.has("Steppe-Receipt")) response.headers.set("Steppe-Receipt", forged ?? other);
      return response;
    };
    expect(await phone.push()).toMatchObject({ left: 1, problem: "not-the-server" });
    expect(await item()).toMatchObject({ attachments: { received: 0 } });
  });

  test("one file the phone lost does not hold up the others", async () => {
    await phone.database.write(["attachments"], (t) => t.objectStore("attachments").clear());
    await report(phone, "b", new Blob(["small"], { type: "image/jpeg" }));
    expect(await phone.push()).toEqual({ left: 1, reached: true, problem: "attachment-missing" });
    expect((await phone.outbox.list()).map(({ state }) => state)).toEqual(["received", "waiting"]);
  });
});

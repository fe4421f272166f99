import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { checklistId, enrolledPhone, openPhone, type Phone, report } from "../testing/phone";
import { json, newKey, problem, TestServer } from "../testing/server";
import { b64u, fromB64u, hex, sha256, text, utf8 } from "../wire/bytes";
import { verifyCompact, verifyingKey } from "../wire/jws";
import { readCode } from "./code";
import { platformName } from "./device";
import { ProvingContact } from "./dpop";
import { enrol, enrolmentOf, matchingCode, updateEnrolment } from "./enrolment";
import { shownCode } from "./identity";
import { checkCode, checkKeys, keysThumbprint, rootThumbprint } from "./missionKeys";

let server: TestServer;
let phone: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  phone = await openPhone(server);
});

const code = "ABCDE-FGHJK-MNPQR-STVWX";
const contact = () => ({ server: server.origin, fetch: server.fetch });

interface Sent {
  code: string;
  device: { id: string; public_jwk: JsonWebKey; platform: string; letter?: string };
  proof: string;
}

describe("enrolling", () => {
  test("proves possession of the key it introduces, and keeps the private half to itself", async () => {
    let sent: Sent | undefined;
    server.intercept = async (request, next) => {
      sent = (await request.json()) as Sent;
      return next();
    };
    await enrol(phone.vault, phone.database, contact(), code);
    if (!sent) throw new Error("nothing was sent");
    expect(Object.keys(sent.device.public_jwk).sort()).toEqual(["crv", "kty", "x", "y"]);
    const claims = await verifyCompact(sent.proof, "steppe-enrol+jws", await verifyingKey(sent.device.public_jwk));
    expect(claims).toEqual({ code, device: sent.device.id });
  });

  test("asks again with the same device and key when the answer was lost, even after a restart", async () => {
    const seen: string[] = [];
    server.intercept = async (request) => {
      seen.push(JSON.stringify(((await request.json()) as Sent).device));
      throw new TypeError("cut");
    };
    await expect(enrol(phone.vault, phone.database, contact(), code)).rejects.toMatchObject({ slug: "no-contact" });
    expect(await enrolmentOf(phone.vault)).toBeUndefined();
    phone = await phone.restart();
    await expect(enrol(phone.vault, phone.database, contact(), code)).rejects.toMatchObject({ slug: "no-contact" });
    expect(seen[1]).toBe(seen[0]);
  });

  test("passes on why the server said no", async () => {
    server.intercept = async () => problem(409, "code-used");
    await expect(enrol(phone.vault, phone.database, contact(), code)).rejects.toMatchObject({ slug: "code-used" });
  });

  test("believes no stranger", async () => {
    server.intercept = async () => json(200, { device: { id: "other" }, hello: true });
    await expect(enrol(phone.vault, phone.database, contact(), code)).rejects.toMatchObject({ slug: "not-the-server" });
    expect(await enrolmentOf(phone.vault)).toBeUndefined();
  });

  test("shows the digits of the keys it holds: another key in between changes them", async () => {
    const identity = await enrol(phone.vault, phone.database, contact(), code);
    expect(identity.matchingCode).toMatch(/^\d{6}$/);
    const keys = [server.receipt, server.transport] as const;
    const device = (await phone.vault.get<{ privateJwk: JsonWebKey }>("identity", "device"))?.privateJwk ?? {};
    expect(await matchingCode(device, ...keys)).toBe(identity.matchingCode);
    const stranger = (await TestServer.start()).transport;
    expect(await matchingCode(device, server.receipt, stranger)).not.toBe(identity.matchingCode);
  });
});

describe("a link that names the mission's keys", () => {
  const link = async () => `https://hq.test/#enrol=${code}.${await keysThumbprint(server)}`;
  const paths = () => server.requests.map(({ path }) => path);

  test("agrees with the server's thumbprint and digits of the same keys", async () => {
    const path = new URL("../../../tests/vectors/mission_keys.json", import.meta.url);
    const vector = JSON.parse(readFileSync(path, "utf8"));
    expect(await keysThumbprint(vector.keys)).toBe(vector.thumbprint);
    expect(await rootThumbprint(vector.root)).toBe(vector.root_thumbprint);
    const { receipt, transport } = vector.keys;
    expect(await matchingCode(vector.device, receipt, transport)).toBe(vector.matching_code);
    const [digits = "", shown] = vector.shown_code;
    expect(shownCode(digits)).toBe(shown);
    expect(await keysThumbprint({ receipt: transport, transport: receipt })).not.toBe(vector.thumbprint);
  });

  test("sets the phone up where they fit, and the phone remembers that they did", async () => {
    const identity = await enrol(phone.vault, phone.database, contact(), await link());
    expect(identity.keysChecked).toBe(true);
    expect(paths()).toEqual(["/enrolments/keys", "/enrolments/redeem"]);
  });

  test("gives neither the code nor a key of this phone to a server with other keys", async () => {
    const wanted = await link();
    const bodies: string[] = [];
    const stranger = await TestServer.start();
    stranger.intercept = async (request, next) => {
      bodies.push(await request.text());
      return next();
    };
    const away = { server: server.origin, fetch: stranger.fetch };
    const refusal = { slug: "other-keys" };
    await expect(checkKeys(away, readCode(wanted))).rejects.toMatchObject(refusal);
    await expect(enrol(phone.vault, phone.database, away, wanted)).rejects.toMatchObject(refusal);
    expect(stranger.requests.map(({ path }) => path)).toEqual(["/enrolments/keys", "/enrolments/keys"]);
    const hashed = hex(await sha256(utf8(code.replaceAll("-", ""))));
    expect(bodies).toEqual(Array(2).fill(JSON.stringify({ code_sha256: hashed })));
    expect(await enrolmentOf(phone.vault)).toBeUndefined();
    expect(await phone.vault.get("identity", "device")).toBeUndefined();
  });

  test.each(["transport", "receipt"] as const)(
    "refuses another %s key that comes with the enrolment itself",
    async (purpose) => {
      const wanted = await link();
      const stranger = await TestServer.start();
      server.intercept = async (request, next) => {
        const answer = await next();
        if (!request.url.endsWith("/redeem")) return answer;
        const enrolled = await answer.json();
        const { d: _private, ...swapped } = stranger[purpose];
        return json(201, { ...enrolled, keys: { ...enrolled.keys, [purpose]: { ...swapped, kid: purpose } } });
      };
      const enrolling = enrol(phone.vault, phone.database, contact(), wanted);
      await expect(enrolling).rejects.toMatchObject({ slug: "other-keys" });
      expect(await enrolmentOf(phone.vault)).toBeUndefined();
      expect(await phone.database.read(["transport"], (t) => t.objectStore("transport").get("this"))).toBeUndefined();
    },
  );

  test("that was cut short is not sent, and no keys in an answer are no keys", async () => {
    const cut = (await link()).slice(0, -3);
    const enrolling = enrol(phone.vault, phone.database, contact(), cut);
    await expect(enrolling).rejects.toMatchObject({ slug: "code-malformed" });
    expect(server.requests).toEqual([]);
    server.intercept = async () => json(200, { keys: {} });
    await expect(checkKeys(contact(), readCode(await link()))).rejects.toMatchObject({ slug: "not-the-server" });
  });

  test.each([false, true])(
    "a code that a phone has used is refused before anything is made, with keys: %s",
    async (keys) => {
      const entry = readCode(keys ? await link() : code);
      await expect(checkCode(contact(), entry)).resolves.toBeUndefined();
      server.codeState = "used";
      await expect(checkCode(contact(), entry)).rejects.toMatchObject({ slug: "code-used" });
      // The phone that used it asks again after a lost answer: only the enrolment itself can tell.
      await expect(enrol(phone.vault, phone.database, contact(), code)).resolves.toBeDefined();
    },
  );

  test("other keys are said before the state of a code, which is then nobody's word", async () => {
    const stranger = await TestServer.start();
    stranger.codeState = "used";
    const away = { server: server.origin, fetch: stranger.fetch };
    await expect(checkCode(away, readCode(await link()))).rejects.toMatchObject({ slug: "other-keys" });
  });

  test("names the root, whose signed list leads to the keys of the day, and the phone holds the list from then on", async () => {
    const root = await newKey(["sign"], "ECDSA");
    const newer = await newKey(["sign"], "ECDSA");
    const named = `https://hq.test/#enrol=${code}.${await rootThumbprint(root)}`;
    const first = await server.signKeys(1, root, { receipt: [newer], root });
    const second = await server.signKeys(2, newer, { receipt: [newer, server.receipt], root });
    const told = { root, statements: [first, second] };
    server.intercept = async (_request, next) => {
      const answer = await next();
      return Response.json({ ...((await answer.json()) as object), ...told }, { status: answer.status });
    };
    const refusal = { slug: "other-keys" };
    told.statements = [second];
    await expect(enrol(phone.vault, phone.database, contact(), named)).rejects.toMatchObject(refusal);
    told.statements = [first];
    await expect(enrol(phone.vault, phone.database, contact(), named)).rejects.toMatchObject(refusal);
    told.statements = [first, second];
    told.root = newer;
    await expect(enrol(phone.vault, phone.database, contact(), named)).rejects.toMatchObject(refusal);
    told.root = root;
    expect((await enrol(phone.vault, phone.database, contact(), named)).keysChecked).toBe(true);
    const transport = await phone.database.read(["transport"], (t) => t.objectStore("transport").get("this"));
    expect(transport?.keys).toMatchObject({ serial: 2, rootSerial: 1, root: { x: root.x } });
    expect(transport?.keys?.receipt.map(({ x }) => x)).toEqual([newer.x, server.receipt.x]);
  });

  test("may be missing: a code alone enrols as before, with the digits to compare", async () => {
    const identity = await enrol(phone.vault, phone.database, contact(), code);
    expect(identity.keysChecked).toBeUndefined();
    expect(identity.matchingCode).toMatch(/^\d{6}$/);
    expect(paths()).toEqual(["/enrolments/redeem"]);
  });
});

test("no later answer changes the mission's keys of an enrolled phone", async () => {
  await enrol(phone.vault, phone.database, contact(), code);
  const before = await enrolmentOf(phone.vault);
  const receipt = () => phone.database.read(["transport"], (t) => t.objectStore("transport").get("this"));
  const { receiptKey } = (await receipt()) ?? {};
  const other = (await TestServer.start()).transport;
  const keys = { transport: other, receipt: other };
  const changed = {
    ...before?.identity.mission,
    name: { en: "Renamed" },
    keys,
    receiptKey: other,
    transportKey: other,
  };
  await updateEnrolment(phone.vault, phone.database, changed as never, undefined);
  const after = await enrolmentOf(phone.vault);
  expect(after?.identity.mission.name).toEqual({ en: "Renamed" });
  expect(after?.transportKey).toEqual(before?.transportKey);
  expect((await receipt())?.receiptKey).toEqual(receiptKey);
});

test.each(["", "ABCDE", `${code}X`])("%j is no code, and is not sent", async (typed) => {
  const enrolling = enrol(phone.vault, phone.database, contact(), typed);
  await expect(enrolling).rejects.toMatchObject({ slug: "code-malformed" });
  expect(server.requests).toEqual([]);
});

test("the platform is told no finer than a person at headquarters needs", () => {
  const agent =
    "Mozilla/5.0 (Linux; Android 14; SM-A155F Build/UP1A) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36";
  expect(platformName(agent)).toBe("Android");
});

describe("a proof of possession", () => {
  test("is bound to method, path, token and the server's nonce, and asked for a nonce once", async () => {
    await enrol(phone.vault, phone.database, contact(), code);
    const device = await phone.vault.get<{ id: string; privateJwk: JsonWebKey }>("identity", "device");
    if (!device) throw new Error("no device key");
    const proofs: string[] = [];
    server.intercept = (request, next) => {
      proofs.push(request.headers.get("DPoP") ?? "");
      return next();
    };
    const proving = new ProvingContact(contact(), { device, accessToken: "access" });
    expect((await proving.post("/sync/pull", { cursor: null, limit: 1 })).status).toBe(200);
    expect((await proving.post("/sync/pull", { cursor: null, limit: 1 })).status).toBe(200);
    expect(proofs).toHaveLength(3);
    const last = proofs[2] ?? "";
    const claims = await verifyCompact(last, "dpop+jwt", await verifyingKey(device.privateJwk));
    expect(claims).toMatchObject({
      htm: "POST",
      htu: "https://hq.test/api/v1/sync/pull",
      nonce: "fresh",
      ath: b64u(await sha256(utf8("access"))),
    });
    expect(text(fromB64u(last.split(".")[0] ?? ""))).not.toContain('"d"');
  });

  test("that is refused twice is not tried for ever", async () => {
    server.intercept = async () => problem(401, "use-dpop-nonce", { "DPoP-Nonce": "n" });
    const privateJwk = (await TestServer.start()).receipt;
    const proving = new ProvingContact(contact(), { device: { id: "d", privateJwk }, accessToken: "access" });
    expect((await proving.get("/checklists/x", 0)).status).toBe(401);
    expect(server.requests).toHaveLength(2);
  });
});

test("a phone the server does not know any more enrols again as the same device, and keeps its queue", async () => {
  phone = await enrolledPhone(server);
  const before = await enrolmentOf(phone.vault);
  await report(phone, "received");
  const copy = server.copy();
  await phone.push();
  await report(phone, "waits");
  const draft = await phone.drafts.start(checklistId);
  server.restore(copy);
  server.pushToken = "a later one";
  const isKnown = (request: Request) => request.headers.get("Authorization") === "Bearer a later one";
  const letters: (string | undefined)[] = [];
  server.intercept = async (request, next) => {
    if (request.url.endsWith("/redeem")) letters.push(((await request.clone().json()) as Sent).device.letter);
    return !request.url.endsWith("/push") || isKnown(request) ? next() : problem(401, "sign-in-needed");
  };
  expect(await phone.push()).toMatchObject({ left: 1, problem: "device-revoked" });
  await enrol(phone.vault, phone.database, contact(), code);
  expect((await enrolmentOf(phone.vault))?.identity.device.id).toBe(before?.identity.device.id);
  // Its letter, which is in the short codes of its reports, it says itself: the server has lost it.
  expect(letters).toEqual([before?.identity.device.letter]);
  expect(await phone.push()).toEqual({ left: 0, reached: true });
  expect([...server.stored.values()].map(({ revision }) => revision.patch.who).sort()).toEqual(["received", "waits"]);
  expect((await phone.drafts.list()).map(({ submission }) => submission)).toEqual([draft.submission]);
});

test("a phone set up again in another team has moved: it reads the feed from its beginning", async () => {
  phone = await enrolledPhone(server);
  await phone.rounds.run();
  expect(await phone.vault.get("feed", "cursor")).toBeDefined();
  server.intercept = async (request, next) => {
    const answer = await next();
    if (!request.url.endsWith("/redeem")) return answer;
    const redeemed = (await answer.json()) as { team: object };
    return Response.json({ ...redeemed, team: { ...redeemed.team, code: "LTO06" } }, { status: 201 });
  };
  await enrol(phone.vault, phone.database, contact(), code);
  expect(await phone.vault.get("feed", "cursor")).toBeUndefined();
  expect((await enrolmentOf(phone.vault))?.identity).toMatchObject({ movedFrom: "LTO05", team: { code: "LTO06" } });
});

test("a code of another mission changes nothing on a phone that is set up", async () => {
  phone = await enrolledPhone(server);
  const before = JSON.stringify(await enrolmentOf(phone.vault));
  const other = await TestServer.start("0190aaaa-0000-7000-8000-0000000000ff");
  const stranger = { server: other.origin, fetch: other.fetch };
  await expect(enrol(phone.vault, phone.database, stranger, code)).rejects.toMatchObject({ slug: "other-mission" });
  expect(JSON.stringify(await enrolmentOf(phone.vault))).toBe(before);
  const transport = await phone.database.read(["transport"], (t) => t.objectStore("transport").get("this"));
  expect(transport?.mission).toBe(server.mission);
});

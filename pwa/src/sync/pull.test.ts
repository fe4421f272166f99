import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Definition } from "../engine/definition";
import { ChecklistStore } from "../missions/checklists";
import { FormFiles } from "../missions/formFiles";
import { PlaceStore } from "../missions/places";
import { enrolmentOf } from "../people/enrolment";
import { withFaultAtWrite } from "../testing/faults";
import { checklistId, definition, enrolledPhone, type Phone, report } from "../testing/phone";
import { captivePortal, problem, TestServer } from "../testing/server";
import { hex, sha256 } from "../wire/bytes";

let server: TestServer;
let phone: Phone;
const second = "0190aaaa-0000-7000-8000-00000000000d";
const third = "0190aaaa-0000-7000-8000-00000000000e";

beforeEach(async () => {
  server = await TestServer.start();
  phone = await enrolledPhone(server);
});

const fed = () => phone.database.read(["feed"], (t) => t.objectStore("feed").getAllKeys());

describe("a pull", () => {
  test("brings checklists and places, once", async () => {
    server.publish(checklistId, definition);
    server.change("places", "v1", { version: "v1", count: 1, bytes: 10 });
    server.change("places", "v0-but-later", { version: "v2", count: 1, bytes: 10 });
    server.files.set("/places/v2", { version: "v2", regions: [], districts: [], stations: { columns: [], rows: [] } });
    expect(await phone.rounds.run()).toMatchObject({ failed: false });
    expect(await phone.checklists.list()).toMatchObject([{ id: checklistId, form: "meeting_report", kind: "meeting" }]);
    expect(await phone.checklists.definition(checklistId)).toEqual(definition);
    expect((await new PlaceStore(phone.vault).load())?.version).toBe("v2");
    const gets = () => server.requests.filter(({ method }) => method === "GET").map(({ path }) => path);
    const before = new Set(gets()).size;
    await phone.rounds.run();
    expect(new Set(gets()).size).toBe(before);
    expect(phone.rounds.status.download).toBeUndefined();
  });

  test("of a phone just enrolled is refused nothing: the enrolment brought the first nonce", async () => {
    const statuses: number[] = [];
    server.intercept = async (request, next) => {
      const answer = await next();
      if (request.url.endsWith("/enrolments/redeem")) answer.headers.set("DPoP-Nonce", "fresh");
      else statuses.push(answer.status);
      return answer;
    };
    const fresh = await enrolledPhone(server);
    server.publish(checklistId, definition);
    await fresh.rounds.run();
    expect(await fresh.checklists.list()).toHaveLength(1);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test("does not wait for a greeting, and the round ends with both", async () => {
    server.publish(checklistId, definition);
    let greeted: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      greeted = resolve;
    });
    server.intercept = async (request, next) => {
      if (request.url.endsWith("/sync/push")) await answered;
      return next();
    };
    let isOver = false;
    const round = phone.rounds.run().finally(() => {
      isOver = true;
    });
    await vi.waitFor(async () => expect(await phone.checklists.list()).toHaveLength(1));
    expect(isOver).toBe(false);
    greeted();
    expect(await round).toMatchObject({ failed: false });
    expect(phone.rounds.status.lastContactAt).toBeDefined();
  });

  describe("of a list of places", () => {
    const columns = ["number", "region"];
    const rows = ["A", "B", "C", "D", "E", "F", ""].map((region, at) => [`${at + 1}`, region]);
    const regions = ["A", "B", "C", "D", "E", "F"].map((code) => ({ code, name: { en: code } }));
    const whole = { version: "v1", regions, districts: [], stations: { columns, rows } };
    let asked: (string | null)[];
    let isCutAfter: number;
    const list = () => new PlaceStore(phone.vault).load();

    beforeEach(async () => {
      asked = [];
      isCutAfter = Number.POSITIVE_INFINITY;
      const own = (await enrolmentOf(phone.vault))?.identity.team;
      server.change("team", "own", { ...own, regions: ["C"] });
      server.change("places", "v1", { version: "v1", count: rows.length, bytes: 10 });
      server.files.set("/places/v1", whole);
      server.intercept = async (request, next) => {
        const { pathname, searchParams } = new URL(request.url);
        if (!pathname.endsWith("/places/v1")) return next();
        const answer = await next();
        if (answer.status !== 200) return answer;
        if (asked.length === isCutAfter) throw new TypeError("the network went");
        const only = searchParams.get("regions");
        asked.push(only);
        const kept = rows.filter(([, region]) => only === null || only.split(",").includes(region ?? ""));
        return Response.json(
          only === null ? whole : { ...whole, only: only.split(","), stations: { columns, rows: kept } },
        );
      };
    });

    test("begins with the stations of the team's own regions and brings the others after", async () => {
      const told: { have: number | undefined; isLater: boolean }[] = [];
      phone.rounds.subscribe(({ download }) => {
        if (download?.what === "places") told.push({ have: asked.length, isLater: download.isLater === true });
      });
      await phone.rounds.run();
      expect(asked).toEqual(["C", "A,B,D,E", "F,"]);
      expect(told).toEqual([
        { have: 0, isLater: false },
        { have: 1, isLater: true },
        { have: 2, isLater: true },
      ]);
      expect((await list())?.stations.rows.toSorted()).toEqual(rows.toSorted());
      expect(await list()).not.toHaveProperty("missing");
      await phone.rounds.run();
      expect(asked).toHaveLength(3);
    });

    test("goes on after a cut where it stood", async () => {
      isCutAfter = 2;
      await phone.rounds.run();
      expect((await list())?.missing).toEqual(["F", ""]);
      isCutAfter = Number.POSITIVE_INFINITY;
      await phone.rounds.run();
      expect(asked).toEqual(["C", "A,B,D,E", "F,"]);
      expect((await list())?.stations.rows).toHaveLength(rows.length);
    });

    test("keeps a whole earlier list until the new one is here as a whole", async () => {
      await phone.rounds.run();
      server.change("places", "v2", { version: "v2", count: 1, bytes: 10 });
      await phone.rounds.run();
      expect((await list())?.stations.rows).toHaveLength(rows.length);
      server.files.set("/places/v2", { ...whole, version: "v2" });
      await phone.rounds.run();
      expect((await list())?.version).toBe("v2");
    });

    test("takes the whole from a server that knows no parts", async () => {
      server.intercept = (_request, next) => next();
      await phone.rounds.run();
      expect(await list()).toEqual(whole);
    });
  });

  test("says which format of checklists this app reads, and takes that and the first", async () => {
    const asked: string[] = [];
    server.intercept = (request, answer) => {
      const { pathname, search } = new URL(request.url);
      if (pathname.includes("/checklists")) asked.push(search);
      return answer();
    };
    server.publish(checklistId, definition);
    expect(await phone.rounds.run()).toMatchObject({ failed: false });
    expect(new Set(asked)).toEqual(new Set(["?format=2"]));
    server.publish(second, { ...definition, format: 2, id: "newer" } as Definition);
    server.publish(third, { ...definition, format: 2, id: "newest" } as Definition);
    expect(await phone.rounds.run()).toMatchObject({ failed: false });
    expect(asked.at(-1)).toBe(`?versions=${second}&versions=${third}&format=2`);
    expect(await phone.checklists.list()).toHaveLength(3);
  });

  test("brings several checklists in one answer, and by themselves those that were left out of it", async () => {
    for (const id of [checklistId, second, third]) server.publish(id, { ...definition, id });
    const asked = () => server.requests.map(({ path }) => path).filter((path) => path.startsWith("/checklists"));
    server.intercept = async (request, next) => {
      if (!new URL(request.url).pathname.endsWith("/checklists")) return next();
      const answer = await next();
      if (!answer.ok) return answer;
      const { [third]: _left, ...came } = (await answer.json()) as Record<string, unknown>;
      return Response.json(came);
    };
    expect(await phone.rounds.run()).toMatchObject({ failed: false });
    expect(await phone.checklists.list()).toHaveLength(3);
    expect(new Set(asked())).toEqual(new Set(["/checklists", `/checklists/${third}`]));
  });

  test("brings each checklist by itself from a server that knows no other way", async () => {
    for (const id of [checklistId, second]) server.publish(id, { ...definition, id });
    server.intercept = async (request, next) =>
      new URL(request.url).pathname.endsWith("/checklists") ? problem(404, "not-found") : next();
    expect(await phone.rounds.run()).toMatchObject({ failed: false });
    expect(await phone.checklists.list()).toHaveLength(2);
  });

  test("asks for no more at once than a cut may lose", async () => {
    const ids = Array.from({ length: 45 }, (_, at) => `0190aaaa-0000-7000-8000-0000000001${10 + at}`);
    for (const id of ids) server.publish(id, { ...definition, id });
    const large = { form: "large", version: "1", title: {}, status: "open", hash: "large", bytes: 600_000 };
    server.files.set(`/checklists/${second}`, { ...definition, id: "large" });
    server.change("checklist", second, large);
    const groups = new Map<string, number>();
    server.intercept = async (request, next) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname.includes("/checklists")) groups.set(request.url, searchParams.getAll("versions").length);
      return next();
    };
    expect(await phone.rounds.run()).toMatchObject({ failed: false });
    expect(await phone.checklists.list()).toHaveLength(46);
    expect([...groups.values()].toSorted()).toEqual([0, 40, 5]);
  });

  test("brings the pictures of a checklist, once, and works on without those that are gone or damaged", async () => {
    const picture = new TextEncoder().encode("a ballot paper");
    const address = hex(await sha256(picture));
    const [gone, damaged] = ["0".repeat(64), "1".repeat(64)];
    const about = { name: "ballot.png", type: "image/png", size: picture.length };
    server.publish(checklistId, {
      ...definition,
      files: { [gone]: about, [damaged]: about, [address]: about },
    } as Definition);
    server.files.set(`/checklists/files/${address}`, picture);
    server.files.set(`/checklists/files/${damaged}`, picture);
    const files = new FormFiles(phone.vault);
    expect(await files.url(address)).toBeUndefined();
    expect(await phone.rounds.run()).toMatchObject({ failed: false });
    expect(await (await fetch((await files.url(address)) as string)).text()).toBe("a ballot paper");
    expect(await files.missing([address, gone, damaged])).toEqual([gone, damaged]);
    expect((await phone.checklists.list())[0]).not.toHaveProperty("files");
    const asked = () => server.requests.filter(({ path }) => path.endsWith(address)).length;
    const before = asked();
    await phone.rounds.run();
    expect(asked()).toBe(before);
  });

  test("goes on page by page until there is no more", async () => {
    for (let n = 0; n < 1201; n++) server.change("submission", crypto.randomUUID(), { code: `LTO05-A${n}` });
    await phone.rounds.run();
    expect(await fed()).toHaveLength(1202);
  });

  test("writes rows and cursor together: a fault at any write keeps neither", async () => {
    let undone = 0;
    // Among the first writes are at most two of the greeting, which goes on beside.
    for (let fault = 1; fault <= 4; fault++) {
      const before = (await fed()).length;
      for (let n = 0; n < 3; n++) server.change("submission", crypto.randomUUID(), { n });
      expect(await withFaultAtWrite(fault, () => phone.rounds.run())).toMatchObject({ failed: true });
      expect(phone.rounds.status.problem).toBe("storage-full");
      const after = (await fed()).length;
      expect([before, 3 * fault + 1]).toContain(after);
      if (after === before) undone += 1;
      await phone.rounds.run();
      expect(await fed()).toHaveLength(3 * fault + 1);
    }
    expect(undone).toBeGreaterThanOrEqual(2);
  });

  test("says of each version whether it has a short form, also of one fetched before that was noted", async () => {
    server.publish(checklistId, definition);
    await phone.rounds.run();
    const noted = async () => (await phone.checklists.list()).map(({ hasShort }) => hasShort);
    expect(await noted()).toEqual([false]);
    const [held] = await phone.vault.all<object>("checklists");
    if (!held) throw new Error("no checklist");
    const { hasShort: _, ...earlier } = held.value as { hasShort: boolean };
    await phone.vault.put("checklists", held.id, earlier);
    expect(await noted()).toEqual([undefined]);
    await phone.rounds.run();
    expect(await noted()).toEqual([false]);
  });

  test("a new status of a version reaches the list, the questions stay", async () => {
    server.publish(checklistId, definition);
    await phone.rounds.run();
    const data = { form: "meeting_report", version: "2021-01-05", title: {}, status: "retired", hash: checklistId };
    server.change("checklist", checklistId, { ...data, bytes: 1 });
    await phone.rounds.run();
    expect(await new ChecklistStore(phone.vault).list()).toMatchObject([
      { status: "retired", title: { en: "Meeting report" } },
    ]);
  });

  test("a definition that fails to come is fetched at the next round, the others are kept", async () => {
    server.publish(checklistId, definition);
    server.publish(second, { ...definition, id: "weekly" });
    server.intercept = async (request, next) => {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith(`/${second}`)) return captivePortal();
      // Each for itself, as large ones are.
      return pathname.endsWith("/checklists") ? Response.json({}) : next();
    };
    expect(await phone.rounds.run()).toMatchObject({ failed: true });
    expect(phone.rounds.status.problem).toBe("not-the-server");
    expect(await phone.checklists.list()).toHaveLength(1);
    server.intercept = (_request, next) => next();
    await phone.rounds.run();
    expect(await phone.checklists.list()).toHaveLength(2);
    expect(phone.rounds.status.problem).toBeUndefined();
  });

  test("takes over what the mission changed about itself and the team", async () => {
    const mission = { id: server.mission, code: "KZ2021", name: { en: "Renamed" }, policy: { local_copy: "remove" } };
    server.change("mission", server.mission, mission);
    server.change("team", "t", { code: "LTO05", name: "Almaty", regions: ["KZ-ALA", "KZ-ALM"] });
    await phone.rounds.run();
    const identity = (await enrolmentOf(phone.vault))?.identity;
    expect(identity?.mission.name).toEqual({ en: "Renamed" });
    expect(identity?.team.regions).toEqual(["KZ-ALA", "KZ-ALM"]);
    expect(identity?.matchingCode).toMatch(/^\d{6}$/);
    const { revision } = await report(phone, "the akim");
    await phone.push();
    expect(await phone.outbox.answers(revision)).toBeUndefined();
  });

  test("of a phone that was moved gives it the team and the letter that came last; what is finished then is signed so", async () => {
    const before = (await enrolmentOf(phone.vault))?.identity;
    server.change("team", "z", { ...before?.team, letter: before?.device.letter });
    await phone.rounds.run();
    server.change("team", "a", { code: "LTO09", name: "Oral", regions: ["KZ-ZAP"], letter: "C" });
    const cursors: unknown[] = [];
    server.intercept = async (request, next) => {
      if (request.url.endsWith("/sync/pull"))
        cursors.push(((await request.clone().json()) as { cursor: unknown }).cursor);
      return next();
    };
    await phone.rounds.run();
    // What its new team made before is in no stretch of the feed that this phone was told.
    expect(cursors).toEqual([expect.any(String), null]);
    const identity = (await enrolmentOf(phone.vault))?.identity;
    expect(identity?.team).toEqual({ code: "LTO09", name: "Oral", regions: ["KZ-ZAP"] });
    expect(identity?.device).toEqual({ id: before?.device.id, letter: "C" });
    expect(identity?.movedFrom).toBe(before?.team.code);
    await phone.rounds.run();
    expect(cursors.slice(2)).toEqual([expect.any(String)]);
    await report(phone, "the akim");
    expect((await phone.outbox.list())[0]?.code).toMatch(/^LTO09-C/);
  });

  test("waits while the vault is locked, pushing goes on", async () => {
    server.publish(checklistId, definition);
    phone.vault.lock();
    expect(await phone.rounds.run()).toMatchObject({ failed: false });
    expect(server.requests.map(({ path }) => path)).not.toContain("/sync/pull");
    expect(server.requests.map(({ path }) => path)).toContain("/sync/push");
  });

  test("a fault of the disk is shown, and does not end the attempts", async () => {
    await report(phone, "the akim");
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const get = vi.spyOn(IDBObjectStore.prototype, "getAll").mockImplementationOnce(() => {
      throw new DOMException("the disk is broken", "UnknownError");
    });
    expect(await phone.rounds.run()).toMatchObject({ failed: true });
    expect(phone.rounds.status).toMatchObject({ state: "idle", problem: "unexpected", waiting: 1 });
    get.mockRestore();
    expect(await phone.rounds.run()).toMatchObject({ failed: false });
  });

  test("tells a person when the phone was revoked", async () => {
    server.intercept = async () => problem(401, "sign-in-needed");
    await phone.rounds.run();
    expect(phone.rounds.status).toMatchObject({ state: "idle", problem: "device-revoked" });
  });

  test("that it was revoked is told before the trouble of one report", async () => {
    await report(phone, "the akim", new Blob([new Uint8Array(300)], { type: "image/jpeg" }));
    await phone.database.write(["attachments"], (t) => t.objectStore("attachments").clear());
    // The push door stays open to a refused phone.
    server.intercept = async (request, next) =>
      request.url.endsWith("/pull") ? problem(401, "sign-in-needed") : next();
    await phone.rounds.run();
    expect(phone.rounds.status).toMatchObject({ waiting: 1, problem: "device-revoked" });
  });
});

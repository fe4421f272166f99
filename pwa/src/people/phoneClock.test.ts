import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { enrolledPhone, type Phone, report } from "../testing/phone";
import { TestServer } from "../testing/server";
import {
  betterReading,
  boundByFile,
  type ClockReading,
  clockOf,
  clockReading,
  correctedNow,
  isClockNews,
  noteClockByFile,
  signedClock,
  wrongClock,
} from "./phoneClock";

const minute = 60_000;
const day = 24 * 60 * minute;
const iso = (moment: number) => new Date(moment).toISOString();
const read = (ahead: number, within = 500, at = day): ClockReading => ({ ahead, within, at });

/** What the server's clock says while a phone that runs `ahead` sends, waits and is answered. */
const exchange = fc.record({
  server: fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2090, 0) }),
  ahead: fc.integer({ min: -3650 * day, max: 3650 * day }),
  there: fc.integer({ min: 0, max: 5 * minute }),
  back: fc.integer({ min: 0, max: 5 * minute }),
});

describe("the difference of the clocks", () => {
  test("lies within what the reading says, however lopsided the way", () => {
    fc.assert(
      fc.property(exchange, ({ server, ahead, there, back }) => {
        const sent = server + ahead - there;
        const reading = clockReading(iso(server), sent, server + ahead + back);
        expect(Math.abs((reading?.ahead ?? Number.NaN) - ahead)).toBeLessThanOrEqual(reading?.within ?? -1);
        expect(reading?.within).toBeLessThanOrEqual((there + back) / 2 + 2);
      }),
    );
  });

  test("stays within it whichever reading goes on, while nobody sets the clock", () => {
    fc.assert(
      fc.property(fc.array(exchange, { minLength: 1, maxLength: 6 }), ([first, ...rest]) => {
        const { server, ahead } = first as NonNullable<typeof first>;
        let known: ClockReading | undefined;
        for (const [at, { there, back }] of [first, ...rest].map((one) => one as NonNullable<typeof first>).entries()) {
          const now = server + at * 20 * minute;
          const reading = clockReading(iso(now), now + ahead - there, now + ahead + back);
          if (reading) known = betterReading(known, reading);
        }
        expect(Math.abs((known?.ahead ?? Number.NaN) - ahead)).toBeLessThanOrEqual(known?.within ?? -1);
      }),
    );
  });

  test("is not read from an answer without a time, nor while somebody sets the clock", () => {
    for (const time of [undefined, null, 7, "", "today"]) expect(clockReading(time, 1, 2)).toBeUndefined();
    expect(clockReading(iso(0), 5, 4)).toBeUndefined();
  });

  test("is the later one's when the clock was set in between, and the more exact one's when both agree", () => {
    const exact = read(day, 100);
    expect(betterReading(exact, read(0, 30_000, day + minute)).ahead).toBe(0);
    expect(betterReading(exact, read(day + 20_000, 30_000, day + minute))).toBe(exact);
    expect(betterReading(exact, read(day + 50, 40, day + minute)).within).toBe(40);
    // An old one no longer: clocks drift.
    expect(betterReading(exact, read(day + 20_000, 30_000, day + 120 * minute)).within).toBe(30_000);
  });
});

describe("a wrong clock", () => {
  test("is told from two minutes on, and only when it is certain", () => {
    expect(wrongClock(undefined, day)).toBeUndefined();
    expect(wrongClock(read(2 * minute, 0), day)).toBeUndefined();
    expect(wrongClock(read(2 * minute + 2000, 1000), day)).toBeDefined();
    expect(wrongClock(read(-2 * minute - 2000, 1000), day)).toBeDefined();
    expect(wrongClock(read(3 * minute, 90_000), day)).toBeUndefined();
  });

  test("is corrected in either direction, and forgotten once it is set back", () => {
    expect(correctedNow(read(day), 2 * day)).toBe(day);
    expect(correctedNow(read(-day), 2 * day)).toBe(3 * day);
    expect(correctedNow(read(1000), 2 * day)).toBeUndefined();
    expect(correctedNow(read(day), day - 1)).toBeUndefined();
    expect(signedClock({ ...read(day), isRead: true }, day - 1)).toEqual({});
  });

  test("by a file of receipts shows only that it is behind, and gives way to a contact", () => {
    expect(boundByFile(undefined, iso(0), day)).toBeUndefined();
    const bound = boundByFile(undefined, iso(2 * day), day);
    expect(bound).toEqual({ ahead: -day, within: 0, at: day, isAtLeast: true });
    expect(correctedNow(bound, day)).toBeUndefined();
    expect(boundByFile(read(-2 * day), iso(2 * day), day)).toBeUndefined();
    expect(boundByFile(read(0), iso(2 * day), day)).toEqual(bound);
  });
});

test("headquarters hears of a clock again when what it was told would mislead it", () => {
  const news = (told: number | undefined, ahead: number) =>
    isClockNews(told === undefined ? undefined : { ahead: told, within: 500 }, read(ahead), day + minute);
  expect([news(undefined, 0), news(undefined, day), news(0, minute), news(day, day + minute)]).toEqual([
    false,
    true,
    false,
    false,
  ]);
  expect([news(0, day), news(day, 0), news(day, -day), news(day, 2 * day)]).toEqual([true, true, true, true]);
});

describe("on the phone", () => {
  let server: TestServer;
  let phone: Phone;

  beforeEach(async () => {
    server = await TestServer.start();
    phone = await enrolledPhone(server);
  });

  const sent = () => [...server.stored.values()].map(({ revision }) => revision.clock);

  test.each([day, -day, 365 * day, -365 * day])(
    "that is %d ms ahead, every report after a contact says so",
    async (ahead) => {
      server.behind = ahead;
      await report(phone, "before any contact");
      expect(await phone.push()).toEqual({ left: 0, reached: true });
      phone.vault.lock();
      const again = await phone.restart();
      await report(again, "after it");
      expect(await again.push()).toEqual({ left: 0, reached: true });
      const [first, second] = sent();
      expect(first).toBeUndefined();
      expect(second?.within).toBeLessThan(minute);
      expect(Math.abs((second?.ahead ?? 0) - ahead)).toBeLessThanOrEqual(second?.within ?? 0);
      expect(again.rounds.status).not.toHaveProperty("clock");
      await again.rounds.recount();
      expect(again.rounds.status.clock?.ahead).toBe((await clockOf(again.database))?.ahead);
    },
  );

  test("nothing more is signed than a server of an earlier version reads, also after a later one was put back", async () => {
    server.reads = undefined;
    server.behind = day;
    await phone.push();
    await report(phone, "a");
    await phone.push();
    server.reads = ["clock"];
    await report(phone, "b");
    await phone.push();
    await report(phone, "c");
    server.reads = undefined;
    await phone.push();
    await report(phone, "d");
    await phone.push();
    expect(sent().map((clock) => clock !== undefined)).toEqual([false, false, true, false]);
    expect((await clockOf(phone.database))?.ahead).toBeGreaterThan(day - minute);
  });

  test("what stands between and answers without a receipt says nothing of the clock", async () => {
    await report(phone, "a");
    server.intercept = async () =>
      new Response(JSON.stringify({ results: [{ status: "stored" }], receipts: "x.y.z", server_time: iso(0) }), {
        headers: { "Content-Type": "application/json" },
      });
    expect(await phone.push()).toMatchObject({ problem: "not-the-server" });
    expect(await clockOf(phone.database)).toBeUndefined();
  });

  test("a file keeps what the server said of reports", async () => {
    await report(phone, "a");
    await phone.push();
    await noteClockByFile(phone.database, iso(Date.now() + day));
    expect(await clockOf(phone.database)).toMatchObject({ isAtLeast: true, isRead: true });
    await report(phone, "b");
    await phone.push();
    expect(sent().at(-1)).toBeUndefined();
    expect(await clockOf(phone.database)).not.toHaveProperty("isAtLeast");
  });
});

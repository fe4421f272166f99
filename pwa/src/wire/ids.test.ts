import { expect, test } from "vitest";
import { uuid7 } from "./ids";

test("ids are UUIDs of version 7 that carry their time", () => {
  const at = Date.now() + 1000;
  const id = uuid7(at);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(at);
});

test("ids rise within one millisecond, past a full counter, and when the clock steps back", () => {
  const at = Date.now() + 2000;
  const ids = Array.from({ length: 10_000 }, (_, n) => uuid7(at - (n % 7)));
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
});

import { expect, test } from "vitest";
import { missionCodeIn } from "./missionCode.ts";

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  } as Storage;
}

test("a browser remembers the mission that was signed in with, until it is left empty", () => {
  const storage = memory();
  expect(missionCodeIn(storage, "").get()).toBe("");
  missionCodeIn(storage, "").set("KZ2021");
  expect(missionCodeIn(storage, "").get()).toBe("KZ2021");
  missionCodeIn(storage, "").set("");
  expect(missionCodeIn(storage, "").get()).toBe("");
});

test("the mission in the page's address comes before the remembered one", () => {
  const storage = memory();
  missionCodeIn(storage, "").set("KZ2021");
  expect(missionCodeIn(storage, "?mission=MD2026").get()).toBe("MD2026");
});

test("an address cannot make the code longer than the server takes", () => {
  expect(missionCodeIn(memory(), `?mission=${"x".repeat(500)}`).get()).toHaveLength(40);
});

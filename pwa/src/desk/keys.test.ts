import { expect, test } from "vitest";
import { actOf } from "./keys.ts";

const next = () => {};
const keys = { j: next };
const press = { key: "j", ctrlKey: false, altKey: false, metaKey: false, target: null };

test("a key does its act", () => {
  expect(actOf(keys, press)).toBe(next);
  expect(actOf(keys, { ...press, key: "x" })).toBeUndefined();
});

test.each(["ctrlKey", "altKey", "metaKey"])("together with %s it is the browser's", (modifier) => {
  expect(actOf(keys, { ...press, [modifier]: true })).toBeUndefined();
});

test.each(["INPUT", "TEXTAREA", "SELECT"])("typed into %s it is a letter", (tagName) => {
  const target = Object.assign(new EventTarget(), { tagName });
  expect(actOf(keys, { ...press, target })).toBeUndefined();
});

import { expect, test } from "vitest";
import { isAcceptable, strengthOf } from "./strength.ts";

test.each([
  ["", "too-short"],
  ["1234567", "too-short"],
  ["birch fog", "too-short"],
  ["12345678", "guessable"],
  ["11111111", "guessable"],
  ["10012021", "guessable"],
  ["20210110", "guessable"],
  ["abcdefghijklm", "guessable"],
  ["password2021", "guessable"],
  ["парольпароль", "guessable"],
  ["steppe steppe steppe", "guessable"],
  ["73910482", "fair"],
  ["739104825160", "strong"],
  ["kettle-marsh", "fair"],
  ["kettle marsh lantern seven", "strong"],
  ["чайник болото фонарь семь", "strong"],
] as const)("%j is %s", (passphrase, strength) => {
  expect(strengthOf(passphrase)).toBe(strength);
});

test("only a short one is refused: warning is enough for the rest", () => {
  expect(isAcceptable("too-short")).toBe(false);
  expect(isAcceptable("guessable")).toBe(true);
});

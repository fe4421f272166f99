import { expect, test } from "vitest";
import { guessRate, isAcceptable, judge, year } from "./strength.ts";
import { lowestCosts } from "./stretch.ts";

/** An ordinary phone's price. */
const usual = { memoryKiB: 64 * 1024, iterations: 8 };

test.each([
  ["", "too-short"],
  ["1234567", "too-short"],
  ["birch fog", "too-short"],
  ["12345678", "guessable"],
  ["87654321", "guessable"],
  ["11111111", "guessable"],
  ["000000000000", "guessable"],
  ["777777777777777777", "guessable"],
  ["123123123123", "guessable"],
  ["12345678901234567890", "guessable"],
  ["10012021", "guessable"],
  ["20210110", "guessable"],
  ["14789632", "guessable"],
  ["abcdefghijklm", "guessable"],
  ["password2021", "guessable"],
  ["qwertyuiop12", "guessable"],
  ["парольпароль", "guessable"],
  ["йцукенгшщз", "guessable"],
  ["Қазақстан2021", "guessable"],
  ["казахстан1", "guessable"],
  ["gfhjkm1234", "guessable"],
  ["зфыыцщкв12", "guessable"],
  ["steppe steppe steppe", "guessable"],
  ["сайлау2026", "guessable"],
  ["73910482", "fair"],
  ["739104825160", "strong"],
  ["kettle-marsh", "fair"],
  ["kettle marsh lantern seven", "strong"],
  ["steppe wind over grass", "strong"],
  ["чайник болото фонарь семь", "strong"],
  ["домбыра жаңбыр терезе тауық", "strong"],
] as const)("%j is %s on an ordinary phone", async (passphrase, strength) => {
  expect(await judge(passphrase, usual)).toMatchObject({ strength });
});

test("what would be found within a day is not taken, whatever the phone", async () => {
  for (const cost of [usual, ...lowestCosts]) {
    for (const passphrase of ["55555555", "23456789", "98765432", "steppe2026", "құпиясөз12"]) {
      expect(isAcceptable(await judge(passphrase, cost)), passphrase).toBe(false);
    }
  }
  expect(isAcceptable(await judge("kettle marsh lantern seven", usual))).toBe(true);
});

test("the time is this phone's: half of the price, half of the time", async () => {
  const dear = await judge("73910482", usual);
  const cheap = await judge("73910482", { ...usual, iterations: 4 });
  expect(dear.seconds).toBeCloseTo(2 * (cheap.seconds ?? 0));
  expect(guessRate(usual)).toBe(128);
});

test("a word that no list holds is still a word: its letters do not count one by one", async () => {
  const word = await judge("обстоятельствами", usual);
  const letters = await judge("обстлтжкщпцнвмфг", usual);
  expect((letters.seconds ?? 0) / (word.seconds ?? 1)).toBeGreaterThan(1e6);
  expect(word.seconds).toBeLessThan(year);
});

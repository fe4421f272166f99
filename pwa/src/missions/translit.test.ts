import fc from "fast-check";
import { describe, expect, test } from "vitest";
import vectors from "../../../tests/vectors/translit.json";
import { fold, foldWords } from "./translit.ts";

const letters = fc.string({
  unit: fc.constantFrom(
    ..."абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіabcdefghijklmnopqrstuvwxyzçşğıöü0123456789'’-., №",
  ),
});
/** Any sign up to the ideographs; fast-check's own table of all signs takes seconds to build. */
const anything = fc.string({ unit: fc.integer({ min: 0x20, max: 0x2fff }).map((code) => String.fromCodePoint(code)) });

describe("the phone folds as the server does", () => {
  test.each(vectors.same)("all spellings of $key have one key", ({ key, texts }) => {
    expect(new Set(texts.map(fold))).toEqual(new Set([key]));
  });

  test.each(vectors.fold as [string, string][])("%j has the agreed key", (text, key) => {
    expect(fold(text)).toBe(key);
  });
});

test("folding a key changes nothing", () => {
  fc.assert(
    fc.property(fc.oneof(letters, anything), (text) => {
      const key = fold(text);
      expect(/^[a-z0-9 ]*$/.test(key) && fold(key) === key, JSON.stringify(text)).toBe(true);
    }),
  );
});

test("remembered words are the words", () => {
  const known = new Map<string, string[]>();
  fc.assert(
    fc.property(letters, (text) => {
      expect(foldWords(text, known)).toEqual(foldWords(text));
    }),
  );
});

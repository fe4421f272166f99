import { expect, test } from "vitest";
import { concat, utf8 } from "../wire/bytes";
import { isCutOff } from "./wholeness";

const bytes = (...numbers: number[]) => new Uint8Array(numbers);
/** A segment of a JPEG: its length counts itself. */
const segment = (mark: number, ...data: number[]) => bytes(0xff, mark, 0, data.length + 2, ...data);
const preview = segment(0xe1, 0xff, 0xd8, 1, 2, 0xff, 0xd9);
const picture = bytes(7, 0xff, 0x00, 8, 0xff, 0xd3, 9);
const jpeg = concat(bytes(0xff, 0xd8), preview, segment(0xda, 1, 1, 0), picture);

test("a JPEG is whole with its own end mark; that of the preview inside is not its own", () => {
  expect(isCutOff(jpeg)).toBe(true);
  expect(isCutOff(concat(jpeg, bytes(0xff, 0xd9)))).toBe(false);
  const progressive = concat(jpeg, segment(0xc4, 1), segment(0xda, 2, 1, 0), picture);
  expect(isCutOff(progressive)).toBe(true);
  expect(isCutOff(concat(progressive, bytes(0xff, 0xff, 0xd9)))).toBe(false);
});

test("what a phone writes behind a JPEG, such as a moving picture, does not make it cut", () => {
  expect(isCutOff(concat(jpeg, bytes(0xff, 0xd9), utf8("ftypmp42 and more")))).toBe(false);
});

test("a PNG is whole with its last chunk, a WebP with the length it says", () => {
  const chunk = (name: string, length: number) =>
    concat(bytes(0, 0, 0, length), utf8(name), bytes(...Array(length + 4).fill(0)));
  const png = concat(bytes(0x89), utf8("PNG\r\n\u001a\n"), chunk("IHDR", 13), chunk("IDAT", 40));
  expect(isCutOff(png)).toBe(true);
  expect(isCutOff(concat(png, chunk("IEND", 0)))).toBe(false);
  const webp = concat(utf8("RIFF"), bytes(12, 0, 0, 0), utf8("WEBPVP8 "), bytes(0, 0, 0, 0));
  expect(isCutOff(webp)).toBe(false);
  expect(isCutOff(webp.slice(0, -1))).toBe(true);
});

test("nothing is claimed of a kind of picture it does not know, nor of a few bytes", () => {
  for (const other of ["", "x", "%PDF-1.7", "\u0000\u0000\u0000\u0018ftypheic"])
    expect(isCutOff(utf8(other))).toBe(false);
});

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

type Palette = Record<string, string>;

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

function palette(selector: string): Palette {
  const from = css.indexOf(`${selector} {`);
  const block = css.slice(from, css.indexOf("}", from));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]));
}

const light = palette(":root");
const dark = palette(':root[data-theme="dark"]');

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2.2 contrast ratio of two colours of a palette. */
function contrast(of: Palette, one: string, other: string): number {
  const [low = 0, high = 0] = [one, other].map((name) => luminance(of[name] ?? "")).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["paper", "surface", "sunken"];
const texts = ["ink", "soft", "accent", "sky", "wheat", "clay"];
const tints = ["accent-tint", "sky-tint", "wheat-tint", "clay-tint"];

describe.each([
  ["light", light],
  ["dark", dark],
])("the %s palette", (_, of) => {
  test.each(texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)))(
    "reads %s on %s",
    (text, ground) => {
      expect(contrast(of, text, ground)).toBeGreaterThanOrEqual(4.5);
    },
  );

  test.each(tints)("reads plain, soft and its own colour on %s", (tint) => {
    for (const text of ["ink", "soft", tint.replace("-tint", "")]) {
      expect(contrast(of, text, tint)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("reads the labels of filled buttons", () => {
    expect(contrast(of, "on-accent", "accent")).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of, "on-clay", "clay")).toBeGreaterThanOrEqual(4.5);
  });

  test.each(grounds)("shows the border of a control on %s", (ground) => {
    expect(contrast(of, "control", ground)).toBeGreaterThanOrEqual(3);
  });
});

test("dark by choice and dark by system are one palette", () => {
  expect(palette(':root:not([data-theme="light"])')).toEqual(dark);
});

test("every custom property that a style uses is set somewhere", () => {
  // One that is not makes its whole declaration void without a word: a button without a border, in the colour of the text.
  const root = new URL("..", import.meta.url);
  const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(svelte|css|ts)$/.test(file) && !/paraglide|\.test\.ts$/.test(file))
    .map((file) => readFileSync(new URL(file, root), "utf8"))
    .join("\n");
  const set = new Set([...sources.matchAll(/(?<![\w(-])(--[a-z][\w-]*)[=:]/g)].map(([, name]) => name));
  const used = [...sources.matchAll(/var\((--[a-z][\w-]*)\)/g)].map(([, name]) => name);
  expect(set.size).toBeGreaterThan(20);
  expect(used.filter((name) => !set.has(name))).toEqual([]);
});

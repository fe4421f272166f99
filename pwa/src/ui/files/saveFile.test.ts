import { afterEach, expect, test, vi } from "vitest";
import { shareFiles, textFiles } from "./saveFile";

afterEach(() => vi.unstubAllGlobals());

/** A phone whose share sheet ends so; undefined: it has none. Gives the names of what went to the downloads. */
function phone(share: (() => Promise<void>) | undefined): string[] {
  const downloads: string[] = [];
  vi.stubGlobal("navigator", share ? { canShare: () => true, share } : {});
  vi.stubGlobal("document", {
    createElement: () => {
      const link = { href: "", download: "", click: () => void downloads.push(link.download) };
      return link;
    },
  });
  return downloads;
}

const files = textFiles("sealed", [new Blob(["x"]), new Blob(["y"])]);

test.each([
  ["another app took it", async () => {}, "taken"],
  ["the person thought better of it", () => Promise.reject(new DOMException("", "AbortError")), "called-off"],
])("%s: nothing goes to the downloads", async (_, share, outcome) => {
  const downloads = phone(share);
  expect(await shareFiles(files)).toBe(outcome);
  expect(downloads).toEqual([]);
});

test.each([
  ["the phone has no share sheet", undefined],
  ["the system refuses", () => Promise.reject(new DOMException("", "NotAllowedError"))],
])("%s: every file is saved, and that is said", async (_, share) => {
  const downloads = phone(share);
  expect(await shareFiles(files)).toBe("saved");
  expect(downloads).toEqual(files.map(({ name }) => name));
});

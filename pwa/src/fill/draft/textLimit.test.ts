import { describe, expect, test } from "vitest";
import { TEXT_BYTES, utf8Length } from "../../engine/functions/limits";
import { fittedText } from "./textLimit";

describe("a text answer at its limit", () => {
  test("is counted in bytes of UTF-8, as the server counts", () => {
    const full = "қ".repeat(TEXT_BYTES / 2);
    expect(fittedText("", full)).toBe(full);
    expect(fittedText(full, `${full}қ`)).toBe(full);
    expect(fittedText("", "a".repeat(TEXT_BYTES + 1))).toBe("a".repeat(TEXT_BYTES));
    expect(utf8Length(fittedText("", "€".repeat(TEXT_BYTES)))).toBe(TEXT_BYTES - (TEXT_BYTES % 3));
  });

  test("keeps what stood there, and of what is put in the beginning, wherever it is put", () => {
    expect(fittedText("abcdef", "abXYZcdef", 8)).toBe("abXYcdef");
    expect(fittedText("abcdef", "abcdefXYZ", 8)).toBe("abcdefXY");
    expect(fittedText("abcdef", "XYZabcdef", 8)).toBe("XYabcdef");
    expect(fittedText("abcdef", "abXYZWVef", 8)).toBe("abXYZWef");
    expect(fittedText("aaaa", "aaaaa", 4)).toBe("aaaa");
  });

  test("is cut between characters, never inside one", () => {
    expect(fittedText("", "ab😀", 5)).toBe("ab");
    expect(fittedText("😀", "😁😀", 7)).toBe("😀");
    expect(fittedText("😀b", "😀😁b", 5)).toBe("😀b");
  });

  test("too long already may become shorter, not longer, and is never thrown away", () => {
    expect(fittedText("abcdefgh", "abcdefg", 4)).toBe("abcdefg");
    expect(fittedText("abcdefgh", "abcdefghi", 4)).toBe("abcdefgh");
  });
});

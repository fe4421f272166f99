import { expect, test } from "vitest";
import { inOrder, textIn } from "./texts";

test("a mark that turns the direction of others' text is not shown, and nothing else is lost", () => {
  for (const mark of "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069") {
    expect(inOrder(`A${mark}evil`)).toBe("Aevil");
  }
  expect(inOrder("Oral · מרכז")).toBe("Oral · מרכז");
});

test("texts of the mission are shown in their own order, in whichever language they are found", () => {
  expect(textIn({ en: "School \u202E12" }, "en")).toBe("School 12");
  expect(textIn({ ru: "Школа \u202E12" }, "kk")).toBe("Школа 12");
});

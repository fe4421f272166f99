import { expect, test } from "vitest";
import { m } from "../i18n/paraglide/messages";
import { functionText, problemText, stepProblemText } from "./words";

test("a page without contact is asked for again by itself, a step somebody took is not", () => {
  for (const slug of ["no-contact", "try-later"]) {
    expect(problemText(slug)).toBe(m.desk_no_contact());
    expect(stepProblemText(slug)).toBe(m.desk_no_contact_now());
  }
  expect(stepProblemText("wrong-password")).toBe(m.desk_wrong_password());
});

test("people are called in the reader's language, those of a mission loaded before in the one name they have", () => {
  expect(functionText({ en: "Legal analyst", ru: "Юридический аналитик" }, "Legal analyst")).toBe("Legal analyst");
  expect(functionText({ ru: "Юридический аналитик" }, "")).toBe("Юридический аналитик");
  expect(functionText({}, "Legal \u202Eanalyst")).toBe("Legal analyst");
  expect(functionText({}, "command line")).toBe(m.author_command_line());
});

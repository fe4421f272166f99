import { expect, test } from "vitest";
import { m } from "../i18n/paraglide/messages";
import { problemText, stepProblemText } from "./words";

test("a page without contact is asked for again by itself, a step somebody took is not", () => {
  for (const slug of ["no-contact", "try-later"]) {
    expect(problemText(slug)).toBe(m.desk_no_contact());
    expect(stepProblemText(slug)).toBe(m.desk_no_contact_now());
  }
  expect(stepProblemText("wrong-password")).toBe(m.desk_wrong_password());
});

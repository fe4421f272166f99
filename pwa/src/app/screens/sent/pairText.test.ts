import { expect, test } from "vitest";
import { form, text } from "../../../testing/forms";
import { conflictText, madeText, pairState, phoneText, type Reader, versionText, writerText } from "./pairText";

const reader: Reader = { language: "en", zone: "UTC", device: "mine", places: undefined };
const line = { submission: "s", code: "LTO03-A001", checklist: "c", isPartners: true, hasConflict: false };
const definition = form([{ id: "who", type: "text", label: text("Who") }]);
const held = (id: string, device: string, madeAt: string) => ({
  ...{ id, submission: "s", checklist: "c", base: [], patch: {}, files: {}, author: "p", team: "LTO03" },
  ...{ device, letter: device === "mine" ? "B" : "A", madeAt },
});
const report = {
  ...{ ...line, definition, answers: { t: ["r1", "r2"] }, conflicts: [] },
  heads: ["b"],
  revisions: new Map([
    ["a", held("a", "other", "2021-01-10T08:00:00.000Z")],
    ["b", held("b", "mine", "2021-01-10T09:00:00.000Z")],
  ]),
};

test("a state of a later server reads as received, and what headquarters has not heard of waits", () => {
  const told = { ...line, receivedAt: "2021-01-10T08:00:00.000Z" };
  expect(pairState({ ...told, status: "accepted" }, reader)).toBe("At headquarters: accepted");
  expect(pairState({ ...told, status: "frozen" }, reader)).toContain("Received by HQ");
  expect(pairState(line, reader)).toBe("Waiting to send");
});

test("who wrote a version is said by the phone, the last of several", () => {
  expect(phoneText({ device: "mine", letter: "B" }, reader)).toBe("your phone (B)");
  expect(writerText(report, { value: "x", revisions: ["b", "a"] }, reader)).toContain("your phone (B)");
  expect(writerText(report, { value: "x", revisions: ["a"] }, reader)).toContain("your partner, phone A");
  expect(madeText({ ...line, letter: "A", madeAt: "2021-01-10T08:00:00.000Z" }, reader)).toContain("your partner");
  expect(madeText(line, reader)).toBe("");
});

test("a version is said in words: an answer, none, or whether a row stays", () => {
  const at = (path: string, isRow = false) => ({ path, isRow, versions: [] });
  expect(versionText(report, at("who"), "the akim", reader)).toBe("the akim");
  expect(versionText(report, at("who"), null, reader)).toBe("No answer");
  expect(versionText(report, at("t/r1", true), true, reader)).toBe("The entry stays");
  expect(versionText(report, at("t/r1", true), false, reader)).toBe("The entry is removed");
  expect(conflictText(report, "who", reader)).toBe("Who");
  expect(conflictText(report, "t/r2/who", reader)).toContain("2: Who");
});

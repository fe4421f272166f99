import { expect, test } from "vitest";
import { groupCode, groupEntry, isWholeCode, normaliseCode, readCode } from "./code.ts";

test("a code may be typed in small letters, with any separators, and with letters that look like digits", () => {
  expect(normaliseCode(" 7k3mq-ol9xi 2abcd/efghj ")).toBe("7K3MQ019X12ABCDEFGHJ");
});

test("it is shown in groups of five, also while it is being typed", () => {
  expect(groupCode("7k3mq0")).toBe("7K3MQ-0");
  expect(groupCode("")).toBe("");
  expect(groupCode("7K3MQ019X12ABCDEFGHJ7777")).toBe("7K3MQ-019X1-2ABCD-EFGHJ");
});

test("only a whole code is sent", () => {
  expect(isWholeCode("7K3MQ-019X1-2ABCD-EFGH")).toBe(false);
  expect(isWholeCode("7K3MQ-019X1-2ABCD-EFGHJ")).toBe(true);
});

const keys = "A4SBGDGH67SZY6MDSQAR4B0GX1BZ71";

test.each([
  `7K3MQ-019X1-2ABCD-EFGHJ.${keys}`,
  `https://hq.example/#enrol=7K3MQ-019X1-2ABCD-EFGHJ.${keys}`,
  ` 7k3mq 019x1 2abcd efghj ${keys.toLowerCase()}. `,
])("a thumbprint may be pasted with its code or in its link: %s", (typed) => {
  expect(readCode(typed)).toEqual({ code: "7K3MQ019X12ABCDEFGHJ", keys });
  expect(isWholeCode(typed)).toBe(true);
  expect(groupEntry(typed)).toBe("7K3MQ-019X1-2ABCD-EFGHJ.A4SBG-DGH67-SZY6M-DSQAR-4B0GX-1BZ71");
  expect(readCode(groupEntry(typed))).toEqual(readCode(typed));
});

test("a link that was cut within its thumbprint is not whole, and does not pass for one without", () => {
  for (let length = 1; length < keys.length; length += 1) {
    expect(isWholeCode(`7K3MQ-019X1-2ABCD-EFGHJ.${keys.slice(0, length)}`)).toBe(false);
  }
  expect(isWholeCode(`7K3MQ-019X1-2ABCD-EFGHJ.${keys}0`)).toBe(false);
});

test("an app that knows no thumbprints takes the code of a link that has one", () => {
  // What the version before did with everything behind `#enrol=`.
  expect(groupCode(`7K3MQ-019X1-2ABCD-EFGHJ.${keys}`)).toBe("7K3MQ-019X1-2ABCD-EFGHJ");
});

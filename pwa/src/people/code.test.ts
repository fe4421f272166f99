import { expect, test } from "vitest";
import { groupCode, isWholeCode, normaliseCode } from "./code.ts";

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

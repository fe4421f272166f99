import { expect, test } from "vitest";
import type { Ast, Definition } from "../engine/definition.ts";
import { carriedAnswers } from "./carried.ts";

const texts = (en: string) => ({ en });
const lastSaved = (id: string): Ast => ["call", "last-saved", ["ref", id]];
const form = (more: object): Definition =>
  ({
    sections: [
      {
        id: "s",
        title: texts("S"),
        nodes: [
          { id: "officer", type: "text", label: texts("Officer"), ...more },
          { repeat: true, id: "t", label: texts("T"), questions: [{ id: "x", type: "text", label: texts("X") }] },
        ],
      },
    ],
  }) as unknown as Definition;
const answers = { officer: "the chair", other: "kept out", t: ["r1"], "t/r1/x": "in a row" };

test("only what the form asks to carry over is kept", () => {
  expect(carriedAnswers(form({ default: lastSaved("officer") }), answers)).toEqual({ officer: "the chair" });
  expect(carriedAnswers(form({ calculation: ["call", "concat", lastSaved("x"), ["s", "!"]] }), answers)).toEqual({
    "t/r1/x": "in a row",
  });
});

test("a form that carries nothing over leaves nothing behind", () => {
  expect(carriedAnswers(form({}), answers)).toEqual({});
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { now, station } from "../testing/forms";
import type { Answer, Answers } from "./definition";
import { type Fill, openFill } from "./fill";

const edits = fc.array(
  fc.oneof(
    fc.tuple(fc.constant("open"), fc.constantFrom("yes", "no", "not_observed", null)),
    fc.tuple(fc.constantFrom("registered", "voted", "valid", "expelled"), fc.option(fc.integer({ min: 0, max: 5 }))),
    fc.tuple(fc.constantFrom("l/1/votes", "l/2/votes"), fc.option(fc.integer({ min: 0, max: 5 }))),
    fc.tuple(fc.constantFrom("l/1/shown", "l/2/shown"), fc.constantFrom("yes", "no", null)),
    fc.tuple(fc.constantFrom("add", "remove", "first"), fc.constantFrom("1", "2")),
  ),
  { maxLength: 30 },
);

function edited(changes: readonly (readonly [string, Answer | null])[]): Fill {
  const fill = openFill(station, {}, now);
  for (const [what, value] of changes) {
    if (what === "add") fill.addRow("l", String(value));
    else if (what === "remove") fill.removeRow("l", String(value));
    else if (what === "first") fill.moveRow("l", String(value), 0);
    else fill.set(what, value);
  }
  return fill;
}

describe("whatever is filled", () => {
  test("opening the saved draft shows the same as going on", () => {
    fc.assert(
      fc.property(edits, (changes) => {
        const fill = edited(changes);
        if (Object.keys(fill.answers()).length === 0) return;
        expect(openFill(station, fill.answers(), now).sections()).toEqual(fill.sections());
      }),
    );
  });

  test("no irrelevant answer is finished", () => {
    fc.assert(
      fc.property(edits, (changes) => {
        const fill = edited(changes);
        const finished = fill.finish();
        if (!finished.ready) return;
        const paths = Object.keys(finished.answers).filter((path) => path !== "l");
        expect(paths.filter((path) => fill.question(path)?.relevant !== true)).toEqual([]);
      }),
    );
  });

  test("finished answers finish again to themselves", () => {
    fc.assert(
      fc.property(edits, (changes) => {
        const finished = edited(changes).finish();
        if (!finished.ready || Object.keys(finished.answers).length === 0) return;
        expect(openFill(station, finished.answers, now).finish()).toEqual(finished);
      }),
    );
  });

  test("adding, removing and moving a row keeps the other rows' answers", () => {
    fc.assert(
      fc.property(edits, fc.constantFrom("add", "remove", "first"), (changes, what) => {
        const before = edited(changes).answers();
        const after = edited([...changes, [what, "2"]]).answers();
        expect(ofRow(after, "1")).toEqual(ofRow(before, "1"));
      }),
    );
  });
});

function ofRow(answers: Answers, row: string): [string, Answer][] {
  return Object.entries(answers).filter(([path]) => path.startsWith(`l/${row}/`) && !path.endsWith("share"));
}

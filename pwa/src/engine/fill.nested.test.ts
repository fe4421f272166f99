import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formOf, now, rows, text, view } from "../testing/forms";
import type { Ast } from "./definition";
import { type Fill, openFill, type RepeatView } from "./fill";

const ref = (name: string): Ast => ["ref", name];

/** Commissions, each with members, and a total over all. */
const definition = formOf(
  [
    { id: "total", type: "calculate", calculation: ["call", "count", ref("member")] },
    rows("commission", [
      { id: "name" },
      { id: "women", type: "calculate", calculation: ["call", "count-non-empty", ref("woman")] },
      { id: "after_members" },
    ]),
    rows(
      "member",
      [
        { id: "who" },
        { id: "woman", relevant: ["=", ref("who"), ["s", "w"]] },
        {
          id: "place",
          type: "calculate",
          calculation: ["call", "concat", ["call", "position", ["n", 1]], ["s", "."], ["call", "position"]],
        },
        { id: "of", type: "calculate", calculation: ref("name") },
      ],
      { inside: "commission", after: "women", relevant: ["!=", ref("name"), ["s", "empty"]] },
    ),
    {
      id: "second",
      type: "calculate",
      calculation: ["call", "indexed-repeat", ref("who"), ref("commission"), ["n", 2], ref("member"), ["n", 1]],
    },
  ],
  { order: ["commission", "member", "woman", "women", "total", "second"] },
);

function filled(): Fill {
  const fill = openFill(definition, {}, now);
  for (const commission of ["a", "b"]) {
    fill.addRow("commission", commission);
    fill.set(`commission/${commission}/name`, commission.toUpperCase());
    for (const member of ["x", "y"]) {
      fill.addRow(`commission/${commission}/member`, member);
      fill.set(`commission/${commission}/member/${member}/who`, commission === "b" ? "w" : `${commission}${member}`);
    }
  }
  return fill;
}

function drawn(fill: Fill): RepeatView {
  return fill.section("s")?.nodes[1] as RepeatView;
}

describe("rows in rows", () => {
  test("read their own row and those around it, and are read across", () => {
    expect(filled().answers()).toMatchObject({
      total: 4,
      second: "w",
      "commission/b/member": ["x", "y"],
      "commission/b/member/y/place": "2.2",
      "commission/b/member/y/of": "B",
      "commission/a/women": 0,
    });
  });

  test("count only what stands in the same outer row", () => {
    const fill = filled();
    fill.set("commission/b/member/x/woman", "yes");
    expect([view(fill, "commission/a/women").value, view(fill, "commission/b/women").value]).toEqual([0, 1]);
  });

  test("are drawn after the question they follow", () => {
    const [row] = drawn(filled()).rows;
    expect(row?.questions.map(({ question }) => question.id)).toEqual(["name", "women", "after_members"]);
    expect(row?.nodes.map((node) => ("repeat" in node ? node.path : node.question.id))).toEqual([
      "name",
      "women",
      "commission/a/member",
      "after_members",
    ]);
  });

  test("do not apply when their repeat in that outer row does not", () => {
    const fill = filled();
    fill.set("commission/a/name", "empty");
    expect(fill.answers()).toMatchObject({ total: 2 });
    expect(view(fill, "commission/a/member/x/who").relevant).toBe(false);
    expect(view(fill, "commission/b/member/x/who").relevant).toBe(true);
    const finished = fill.finish();
    expect(finished.ready && Object.keys(finished.answers)).not.toContain("commission/a/member");
  });

  test("go and come back with everything in them", () => {
    const fill = filled();
    const before = fill.answers();
    const removed = fill.removeRow("commission", "a");
    expect(Object.keys(fill.answers()).filter((path) => path.startsWith("commission/a/"))).toEqual([]);
    expect(fill.answers()).toMatchObject({ total: 2, "commission/b/member/x/place": "1.1" });
    if (removed) fill.restoreRow(removed);
    expect(fill.answers()).toEqual(before);
  });

  test("are renumbered when an outer row moves", () => {
    const fill = filled();
    fill.moveRow("commission", "b", 0);
    expect(fill.answers()).toMatchObject({
      "commission/b/member/x/place": "1.1",
      "commission/a/member/x/place": "2.1",
    });
  });

  test("of rows that are not there take no answers", () => {
    const fill = filled();
    const before = fill.answers();
    fill.set("commission/z/member/x/who", "nobody");
    fill.set("commission/a/member/z/who", "nobody");
    fill.addRow("commission/z/member", "x");
    fill.addRow("member", "x");
    expect(fill.answers()).toEqual(before);
  });

  test("leave the views of other rows alone", () => {
    const fill = filled();
    const other = view(fill, "commission/b/women");
    fill.set("commission/a/member/x/who", "w");
    fill.set("commission/a/member/x/woman", "yes");
    expect(view(fill, "commission/b/women")).toBe(other);
  });
});

describe("a counted repeat", () => {
  const counted = formOf([
    { id: "n", type: "integer" },
    rows("seal", [{ id: "number" }, { id: "colour", default: ["s", "red"] }], { count: ref("n") }),
    { id: "seals", type: "calculate", calculation: ["call", "count", ref("seal")] },
  ]);

  function sealed(n: number | undefined, fill = openFill(counted, {}, now)): Fill {
    fill.set("n", n);
    return fill;
  }

  const repeat = (fill: Fill) => fill.section("s")?.nodes[1] as RepeatView;

  test("has as many rows as its count says, with their defaults", () => {
    const fill = sealed(2);
    expect(repeat(fill)).toMatchObject({ count: 2, rows: [{ position: 1 }, { position: 2 }] });
    expect(repeat(fill).rows[1]?.questions[1]?.value).toBe("red");
    expect(view(fill, "seals").value).toBe(2);
  });

  test("keeps answered rows beyond its count, but leaves them out", () => {
    const fill = sealed(3);
    const [, second] = repeat(fill).rows;
    fill.set(`seal/${second?.id}/number`, "0042");
    sealed(1, fill);
    expect(repeat(fill).rows).toHaveLength(1);
    const finished = fill.finish();
    expect(finished.ready && finished.answers.seal).toHaveLength(1);
    expect(Object.values(fill.answers())).toContain("0042");
    sealed(2, fill);
    expect(repeat(fill).rows[1]?.questions[0]?.value).toBe("0042");
  });

  test("takes and loses no rows by hand", () => {
    const fill = sealed(2);
    fill.addRow("seal", "mine");
    expect(fill.removeRow("seal", repeat(fill).rows[0]?.id ?? "")).toBeUndefined();
    expect(repeat(fill).rows).toHaveLength(2);
  });

  test.each([[-1], [0], [undefined]])("has no rows for %j", (n) => {
    expect(repeat(sealed(n)).rows).toEqual([]);
  });
});

test("whatever is done to nested rows, the saved draft opens to the same", () => {
  const path = fc.constantFrom("commission/#/name", "commission/#/member/#/who", "commission/#/member/#/woman");
  const repeat = fc.constantFrom("commission", "commission/#/member");
  const edit = fc.oneof(
    fc.tuple(fc.constant("set" as const), path, fc.constantFrom("w", "empty", "x", "")),
    fc.tuple(fc.constantFrom("addRow" as const, "removeRow" as const, "moveRow" as const), repeat, fc.constant("")),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(edit, fc.nat(2), fc.nat(2)), { maxLength: 40 }), (edits) => {
      const fill = openFill(definition, {}, now);
      for (const [[kind, where, value], outer, inner] of edits) {
        const at = where.replace("#", `o${outer}`).replace("#", `i${inner}`);
        const row = where === "commission" ? `o${outer}` : `i${inner}`;
        if (kind === "set") fill.set(at, value);
        else if (kind === "moveRow") fill.moveRow(at, row, 0);
        else fill[kind](at, row);
        fill.sections();
      }
      if (Object.keys(fill.answers()).length === 0) return;
      expect(openFill(definition, fill.answers(), now).sections()).toEqual(fill.sections());
    }),
  );
});

test("a text says what the row at its path knows", () => {
  const fill = filled();
  // biome-ignore lint/suspicious/noTemplateCurlyInString: how forms write output values
  const said = text("${who} of ${name}, ${total} in all");
  expect(fill.text(said, "commission/b/member/x/who", "en")).toBe("w of B, 4 in all");
  expect(fill.text(said, "commission/a/member/x", "en")).toBe("ax of A, 4 in all");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: how forms write output values
  expect(fill.text(text("${who} of ${name}"), "commission/a/member", "en")).toBe("ax of A");
});

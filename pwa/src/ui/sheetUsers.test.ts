import { readdirSync, readFileSync } from "node:fs";
import { type AST, parse } from "svelte/compiler";
import { expect, test } from "vitest";

// Back, Escape, a tap beside it and its own button all end in one call of a sheet's `onclose` (Sheet.svelte, which a browser
// walks through in tests/e2e/test_back.py). That this closes it is for whoever shows the sheet, and is read here.

type Node = { type: string } & Record<string, unknown>;

const isNode = (part: unknown): part is Node => typeof part === "object" && part !== null && "type" in part;

/** Each node with those it stands in, the outermost first. */
function* nodesOf(part: unknown, inside: readonly Node[] = []): Generator<{ node: Node; inside: readonly Node[] }> {
  if (Array.isArray(part)) for (const each of part) yield* nodesOf(each, inside);
  else if (typeof part === "object" && part !== null) {
    if (isNode(part)) yield { node: part, inside };
    const around = isNode(part) ? [...inside, part] : inside;
    for (const [key, each] of Object.entries(part)) if (key !== "metadata") yield* nodesOf(each, around);
  }
}

const namesIn = (part: unknown): Set<string> =>
  new Set([...nodesOf(part)].flatMap(({ node }) => (node.type === "Identifier" ? [String(node.name)] : [])));

/** What a piece of code sets to false or undefined. */
const clearedBy = (code: unknown): string[] =>
  [...nodesOf(code)].flatMap(({ node }) => {
    const { left, right } = node as { left?: Node; right?: Node };
    const isCleared = right?.value === false || right?.name === "undefined";
    return node.type === "AssignmentExpression" && left?.type === "Identifier" && isCleared ? [String(left.name)] : [];
  });

const handlerIn = (attribute: Node | undefined): Node | undefined => {
  const { expression } = (attribute?.value ?? {}) as { expression?: Node };
  return expression;
};

interface ShownSheet {
  name: string;
  becomes: "closed" | "asked above" | "kept";
}

/** The sheets that a component shows, and what becomes of each when it is to be closed. */
function sheetsIn(source: string): ShownSheet[] {
  const { fragment, instance }: AST.Root = parse(source, { modern: true });
  const functions = new Map(
    [...nodesOf(instance)].flatMap(({ node }) =>
      node.type === "FunctionDeclaration" ? [[String((node.id as Node).name), node] as const] : [],
    ),
  );
  return [...nodesOf(fragment)].flatMap(({ node, inside }): ShownSheet[] => {
    if (node.type !== "Component") return [];
    const given = (node.attributes as Node[]).find(({ type, name }) => type === "Attribute" && name === "onclose");
    const name = String(node.name);
    if (!given) return name === "Sheet" ? [{ name, becomes: "kept" }] : [];
    const handler = handlerIn(given);
    if (handler?.name === "onclose" && !functions.has("onclose")) return [{ name, becomes: "asked above" }];
    const cleared = clearedBy(handler?.type === "Identifier" ? functions.get(String(handler.name)) : handler);
    const conditions = inside.filter(({ type }) => type === "IfBlock").map(({ test: condition }) => namesIn(condition));
    const isGone = cleared.some((variable) => conditions.some((condition) => condition.has(variable)));
    return [{ name, becomes: isGone ? "closed" : "kept" }];
  });
}

const source = new URL("../", import.meta.url);
const components = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".svelte"),
);
const shown = components.flatMap((file) =>
  sheetsIn(readFileSync(new URL(file, source), "utf8")).map((sheet) => ({ file, ...sheet })),
);

test("whoever shows a sheet lets it go when it is to be closed", () => {
  expect(shown.filter(({ becomes }) => becomes === "kept")).toEqual([]);
});

test("every component that draws a sheet is seen, and hands the question on or answers it", () => {
  const drawing = components.filter((file) => readFileSync(new URL(file, source), "utf8").includes("<Sheet"));
  expect(drawing.filter((file) => !shown.some((sheet) => sheet.file === file && sheet.name === "Sheet"))).toEqual([]);
  expect(drawing.length).toBeGreaterThan(8);
});

const within = (markup: string) => `<script lang="ts">
let isOpen = $state(false);
function close() {
  isOpen = false;
}
function keep() {
  isOpen = true;
}
</script>
${markup}`;

test.each([
  ["{#if isOpen}<Sheet title='' onclose={close}></Sheet>{/if}", "closed"],
  ["{#if isOpen}<Sheet title='' onclose={() => { isOpen = false; }}></Sheet>{/if}", "closed"],
  ["{#if isOpen}<Sheet title='' onclose={() => (isOpen = false)}></Sheet>{/if}", "closed"],
  ["<Sheet title='' {onclose}></Sheet>", "asked above"],
  ["<Sheet title='' onclose={close}></Sheet>", "kept"],
  ["{#if isOpen}<Sheet title='' onclose={keep}></Sheet>{/if}", "kept"],
  ["{#if isOpen}<Sheet title='' onclose={() => undefined}></Sheet>{/if}", "kept"],
  ["{#if another}<Sheet title='' onclose={close}></Sheet>{/if}", "kept"],
  ["{#if isOpen}<Sheet title=''></Sheet>{/if}", "kept"],
])("%s is %s", (markup, becomes) => {
  expect(sheetsIn(within(markup))).toEqual([{ name: "Sheet", becomes }]);
});

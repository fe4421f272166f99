/** Finds, in the text of a `.svelte` file, what draws words of others without putting them in order first. */
import { parse } from "svelte/compiler";

interface Node {
  type: string;
  [part: string]: unknown;
}

/** Names by which words of others are called (codes are checked by pattern): a member or a row of that name is drawn only through a function that orders. */
const wordy = new Set(
  "author base_town by detail field file form function hint key label line locality message name note place quote reason region sentence short source_name summary text title username value version what why word words".split(
    " ",
  ),
);
/** Attributes whose value is seen or heard; those of components lead to such a place. */
const drawnAttributes = new Set(
  "alt aria-description aria-label detail empty error heading hint label name placeholder place text title words".split(
    " ",
  ),
);

/** What is drawn and not in order, as it stands in the file. `ordered`: functions whose result is in order. */
export function unorderedTexts(source: string, ordered: ReadonlySet<string>): string[] {
  const tree = parse(source, { modern: true }) as unknown as { fragment: Node; instance: { content: Node } | null };
  const drawn = new Drawn(source, ordered);
  if (tree.instance) drawn.declare(tree.instance.content);
  walk(tree.fragment, (node) => {
    if (node.type === "ConstTag") drawn.declare(node.declaration as Node);
    if (node.type === "EachBlock" && node.context) drawn.addRow(node.context as Node);
    return true;
  });
  walk(tree.fragment, (node) => {
    if (node.type === "ExpressionTag") drawn.look(node.expression as Node);
    // What is no text ends here; the children of an element are walked as ever.
    return !(node.type === "Attribute" && !drawnAttributes.has(node.name as string)) && !endsAt.has(node.type);
  });
  return [...drawn.found];
}

class Drawn {
  /** Expressions as they stand in the file. */
  readonly found = new Set<string>();
  readonly #source: string;
  readonly #ordered: ReadonlySet<string>;
  readonly #constants = new Map<string, Node>();
  readonly #given = new Set<string>();
  readonly #rows = new Set<string>();

  constructor(source: string, ordered: ReadonlySet<string>) {
    this.#source = source;
    this.#ordered = ordered;
  }

  /** Notes what names stand for: constants and functions of the file, and what it was given. */
  declare(code: Node): void {
    walk(code, (node) => {
      if (node.type === "FunctionDeclaration") this.#constants.set((node.id as Node).name as string, node);
      if (node.type !== "VariableDeclarator") return true;
      const { id, init } = node as unknown as { id: Node; init: Node | null };
      const maker = init?.type === "CallExpression" ? calleeName(init.callee as Node) : "";
      if (maker === "$props") for (const name of namesIn(id)) this.#given.add(name);
      else if (id.type === "Identifier" && init && !maker.startsWith("$state")) {
        this.#constants.set(id.name as string, init);
      }
      return true;
    });
  }

  /** Names of one row of a list. */
  addRow(pattern: Node): void {
    for (const name of namesIn(pattern)) this.#rows.add(name);
  }

  /** Follows an expression to the words it draws. `seen`: constants on the way here. */
  look(expression: Node, seen: ReadonlySet<string> = new Set()): void {
    switch (expression.type) {
      case "MemberExpression": {
        const { property, computed } = expression as unknown as { property: Node; computed: boolean };
        if (!computed && wordy.has(property.name as string)) this.#find(expression);
        return;
      }
      case "Identifier":
        this.#lookAtName(expression, seen);
        return;
      case "CallExpression":
        this.#lookAtCall(expression, seen);
        return;
      case "ArrowFunctionExpression":
      case "FunctionDeclaration":
        this.#lookAtFunction(expression, seen);
        return;
      default:
        for (const part of partsOf(expression)) this.look(part, seen);
    }
  }

  #find(expression: Node): void {
    this.found.add(this.#source.slice(expression.start as number, expression.end as number));
  }

  #lookAtName(expression: Node, seen: ReadonlySet<string>): void {
    const name = expression.name as string;
    const constant = this.#constants.get(name);
    if (constant && !seen.has(name)) this.look(constant, new Set([...seen, name]));
    else if (!constant && this.#rows.has(name) && !this.#given.has(name)) this.#find(expression);
  }

  #lookAtFunction(expression: Node, seen: ReadonlySet<string>): void {
    for (const given of expression.params as Node[]) if (given.type === "ObjectPattern") this.addRow(given);
    const body = expression.body as Node;
    if (body.type !== "BlockStatement") this.look(body, seen);
    walk(body, (node) => {
      if (node.type === "ReturnStatement" && node.argument) this.look(node.argument as Node, seen);
      return true;
    });
  }

  #lookAtCall(expression: Node, seen: ReadonlySet<string>): void {
    const { callee, arguments: parts } = expression as unknown as { callee: Node; arguments: Node[] };
    const name = calleeName(callee);
    const own = this.#constants.get(name);
    if (this.#ordered.has(name) || isOfOurTables(callee)) return;
    if (name.startsWith("m.") || name.startsWith("$derived")) for (const part of parts) this.look(part, seen);
    else if (own && !seen.has(name)) this.look(own, new Set([...seen, name]));
    else if (callee.type === "MemberExpression" && ofLists.has(name.split(".").at(-1) ?? "")) {
      // A list put in order one by one is in order, whatever it is joined with.
      if (parts.some((part) => part.type === "Identifier" && this.#ordered.has(part.name as string))) return;
      const isMade = parts.some(({ type }) => type === "ArrowFunctionExpression");
      for (const part of isMade ? parts : [callee.object as Node]) this.look(part, seen);
    } else this.#find(expression);
  }
}

/** The parts of an expression that may become text: conditions and comparisons do not. */
function partsOf(expression: Node): Node[] {
  switch (expression.type) {
    case "ConditionalExpression":
      return [expression.consequent as Node, expression.alternate as Node];
    case "BinaryExpression":
      return expression.operator === "+" ? [expression.left as Node, expression.right as Node] : [];
    case "LogicalExpression":
      return expression.operator === "&&"
        ? [expression.right as Node]
        : [expression.left as Node, expression.right as Node];
    case "Property":
      return [expression.value as Node];
    default:
      return childrenOf(expression);
  }
}

/** What keeps the words of a list or text as they are. */
const ofLists = new Set("at concat filter flatMap join map slice split toUpperCase trim".split(" "));
/** Tables of the app's own words: `{ … }[kind]()`, `entry.label()`. */
const isOfOurTables = (callee: Node): boolean =>
  callee.type === "MemberExpression" &&
  (callee.computed === true || ["label", "word"].includes((callee.property as Node).name as string));

const endsAt = new Set([
  "OnDirective",
  "BindDirective",
  "AttachTag",
  "StyleDirective",
  "ClassDirective",
  "SpreadAttribute",
]);

function calleeName(callee: Node): string {
  if (callee.type === "Identifier") return callee.name as string;
  if (callee.type !== "MemberExpression") return "";
  const owner = callee.object as Node;
  const method = String((callee.property as Node).name ?? "");
  return owner.type === "Identifier" ? `${owner.name}.${method}` : method;
}

function namesIn(pattern: Node): string[] {
  if (pattern.type === "Identifier") return [pattern.name as string];
  if (pattern.type === "Property") return namesIn(pattern.value as Node);
  if (pattern.type === "AssignmentPattern") return namesIn(pattern.left as Node);
  return childrenOf(pattern).flatMap(namesIn);
}

function childrenOf(node: Node): Node[] {
  return Object.entries(node)
    .filter(
      ([part]) => part !== "metadata" && part !== "parent" && part !== "typeAnnotation" && part !== "typeArguments",
    )
    .flatMap(([, part]) => (Array.isArray(part) ? part : [part]))
    .filter((part): part is Node => typeof part === "object" && part !== null && typeof part.type === "string");
}

function walk(node: Node, visit: (node: Node) => boolean): void {
  if (!visit(node)) return;
  for (const child of childrenOf(node)) walk(child, visit);
}

/** ASTs written as XLSForm expressions again: how an author knows them. */
import type { Ast, AstPart } from "../engine/definition";

/** How tightly an operator binds; higher goes first. */
const BINDING: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  "=": 3,
  "!=": 3,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  div: 6,
  mod: 6,
};
const UNARY = 7;

export function expressionText(ast: Ast): string {
  return written(ast, 0, false);
}

/** The parts that must all hold: `a and b and c` one by one. */
export function conditionsOf(ast: Ast): Ast[] {
  return ast[0] === "and" ? ast.slice(1).flatMap((part) => conditionsOf(part as Ast)) : [ast];
}

/** `inRows`: among the rows of a list or table, where `.` is the row and the question's own answer is `current()/.`. */
function written(part: AstPart | undefined, least: number, inRows: boolean): string {
  if (typeof part !== "object") return String(part ?? "");
  const [kind, first] = part;
  switch (kind) {
    case "n":
    case "col":
      return String(first);
    case "s":
      return String(first).includes("'") ? `"${first}"` : `'${first}'`;
    case "b":
      return first ? "true()" : "false()";
    case "ref":
      return `\${${first}}`;
    case "self":
      return inRows ? "current()/." : ".";
    case "items":
      return itemsText(part);
    case "call":
      return callText(part, inRows);
    case "neg":
      return `-${written(first, UNARY, inRows)}`;
  }
  const power = BINDING[kind];
  if (power === undefined) return JSON.stringify(part);
  const operands = part.slice(1) as readonly AstPart[];
  const text = operands.map((operand, at) => written(operand, at === 0 ? power - 1 : power, inRows)).join(` ${kind} `);
  return power <= least ? `(${text})` : text;
}

function callText([, name, ...given]: Ast, inRows: boolean): string {
  const words = given.map((argument) => written(argument, 0, inRows));
  if (name === "last-saved") return `\${last-saved#${words[0]?.slice(2)}`;
  if (name === "position") return `position(..${"/..".repeat(Number(words[0] ?? 0))})`;
  // The question whose labels are meant goes as text.
  if (name === "jr:choice-name") words[1] = `'${words[1]}'`;
  return `${name}(${words.join(", ")})`;
}

/** `["items", source, [predicate…], column]` as the path an author wrote. */
function itemsText([, source, predicates, column]: Ast): string {
  const narrowed = (predicates as unknown as readonly Ast[]).map((each) => `[${written(each, 0, true)}]`).join("");
  return `instance('${source}')/root/item${narrowed}${column ? `/${column}` : ""}`;
}

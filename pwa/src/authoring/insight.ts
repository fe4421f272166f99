/** What an author asks of a form being tried out: what it calculated, what it hides and why, what it flags. */

import type { Answers, Ast, Definition } from "../engine/definition";
import { Engine } from "../engine/engine";
import { referencesOf } from "../engine/expressions";
import { type Fill, openFill, type QuestionView, type SectionView } from "../engine/fill";
import type { Context } from "../engine/functions/dates";
import { truthOf } from "../engine/functions/values";
import { placeOf } from "../engine/paths";
import { viewsIn } from "../engine/views";
import { answerText, formText } from "../fill/draft/answerText";
import { type Review, reviewOf } from "../fill/draft/review";
import { conditionsOf, expressionText } from "./expression_text";

/** A question, repeat or section, and where it is found. */
interface Spot {
  path: string;
  /** Rows by number instead of by id: `officer[2]/name`. */
  name: string;
  label: string;
  /** Number of its section, from 0. */
  section: number;
}

export interface Calculated extends Spot {
  /** The value in words; undefined while there is none. */
  value: string | undefined;
  expression: string | undefined;
}

/** One thing that must hold, whether it does, and the answers it read. */
export interface Condition {
  text: string;
  holds: boolean;
  reads: { name: string; value: string }[];
}

export interface Hidden extends Spot {
  kind: "section" | "repeat" | "question";
  conditions: Condition[];
}

export interface Insight {
  calculated: Calculated[];
  hidden: Hidden[];
  review: Review;
}

const unseen = new Set(["calculate", "hidden", "metadata"]);

/** Works everything out anew from the answers of a draft. */
export function insightOf(definition: Definition, answers: Answers, context: Context, language: string): Insight {
  const fill = openFill(definition, answers, context);
  const sections = fill.sections();
  const shown = sections.flatMap((view, index) => (view.relevant ? [{ ...view, index }] : []));
  const engine = new Engine(definition, fill.answers(), context);
  const look = { definition, fill, engine, answers: fill.answers(), language };
  return {
    calculated: sections.flatMap((view, at) => calculatedIn(look, view, at)),
    hidden: sections.flatMap((view, at) => hiddenIn(look, view, at)),
    review: reviewOf(definition, shown, language),
  };
}

interface Looking {
  definition: Definition;
  fill: Fill;
  /** For asking single conditions. */
  engine: Engine;
  answers: Answers;
  language: string;
}

function calculatedIn(look: Looking, { nodes }: SectionView, section: number): Calculated[] {
  return [...viewsIn(nodes)]
    .filter(({ question, relevant }) => relevant && (question.calculation || unseen.has(question.type)))
    .map((view) => ({
      ...spotOf(look, view, section),
      value: valueText(look, view),
      expression: view.question.calculation && expressionText(view.question.calculation),
    }));
}

function hiddenIn(look: Looking, { section, relevant, nodes }: SectionView, at: number): Hidden[] {
  if (relevant) return [...hiddenAmong(look, nodes, at)];
  const spot = { path: section.id, name: section.id, label: formText(section.title, look.language), section: at };
  return [{ ...spot, kind: "section", conditions: conditions(look, section.relevant, section.id) }];
}

/** What is hidden by itself; what stands in a hidden repeat is not told one by one. */
function* hiddenAmong(look: Looking, nodes: SectionView["nodes"], section: number): Generator<Hidden> {
  for (const node of nodes) {
    if (!("repeat" in node)) {
      if (node.relevant) continue;
      const why = conditions(look, node.question.relevant, node.path);
      yield { ...spotOf(look, node, section), kind: "question", conditions: why };
    } else if (node.relevant) {
      for (const row of node.rows) yield* hiddenAmong(look, row.nodes, section);
    } else {
      const { path, repeat } = node;
      const spot = {
        path,
        name: rowNumbers(path, look.answers),
        label: formText(repeat.label, look.language),
        section,
      };
      yield { ...spot, kind: "repeat", conditions: conditions(look, repeat.relevant, path) };
    }
  }
}

function spotOf({ answers, language }: Looking, { path, question }: QuestionView, section: number): Spot {
  return { path, name: rowNumbers(path, answers), label: formText(question.label, language) || question.id, section };
}

function valueText({ definition, language }: Looking, { question, value }: QuestionView): string | undefined {
  return value === undefined ? undefined : answerText(definition, question, value, undefined, language);
}

function conditions(look: Looking, ast: Ast | undefined, path: string): Condition[] {
  const { prefix } = placeOf(path);
  const chain = prefix.split("/").filter((_, at, parts) => at % 2 === 0 && at < parts.length - 1);
  return (ast ? conditionsOf(ast) : []).map((condition) => ({
    text: expressionText(condition),
    holds: truthOf(look.engine.valueAt({ chain }, prefix, condition, undefined)),
    reads: [...referencesOf(condition)].flatMap((id) => {
      const view = nearest(look.fill, id, path);
      return view ? [{ name: id, value: valueText(look, view) ?? "" }] : [];
    }),
  }));
}

/** The question of this name in the same row, or in the nearest row around it; undefined when there are many. */
function nearest(fill: Fill, id: string, path: string): QuestionView | undefined {
  const parts = path.split("/").slice(0, -1);
  for (let length = parts.length; length >= 0; length -= 2) {
    const view = fill.question([...parts.slice(0, length), id].join("/"));
    if (view) return view;
  }
  return undefined;
}

/** A path as people count: `officer/0190…/name` is `officer[2]/name`. */
export function rowNumbers(path: string, answers: Answers): string {
  const parts = path.split("/");
  const told: string[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const rows = answers[parts.slice(0, at + 1).join("/")];
    const row = parts[at + 1];
    told.push(
      row === undefined ? `${parts[at]}` : `${parts[at]}[${Array.isArray(rows) ? rows.indexOf(row) + 1 : "?"}]`,
    );
  }
  return told.join("/");
}

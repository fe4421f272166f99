import type { Answer, Answers } from "../../engine/answers";
import { type Definition, isRepeat, type Question, type Repeat, type Section } from "../../engine/definition";
import { prefixOf } from "../../engine/paths";

/** A finished report for reading: only what was answered, in the order of the checklist. */
export interface ReadSection {
  id: string;
  title: Readonly<Record<string, string>>;
  lines: ReadLine[];
}
export interface ReadLine {
  path: string;
  question: Question;
  answer: Answer;
  /** The rows that begin with this line, the outermost first: which repeat, and the number of the row from 1. */
  begins: readonly ReadRow[];
}
export interface ReadRow {
  repeat: Repeat;
  number: number;
  /** In how many other rows it stands. */
  depth: number;
}

export function readReport(definition: Definition, answers: Answers): ReadSection[] {
  return definition.sections
    .map((section) => ({ id: section.id, title: section.title, lines: new Reading(section, answers).lines() }))
    .filter(({ lines }) => lines.length > 0);
}

class Reading {
  readonly #section: Section;
  readonly #answers: Answers;
  readonly #lines: ReadLine[] = [];
  /** Rows entered that have no line yet. */
  #begun: ReadRow[] = [];

  constructor(section: Section, answers: Answers) {
    this.#section = section;
    this.#answers = answers;
  }

  lines(): ReadLine[] {
    for (const node of this.#section.nodes) {
      if (!isRepeat(node)) this.#read(node, "");
      else if (node.inside === undefined) this.#rows(node, "", 0);
    }
    return this.#lines;
  }

  #read(question: Question, prefix: string): void {
    const path = prefix + question.id;
    const answer = this.#answers[path];
    // What was never drawn was there for other questions only.
    if (answer === undefined || question.type === "hidden" || question.type === "metadata") return;
    this.#lines.push({ path, question, answer, begins: this.#begun });
    this.#begun = [];
  }

  #rows(repeat: Repeat, prefix: string, depth: number): void {
    const path = prefix + repeat.id;
    const rows = this.#answers[path];
    for (const [at, row] of (typeof rows === "object" ? rows : []).entries()) {
      this.#begun.push({ repeat, number: at + 1, depth });
      this.#row(repeat, prefixOf(path, row), depth);
      // A row in which nothing was answered is not read; those around it may be.
      this.#begun = this.#begun.filter((begun) => begun.depth < depth);
    }
  }

  /** The questions of a row, each nested repeat where it is drawn. */
  #row(repeat: Repeat, prefix: string, depth: number): void {
    const nested = this.#section.nodes.filter(isRepeat).filter(({ inside }) => inside === repeat.id);
    const drawAfter = (id: string | undefined): void => {
      for (const inner of nested.filter(({ after }) => after === id)) {
        this.#rows(inner, prefix, depth + 1);
        drawAfter(inner.id);
      }
    };
    drawAfter(undefined);
    for (const question of repeat.questions) {
      this.#read(question, prefix);
      drawAfter(question.id);
    }
  }
}

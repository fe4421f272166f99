/**
 * The compiled checklist: what the phone works from (docs/checklists.md §1).
 * `backend/steppe/checklists/definition.py` declares the same types. Absent optional fields are left out, never null.
 */

/** Language code → text; every language of the definition is present. */
export type Texts = Readonly<Record<string, string>>;

/** An expression as nested JSON arrays (docs/checklists.md §3). */
export type Ast = readonly [string, ...AstPart[]];
export type AstPart = string | number | boolean | Ast;

/** 1 procedural, 2 serious, 3 critical. */
export type Severity = 1 | 2 | 3;

export type QuestionType =
  | "text"
  | "integer"
  | "decimal"
  | "date"
  | "time"
  | "datetime"
  | "select_one"
  | "select_multiple"
  | "note"
  | "photo"
  | "geopoint"
  | "calculate"
  | "acknowledge";

export interface Choice {
  readonly name: string;
  readonly label: Texts;
}

/** One question. Group relevance is and-ed into `relevant`; the section's and the repeat's stay with them. */
export interface Question {
  readonly id: string;
  readonly type: QuestionType;
  readonly label: Texts;
  readonly hint?: Texts;
  readonly list?: string;
  readonly appearance?: readonly string[];
  readonly relevant?: Ast;
  readonly required?: Ast;
  readonly required_message?: Texts;
  readonly constraint?: Ast;
  readonly constraint_message?: Texts;
  readonly soft?: Ast;
  readonly soft_message?: Texts;
  readonly calculation?: Ast;
  readonly default?: Ast;
  readonly read_only?: true;
  readonly theme?: string;
  readonly negative?: Readonly<Record<string, Severity>>;
  readonly sealed?: true;
  readonly location?: "region" | "district" | "station";
  readonly short_form?: true;
}

/** Questions asked once per row; rows are added by the observer. */
export interface Repeat {
  readonly repeat: true;
  readonly id: string;
  readonly label: Texts;
  readonly relevant?: Ast;
  readonly questions: readonly Question[];
}

/** One screen of the phone: a top-level group of the XLSForm. */
export interface Section {
  readonly id: string;
  readonly title: Texts;
  readonly relevant?: Ast;
  readonly nodes: readonly (Question | Repeat)[];
}

export interface Definition {
  readonly format: 1;
  readonly id: string;
  readonly version: string;
  readonly title: Texts;
  readonly short: Texts;
  readonly languages: readonly string[];
  readonly default_language: string;
  readonly kind: string;
  readonly location?: string;
  readonly sections: readonly Section[];
  readonly choices: Readonly<Record<string, readonly Choice[]>>;
  readonly order: readonly string[];
  readonly dependants: Readonly<Record<string, readonly string[]>>;
}

export type Answer = string | number | readonly string[];

/**
 * Path → answer (docs/checklists.md §2): `question`, `repeat` (its row ids in order) or `repeat/row/question`.
 * An unanswered question has no entry.
 */
export type Answers = Readonly<Record<string, Answer>>;

/** Path → answer, null where it was cleared. */
export type Patch = Readonly<Record<string, Answer | null>>;

/** Choices that say nothing went wrong: the negative key `any` skips them. */
export const NO_OPINION: ReadonlySet<string> = new Set(["none", "not_observed", "not_applicable"]);

export function isRepeat(node: Question | Repeat): node is Repeat {
  return "repeat" in node;
}

/** A text in the wanted language, else in the form's default one. */
export function textIn(texts: Texts, language: string, definition: Definition): string {
  return texts[language] ?? texts[definition.default_language] ?? Object.values(texts)[0] ?? "";
}

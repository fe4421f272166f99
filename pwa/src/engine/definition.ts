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

/** How fine a place is told, the finest first. */
export type Precision = "exact" | "locality" | "district" | "region";

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
  | "acknowledge"
  | "range"
  | "rank"
  | "audio"
  | "video"
  | "file"
  | "barcode"
  | "geotrace"
  | "geoshape"
  | "hidden"
  | "metadata";

/** Pictures and sounds beside a text: per language the hex SHA-256 of a file that `Definition.files` names. */
export interface Media {
  readonly image?: Texts;
  readonly big_image?: Texts;
  readonly audio?: Texts;
  readonly video?: Texts;
}

export interface Choice {
  readonly name: string;
  readonly label: Texts;
  /** Those that a filter or a lookup reads. */
  readonly columns?: Readonly<Record<string, string>>;
  readonly media?: Media;
}

/** A CSV file attached to the form, or choices kept outside the choices sheet: every cell a string. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A media file of the form; `size` in bytes, `type` a media type. */
export interface MediaFile {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** A group inside a section: a heading, and how its questions are drawn. Its relevance is and-ed into them. */
export interface Group {
  readonly label?: Texts;
  readonly appearance?: readonly string[];
  readonly inside?: string;
}

/** One question. Group relevance is and-ed into `relevant`; the section's and the repeat's stay with them. */
export interface Question {
  readonly id: string;
  readonly type: QuestionType;
  readonly label: Texts;
  readonly hint?: Texts;
  readonly guidance_hint?: Texts;
  readonly media?: Media;
  /** The innermost group it stands in. */
  readonly group?: string;
  readonly list?: string;
  /** Choices from a form table instead of a list; `value` and `text` name its columns (`name`, `label`). */
  readonly table?: string;
  /** Choices from what rows of a repeat answered: the question there; a `select_one` only. */
  readonly rows?: string;
  readonly value?: string;
  readonly text?: string;
  /** Which choices are offered; read per choice. */
  readonly filter?: Ast;
  readonly appearance?: readonly string[];
  readonly parameters?: Readonly<Record<string, string | number>>;
  /** What the phone fills in by itself: start, end, today, deviceid, username. */
  readonly metadata?: string;
  /** The calculation runs only when the observer changes one of these. */
  readonly trigger?: readonly string[];
  /** What of the team's own submissions fills it in. */
  readonly figure?: string;
  /** Choices beside those of its list that the phone supplies: `entry`, the team's own reports by their codes. */
  readonly reference?: "entry";
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
  /** While it holds, the answer is only read. */
  readonly read_only_when?: Ast;
  readonly theme?: string;
  readonly negative?: Readonly<Record<string, Severity>>;
  readonly sealed?: true;
  readonly location?: "region" | "district" | "station";
  /** How fine a place the answer tells, where its kind does not say. */
  readonly precision?: Precision;
  readonly short_form?: true;
}

/**
 * Questions asked once per row; rows are added by the observer, or as many as `count` says. A nested repeat stands flat
 * in its section, after the one that holds it.
 */
export interface Repeat {
  readonly repeat: true;
  readonly id: string;
  readonly label: Texts;
  readonly relevant?: Ast;
  /** The repeat it is nested in. */
  readonly inside?: string;
  /** The question or repeat it is drawn after; absent: at the beginning of the row. */
  readonly after?: string;
  readonly count?: Ast;
  readonly group?: string;
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
  /** 2 when an expression has a flat chain, which apps of the first format cannot read. */
  readonly format: 1 | 2;
  readonly id: string;
  readonly version: string;
  readonly title: Texts;
  readonly short: Texts;
  readonly languages: readonly string[];
  readonly default_language: string;
  readonly kind: string;
  readonly location?: string;
  /** The question whose answer says how fine a place may leave the phone. */
  readonly precision?: string;
  readonly sections: readonly Section[];
  readonly groups?: Readonly<Record<string, Group>>;
  readonly choices: Readonly<Record<string, readonly Choice[]>>;
  readonly tables?: Readonly<Record<string, Table>>;
  readonly files?: Readonly<Record<string, MediaFile>>;
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

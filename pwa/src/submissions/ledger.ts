/**
 * The phone's ledger: the coded facts of each report finished here, from which the weekly report's figures are counted.
 *
 * It outlives the readable copy where the mission's policy takes that away, so it holds nothing that was written by hand:
 * no words, no names, no position finer than the place chosen from the mission's list.
 */

import { type Answers, questionsOf, rowPath } from "../engine/answers";
import type { Definition, Question, Texts } from "../engine/definition";
import type { PlaceRef } from "../missions/places";

export interface LedgerEntry {
  submission: string;
  /** What people say aloud: LTO05-A017. */
  code: string;
  form: string;
  kind: string;
  title: Texts;
  /** When it was observed, as answered: a day or a moment with its offset. */
  at: string;
  /** `2021-01-08`: the day of `at`. */
  day: string;
  place?: PlaceRef;
  /** The district that was answered; a station's own district is in the mission's list. */
  district?: string;
  /** Whom a meeting was held with, as names of choices; absent when it was refused or is no meeting. */
  met?: { category?: string; party?: string; gender?: string };
  /** Breaches alleged here, in order. */
  allegations?: { kinds: readonly string[]; isOpen: boolean }[];
  /** It was taken back on this phone: no figure counts it, until it is finished anew by a correction. */
  isWithdrawn?: true;
}

/** What is known of a report beside its answers. */
export interface ReportFacts {
  submission: string;
  code: string;
  place?: PlaceRef;
  /** `2021-01-08`, for reports that were asked for no day. */
  finishedOn: string;
}

/** The choice lists by which facts are found, whatever a mission calls its questions (docs/checklists.md §8). */
export const factLists = {
  category: "interlocutor",
  party: "party",
  gender: "gender",
  access: "mtg_access",
  breach: "irreg",
  verification: "status_verif",
} as const;

const closed: ReadonlySet<unknown> = new Set(["corroborated", "disproved", "not_verifiable"]);

/** What the ledger keeps of a finished report. */
export function ledgerEntry(definition: Definition, answers: Answers, report: ReportFacts): LedgerEntry {
  const { finishedOn, ...facts } = report;
  const at = observedAt(definition, answers) ?? finishedOn;
  const district = answerTo(definition, answers, ({ location }) => location === "district");
  const met = metIn(definition, answers);
  const allegations = allegationsIn(definition, answers);
  return {
    ...facts,
    form: definition.id,
    kind: definition.kind,
    title: definition.title,
    at,
    day: at.slice(0, 10),
    ...(district ? { district } : {}),
    ...(met ? { met } : {}),
    ...(allegations.length > 0 ? { allegations } : {}),
  };
}

/** The first answer to the first section that asks for a day: the rule by which headquarters places reports in time. */
export function observedAt(definition: Definition, answers: Answers): string | undefined {
  for (const { nodes } of definition.sections) {
    const dated = nodes.filter(
      (node) => !("repeat" in node) && (node.type === "date" || node.type === "datetime") && !node.sealed,
    );
    if (dated.length === 0) continue;
    return dated.map(({ id }) => answers[id]).find((answer) => typeof answer === "string");
  }
  return undefined;
}

function answerTo(definition: Definition, answers: Answers, fits: (question: Question) => boolean): string | undefined {
  for (const { question, repeat } of questionsOf(definition)) {
    const answer = answers[question.id];
    if (repeat === undefined && fits(question) && typeof answer === "string") return answer;
  }
  return undefined;
}

function metIn(definition: Definition, answers: Answers): LedgerEntry["met"] {
  if (definition.kind !== "meeting") return undefined;
  const from = (list: string) => answerTo(definition, answers, (question) => question.list === list);
  if (from(factLists.access) === "refused") return undefined;
  const category = from(factLists.category);
  const party = from(factLists.party);
  const gender = from(factLists.gender);
  return { ...(category ? { category } : {}), ...(party ? { party } : {}), ...(gender ? { gender } : {}) };
}

function allegationsIn(definition: Definition, answers: Answers): NonNullable<LedgerEntry["allegations"]> {
  const asked = [...questionsOf(definition)];
  return asked
    .filter(({ question }) => question.list === factLists.verification)
    .flatMap(({ question, repeat }) => {
      const breach = asked.find((other) => other.repeat === repeat && other.question.list === factLists.breach);
      const told = (path: (id: string) => string) => {
        const kinds = breach && answers[path(breach.question.id)];
        return { kinds: typeof kinds === "object" ? kinds : [], isOpen: !closed.has(answers[path(question.id)]) };
      };
      if (repeat === undefined) return answers[question.id] === undefined ? [] : [told((id) => id)];
      const rows = answers[repeat];
      return typeof rows === "object" ? rows.map((row) => told((id) => rowPath(repeat, row, id))) : [];
    });
}

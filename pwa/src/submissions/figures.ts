/**
 * Figures a report about the team's own reports fills in by itself: counted from the ledger of this phone, over the days
 * the report is about. They are proposals: a correction by the observer stands (docs/checklists.md §8).
 */

import type { Answers } from "../engine/answers";
import type { Answer, Choice, Definition } from "../engine/definition";
import { textIn } from "../engine/definition";
import { plainText } from "../engine/texts/marks";
import { districtOf, kilometresAlong } from "../missions/distances";
import type { Places } from "../missions/places";
import { figureQuestions, periodOf } from "./figureQuestions";
import { factLists, type LedgerEntry } from "./ledger";

/** What figures are counted from. */
export interface FigureSources {
  ledger: readonly LedgerEntry[];
  /** The mission's form for meetings: its lists say who there is to meet, and how they are called. */
  meetings?: Definition;
  places?: Places;
}

/** The period, the entries in it, and those up to its end. */
interface Counted {
  during: readonly LedgerEntry[];
  soFar: readonly LedgerEntry[];
  sources: FigureSources;
  /** Figures are written in the form's own language, whoever reads. */
  language: string;
}

/** Kinds of reports the team went somewhere for. */
const visits = new Set(["meeting", "campaign_event", "commission", "polling_station"]);
/** Choices that name nobody in particular. */
const nobody = new Set(["several", "other"]);

const countOf = (names: readonly (string | undefined)[]) => new Set(names.filter((name) => name !== undefined)).size;
const isMeeting = ({ met }: LedgerEntry) => met !== undefined;
const ofKind = (kind: string) => (counted: Counted) => counted.during.filter((entry) => entry.kind === kind).length;

const figures: Readonly<Record<string, (counted: Counted) => Answer | undefined>> = {
  meetings: ({ during }) => during.filter(isMeeting).length,
  campaign_events: ofKind("campaign_event"),
  commissions: ofKind("commission"),
  complaints: ofKind("complaint"),
  flash_reports: ofKind("flash"),
  districts: ({ during, sources }) => countOf(travelled(during).map((entry) => districtOf(entry, sources.places))),
  kilometres: ({ during, sources }) => kilometresAlong(travelled(during), sources.places),
  meetings_by_category: (counted) => meetingsBy("category", counted),
  meetings_by_gender: (counted) => meetingsBy("gender", counted),
  not_met: notMet,
  allegations_open: openAllegations,
};

/** The figures by question; those that cannot be known are absent. `answers` say which days they are about. */
export function figuresFor(definition: Definition, answers: Answers, sources: FigureSources): Answers {
  const { from = "", to = "9999" } = periodOf(definition, answers);
  const inOrder = sources.ledger.toSorted((a, b) => compare(a.at, b.at) || compare(a.submission, b.submission));
  const soFar = inOrder.filter((entry) => entry.day <= to);
  const counted = {
    during: soFar.filter((entry) => entry.day >= from),
    soFar,
    sources,
    language: definition.default_language,
  };
  return Object.fromEntries(
    figureQuestions(definition).flatMap(({ id, figure = "" }) => {
      const value = figures[figure]?.(counted);
      return value === undefined || value === "" ? [] : [[id, value] as const];
    }),
  );
}

/** Moments of one mission compare well enough as they are written: days first, then the clock on the wall. */
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const travelled = (entries: readonly LedgerEntry[]) => entries.filter(({ kind }) => visits.has(kind));

function choicesOf(list: string, { sources: { meetings } }: Counted): readonly Choice[] {
  return meetings?.choices[list] ?? [];
}

function labelIn(choices: readonly Choice[], name: string, { sources, language }: Counted): string {
  const label = choices.find((choice) => choice.name === name)?.label;
  return label && sources.meetings ? plainText(textIn(label, language, sources.meetings)) : name;
}

/** One line per choice that occurs, in the order of its list; what nobody wrote down comes last as "–". */
function meetingsBy(fact: "category" | "gender", counted: Counted): string {
  const choices = choicesOf(factLists[fact], counted);
  const numbers = new Map<string, number>();
  for (const { met } of counted.during.filter(isMeeting)) {
    const name = met?.[fact] ?? "";
    numbers.set(name, (numbers.get(name) ?? 0) + 1);
  }
  const place = (name: string) => {
    const at = choices.findIndex((choice) => choice.name === name);
    return name === "" ? choices.length + 1 : at < 0 ? choices.length : at;
  };
  return [...numbers]
    .sort(([a], [b]) => place(a) - place(b) || compare(a, b))
    .map(([name, n]) => `${name === "" ? "–" : labelIn(choices, name, counted)}: ${n}`)
    .join("\n");
}

/** Two lines: contestants, then groups, that no meeting up to the end of the period was held with. */
function notMet(counted: Counted): string {
  const left = (fact: "party" | "category") => {
    const met = new Set(counted.soFar.map((entry) => entry.met?.[fact]));
    const choices = choicesOf(factLists[fact], counted);
    return choices
      .filter(({ name }) => !met.has(name) && !nobody.has(name))
      .map(({ name }) => labelIn(choices, name, counted))
      .join("; ");
  };
  return [left("party"), left("category")].filter((line) => line !== "").join("\n");
}

/** One line per allegation: day, code of the report it is in, what it is about. */
function openAllegations(counted: Counted): string {
  const choices = choicesOf(factLists.breach, counted);
  return counted.soFar
    .flatMap(({ day, code, allegations = [] }) =>
      allegations
        .filter(({ isOpen }) => isOpen)
        .map(({ kinds }) => {
          const about = kinds.map((kind) => labelIn(choices, kind, counted)).join(", ");
          return `${day} ${code}${about ? `: ${about}` : ""}`;
        }),
    )
    .join("\n");
}

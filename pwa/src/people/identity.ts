/** Who this phone is in the mission: told at enrolment, kept in the vault. */
import type { Texts } from "../engine/definition";
import { inOrder, textIn } from "../i18n/texts";

export interface Identity {
  device: { id: string; letter: string };
  /** `names` and `functions` (by person) are by language; a phone set up before there were any has the first alone. */
  team: { code: string; name: string; names?: Texts; regions: string[]; functions?: Record<string, Texts> };
  /** Code of the team this phone was of before it was moved to this one. */
  movedFrom?: string;
  person: { id: string; function: string; functions?: Texts };
  mission: {
    id: string;
    code: string;
    name: Texts;
    type: string;
    zone: string;
    languages: string[];
    from: string;
    to: string;
    election_day: string;
    /** What teams owe, and by when; absent from a mission set up before it could say so. */
    due?: { form: string; teams: string[]; day: string; time: string; zone: string }[];
  };
  /** Six digits a person at headquarters can compare. */
  matchingCode: string;
  /** The enrolment link named the mission's keys, and they fitted. Absent where a code alone set the phone up. */
  keysChecked?: boolean;
}

/** A team as its people know it, "LTO06 · Oral". */
export function teamTitle({ code, name, names }: Identity["team"], language: string): string {
  return `${inOrder(code)} · ${textIn(names, language) || inOrder(name)}`;
}

/** What the person with this phone is in the mission. What the mission said last comes before what it said at enrolment. */
export function functionOf({ person, team }: Identity, language: string): string {
  const functions = team.functions?.[person.id];
  return textIn(functions, language) || textIn(person.functions, language) || inOrder(person.function);
}

/** A matching code as people compare it, "322 500": on every screen and on the command line alike. */
export const shownCode = (digits: string): string => `${digits.slice(0, 3)} ${digits.slice(3)}`.trim();

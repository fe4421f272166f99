/** Who this phone is in the mission: told at enrolment, kept in the vault. */
import type { Texts } from "../engine/definition";

export interface Identity {
  device: { id: string; letter: string };
  team: { code: string; name: string; regions: string[] };
  person: { id: string; function: string };
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
  };
  /** Six digits a person at headquarters can compare. */
  matchingCode: string;
  /** The enrolment link named the mission's keys, and they fitted. Absent where a code alone set the phone up. */
  keysChecked?: boolean;
}

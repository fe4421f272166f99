/** What the page and the worker that keeps the journal say to each other. */
import type { RowChange } from "../schema";
import type { PhoneMark } from "./mark";
import type { Rescue } from "./rescue";

export type JournalRequest = { id: number } & (
  | { what: "append"; changes: readonly RowChange[] }
  | { what: "mirror"; database: string; isAnew: boolean }
  | { what: "free"; bytes: number }
  | { what: "rescue"; database: string; mark: PhoneMark | undefined }
);

export interface JournalAnswer {
  /** How far the journal is; undefined: there is nothing to keep. */
  position?: string | undefined;
  isHeavy?: boolean;
  /** How many bytes of the reserve were given up. */
  freed?: number;
  rescue?: Rescue;
  mark?: PhoneMark | undefined;
  failure?: string;
}

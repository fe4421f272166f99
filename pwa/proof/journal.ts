/** What a person at each phone knows to have done: the proof's own memory, which no fault can take. */

/** A report from the moment its draft was there. */
export interface Begun {
  phone: string;
  submission: string;
  /** What was written in it, by which its content is known again. */
  remarks: string;
}

/** A report whose Finish has said that it is done. */
export interface Finished {
  phone: string;
  submission: string;
  revision: string;
  hash: string;
  attachments: string[];
}

export class Journal {
  readonly begun = new Map<string, Begun>();
  readonly finished: Finished[] = [];
  #reports = 0;

  /** Words for the next report of a phone. */
  nextRemarks(phone: string): string {
    return `${phone}-${++this.#reports}`;
  }
}

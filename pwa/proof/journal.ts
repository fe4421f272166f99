/** What a person at each phone knows to have done: the proof's own memory, which no fault can take. */

/** A report from the moment its draft was there. */
export interface Begun {
  phone: string;
  submission: string;
  /** What was written in it, by which its content is known again. */
  remarks: string;
  /** The phone's storage went before the report was known to be at headquarters: it may be lost. */
  isGone?: true;
}

/** A report whose Finish has said that it is done. */
export interface Finished {
  phone: string;
  submission: string;
  revision: string;
  hash: string;
  attachments: string[];
  isGone?: true;
}

export class Journal {
  readonly begun = new Map<string, Begun>();
  readonly finished: Finished[] = [];
  /** Phones by id whose storage went. */
  readonly goneDevices = new Set<string>();
  /** A phone was refused for a while: what it made may be kept aside. */
  hasRevoked = false;
  /** How often a backup was restored by command: a second time, nothing beside it tells of the first. */
  restores = 0;
  #reports = 0;

  /** The storage of a phone went, with everything on it. */
  lose(phone: string, device: string | undefined): void {
    if (device) this.goneDevices.add(device);
    for (const report of [...this.begun.values(), ...this.finished]) if (report.phone === phone) report.isGone = true;
  }

  /** Words for the next report of a phone. */
  nextRemarks(phone: string): string {
    return `${phone}-${++this.#reports}`;
  }
}

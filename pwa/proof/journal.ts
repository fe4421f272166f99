/** What a person at each phone knows to have done: the proof's own memory, which no fault can take. */

/** A report from the moment its draft was there. */
export interface Begun {
  phone: string;
  submission: string;
  /** What was written in it, by which its content is known again. */
  remarks: string;
  /** The phone's storage went before the report was known to be at headquarters: it may be lost. */
  isGone?: true;
  /** The phone's database went: what lies beside it has no photos. */
  isWithoutPhotos?: true;
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
  /** Phones by name whose database went, and with it every photo on them, those of others too. */
  readonly withoutPhotos = new Set<string>();
  /** A phone was refused for a while: what it made may be kept aside. */
  hasRevoked = false;
  /** Of which teams each phone was, by its name. */
  readonly teams = new Map<string, Set<string>>();
  /** A phone was moved, and the server put back since: it may not know that the phone was ever of the team it signs for. */
  isMoveForgotten = false;
  /** How often a backup was restored by command: a second time, nothing beside it tells of the first. */
  restores = 0;
  #reports = 0;

  /** The storage of a phone went, with everything on it. */
  lose(phone: string, device: string | undefined): void {
    if (device) this.goneDevices.add(device);
    for (const report of [...this.begun.values(), ...this.finished]) if (report.phone === phone) report.isGone = true;
  }

  /** The database of a phone went, or is an older one: its reports and drafts are beside it, its photos are not. */
  loseDatabase(phone: string): void {
    this.withoutPhotos.add(phone);
    for (const report of this.begun.values()) if (report.phone === phone) report.isWithoutPhotos = true;
  }

  /** A phone is of a team from now on. */
  join(phone: string, team: string): void {
    const teams = this.teams.get(phone) ?? new Set();
    this.teams.set(phone, teams.add(team));
  }

  /** Words for the next report of a phone. */
  nextRemarks(phone: string): string {
    return `${phone}-${++this.#reports}`;
  }
}

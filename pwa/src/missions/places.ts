/** The mission's reference list of places, and the ones this team used lately. */
import type { Texts } from "../engine/definition";
import type { RecordVault } from "../vault/vault";

export interface Region {
  code: string;
  name: Texts;
}

export interface District {
  code: string;
  region: string;
  name: Texts;
}
/** The mission's reference list, as `GET /places/{version}` sends it. */
export interface Places {
  version: string;
  regions: Region[];
  districts: District[];
  stations: { columns: string[]; rows: (string | number | null)[][] };
  /** Regions whose stations are not on this phone yet; an empty code: stations of no region. */
  missing?: string[];
}

/** A place of the reference list by its code: how it is called depends on the language of whoever reads. */
export interface PlaceRef {
  kind: "station" | "district" | "region";
  code: string;
}

const remembered = 12;

export class PlaceStore {
  readonly #vault: RecordVault;

  constructor(vault: RecordVault) {
    this.#vault = vault;
  }

  load(): Promise<Places | undefined> {
    return this.#vault.get<Places>("places", "list");
  }

  /** Station numbers, the latest first. */
  async recent(): Promise<string[]> {
    return (await this.#vault.get<string[]>("places", "recent")) ?? [];
  }

  async remember(number: string): Promise<void> {
    const others = (await this.recent()).filter((known) => known !== number);
    await this.#vault.put("places", "recent", [number, ...others].slice(0, remembered));
  }
}

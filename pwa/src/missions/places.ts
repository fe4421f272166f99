/** The mission's reference list of places, and the ones this team used lately. */
import type { Places } from "../app/ports";
import type { RecordVault } from "../vault/vault";

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

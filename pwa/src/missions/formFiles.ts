/** Pictures and recordings that belong to checklists, kept under the vault: what a checklist shows is content of the mission. */
import type { RecordVault } from "../vault/vault";
import { type Bytes, b64u, fromB64u, hex, sha256 } from "../wire/bytes";
import { FieldProblem } from "../wire/problem";

const store = "files";

interface FileRecord {
  type: string;
  /** b64u. */
  bytes: string;
}

export class FormFiles {
  readonly #vault: RecordVault;

  constructor(vault: RecordVault) {
    this.#vault = vault;
  }

  /** An object URL to show; undefined while the file is not on this phone. */
  async url(address: string): Promise<string | undefined> {
    const record = await this.#vault.get<FileRecord>(store, await this.#id(address));
    return record && URL.createObjectURL(new Blob([fromB64u(record.bytes)], { type: record.type }));
  }

  /** Which of these (hex SHA-256) the phone lacks. */
  async missing(addresses: readonly string[]): Promise<string[]> {
    if (addresses.length === 0) return [];
    const held = new Set(await this.#vault.ids(store));
    const ids = await Promise.all(addresses.map((address) => this.#id(address)));
    return addresses.filter((_, at) => !held.has(ids[at] ?? ""));
  }

  /** Rejects with `file-damaged` when the bytes are not those with this hash. */
  async keep(address: string, type: string, bytes: Bytes): Promise<void> {
    if (hex(await sha256(bytes)) !== address) throw new FieldProblem("file-damaged", address);
    const record: FileRecord = { type, bytes: b64u(bytes) };
    await this.#vault.put(store, await this.#id(address), record);
  }

  #id(address: string): Promise<string> {
    return this.#vault.blindId(store, address);
  }
}

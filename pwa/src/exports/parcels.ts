/** The desk takes in a phone's sealed file (protocol.md §8): it passes on what it cannot read, and learns counts. */
import { upload } from "../attachments/tus";
import { api, DeskProblem, ownHeaders, read } from "../desk/api";
import { PUSH_BYTES } from "../engine/functions/limits";
import { type FilePart, ParcelFileWriter, readParcelFile } from "../submissions/parcelFile";
import { FieldProblem } from "../wire/problem";

const mostItems = 50;
/** Under the server's bound by what surrounds the items. */
const mostBytes = PUSH_BYTES - 8 * 1024;

/** What became of a file's reports, in numbers. */
export interface Delivery {
  new: number;
  known: number;
  aside: number;
  /** Kept nowhere yet: the same file has to be taken in again. */
  later: number;
  files: number;
  isWhole: boolean;
  /** For the phones that made them. */
  receipts: Blob;
}

/**
 * Takes a file in. `told` hears how many reports were taken so far. Rejects with a `DeskProblem`, whose slug may be one of
 * `parcels-foreign`, `parcels-newer`, `parcels-other-mission`; taking the same file in again goes on where this stopped.
 */
export async function deliver(mission: string, file: Blob, told: (count: number) => void): Promise<Delivery> {
  const delivering = new Delivering(mission, told);
  try {
    const { isWhole } = await readParcelFile(
      file,
      (of) => {
        if (of !== mission) throw new FieldProblem("parcels-other-mission");
      },
      (part) => delivering.take(part),
    );
    await delivering.flush();
    return delivering.result(isWhole);
  } catch (failure) {
    throw failure instanceof FieldProblem ? new DeskProblem(failure.slug, failure.message) : failure;
  }
}

class Delivering {
  readonly #told: (count: number) => void;
  readonly #receipts: ParcelFileWriter;
  readonly #needed = new Set<string>();
  readonly #counts = { new: 0, known: 0, aside: 0, later: 0, files: 0 };
  #items: string[] = [];
  #bytes = 0;

  constructor(mission: string, told: (count: number) => void) {
    this.#told = told;
    this.#receipts = new ParcelFileWriter(mission);
  }

  async take(part: FilePart): Promise<void> {
    if ("report" in part) {
      const { sealed } = part.report;
      if (this.#items.length === mostItems || this.#bytes + sealed.length > mostBytes) await this.flush();
      this.#items.push(sealed);
      this.#bytes += sealed.length + 3;
    } else if ("file" in part) {
      // Which files are missing is known once every report that stands before them was brought.
      await this.flush();
      if (!this.#needed.delete(part.file.sha256)) return;
      const caller = { credentials: "same-origin", headers: ownHeaders } as const;
      const contact = { server: location.origin, fetch: (...given: Parameters<typeof fetch>) => fetch(...given) };
      this.#receipts.fileReceipt(await upload({ contact, caller }, part.file, () => undefined));
      this.#counts.files++;
    }
  }

  async flush(): Promise<void> {
    const items = this.#items;
    if (items.length === 0) return;
    this.#items = [];
    this.#bytes = 0;
    const { results, receipts } = await read(api.POST("/api/v1/sync/parcels", { body: { items } }));
    for (const { status, needs } of results) {
      for (const name of needs ?? []) this.#needed.add(name);
      if (status === "stored") this.#counts.new++;
      else if (status === "duplicate") this.#counts.known++;
      else if (status === "quarantined") this.#counts.aside++;
      else this.#counts.later++;
    }
    if (receipts) this.#receipts.receipts(receipts);
    this.#told(this.#counts.new + this.#counts.known + this.#counts.aside);
  }

  result(isWhole: boolean): Delivery {
    return { ...this.#counts, isWhole, receipts: this.#receipts.end() };
  }
}

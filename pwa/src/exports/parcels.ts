/** The desk takes in a phone's sealed file (protocol.md §8): it passes on what it cannot read, and learns counts. */
import { type Upload, upload } from "../attachments/tus";
import { api, DeskProblem, ownHeaders, read } from "../desk/api";
import { mostItems, mostSealedBytes, sendHalving } from "../submissions/batches";
import { type FilePart, ParcelFileWriter, readParcelFile } from "../submissions/parcelFile";
import { FieldProblem } from "../wire/problem";

/** One report among them may be what the server cannot take. */
const batchProblems = new Set(["too-large", "bad-request", "bad-json", "failed"]);
/** Whatever else is sent now would fare the same. */
const endings = new Set(["no-contact", "not-the-server", "signed-out", "not-found"]);

/** What became of a file's reports, in numbers. */
export interface Delivery {
  new: number;
  known: number;
  aside: number;
  /** Reports and files that are kept nowhere yet: the same file has to be taken in again. */
  later: number;
  files: number;
  isWhole: boolean;
  /** For the phones that made them. */
  receipts: Blob;
  /** The slug of what ended it early; everything after it is counted as `later`. */
  problem?: string;
}

/**
 * Takes a file in. `told` hears how many reports were taken so far. Rejects with a `DeskProblem` what is no file for here:
 * `parcels-foreign`, `parcels-newer`, `parcels-other-mission`. Whatever else goes wrong, what was receipted until then is
 * given, and what the server did not take holds up nothing else; taking the same file in again goes on where this stopped.
 */
export async function deliver(mission: string, file: Blob, told: (count: number) => void): Promise<Delivery> {
  const delivery = new FileDelivery(mission, told);
  try {
    const { isWhole } = await readParcelFile(
      file,
      (of) => {
        if (of !== mission) throw new FieldProblem("parcels-other-mission");
      },
      (part) => delivery.take(part),
    );
    await delivery.flush();
    return delivery.result(isWhole);
  } catch (failure) {
    throw failure instanceof FieldProblem ? new DeskProblem(failure.slug, failure.message) : failure;
  }
}

/** One file on its way to the server. */
class FileDelivery {
  readonly #told: (count: number) => void;
  readonly #receipts: ParcelFileWriter;
  readonly #needed = new Set<string>();
  readonly #counts = { new: 0, known: 0, aside: 0, later: 0, files: 0 };
  #items: string[] = [];
  #bytes = 0;
  #problem: string | undefined;

  constructor(mission: string, told: (count: number) => void) {
    this.#told = told;
    this.#receipts = new ParcelFileWriter(mission);
  }

  async take(part: FilePart): Promise<void> {
    if ("report" in part) {
      const { sealed } = part.report;
      if (this.#items.length === mostItems || this.#bytes + sealed.length > mostSealedBytes) await this.flush();
      this.#items.push(sealed);
      this.#bytes += sealed.length + 3;
    } else if ("file" in part) {
      // Which files are missing is known once every report that stands before them was brought.
      await this.flush();
      if (this.#needed.delete(part.file.sha256)) await this.#attempt(1, () => this.#upload(part.file));
    }
  }

  async flush(): Promise<void> {
    const batch = this.#items;
    this.#items = [];
    this.#bytes = 0;
    if (batch.length > 0) {
      await sendHalving(batch, async (items) => {
        const otherwise = items.length > 1 ? batchProblems : undefined;
        return (await this.#attempt(items.length, () => this.#bring(items), otherwise)) ? "done" : "halve";
      });
    }
    this.#told(this.#counts.new + this.#counts.known + this.#counts.aside);
  }

  result(isWhole: boolean): Delivery {
    const problem = this.#problem === undefined ? {} : { problem: this.#problem };
    return { ...this.#counts, isWhole, receipts: this.#receipts.end(), ...problem };
  }

  /** Counts what could not be sent as `later`. False, and nothing counted, for a problem that is to be tried `otherwise`. */
  async #attempt(count: number, work: () => Promise<void>, otherwise?: ReadonlySet<string>): Promise<boolean> {
    if (this.#problem === undefined) {
      try {
        await work();
        return true;
      } catch (failure) {
        const slug = slugOf(failure);
        if (slug === undefined) throw failure;
        if (otherwise?.has(slug)) return false;
        if (endings.has(slug)) this.#problem = slug;
      }
    }
    this.#counts.later += count;
    return true;
  }

  async #bring(items: readonly string[]): Promise<void> {
    const { results, receipts } = await read(api.POST("/api/v1/sync/parcels", { body: { items: [...items] } }));
    for (const { status, needs } of results) {
      for (const name of needs ?? []) this.#needed.add(name);
      if (status === "stored") this.#counts.new++;
      else if (status === "duplicate") this.#counts.known++;
      else if (status === "quarantined") this.#counts.aside++;
      else this.#counts.later++;
    }
    if (receipts) this.#receipts.receipts(receipts);
  }

  async #upload(file: Upload): Promise<void> {
    const caller = { credentials: "same-origin", headers: ownHeaders } as const;
    const contact = { server: location.origin, fetch: (...given: Parameters<typeof fetch>) => fetch(...given) };
    this.#receipts.fileReceipt(await upload({ contact, caller }, file, () => undefined));
    this.#counts.files++;
  }
}

/** Undefined for what no server said. Whoever has no session any more is a phone to `upload`. */
function slugOf(failure: unknown): string | undefined {
  if (failure instanceof FieldProblem) return failure.slug === "device-revoked" ? "signed-out" : failure.slug;
  return failure instanceof DeskProblem ? failure.slug : undefined;
}

/** A phone of a schedule: the app's own parts over a database of its own, killed and started again. */
import { Attachments } from "../src/attachments/attachments";
import { ChecklistStore } from "../src/missions/checklists";
import { PlaceStore } from "../src/missions/places";
import { enrol, enrolmentOf } from "../src/people/enrolment";
import type { Identity } from "../src/people/identity";
import { Drafts } from "../src/submissions/drafts";
import { Outbox } from "../src/submissions/outbox";
import { learnKeys } from "../src/sync/learnKeys";
import { pushOutbox, uploadFile } from "../src/sync/push";
import { release } from "../src/sync/release";
import { Rounds } from "../src/sync/rounds";
import { askFolder, MemoryFolder, memoryPlaces } from "../src/testing/journal";
import { type Database, openDatabase } from "../src/vault/database";
import { openRecords } from "../src/vault/journal/openRecords";
import { PageJournal } from "../src/vault/journal/pageJournal";
import { clearStores, type StoreName, sealedStores } from "../src/vault/schema";
import type { RecordVault } from "../src/vault/vault";
import { FieldProblem, slugOf } from "../src/wire/problem";
import { Life } from "./life";
import type { Network } from "./network";
import { clock } from "./world";

const cheap = { memoryKiB: 8, iterations: 1 };
const passphrase = "feather grass 2021";
/** The address its phones are enrolled at. */
export const server = "https://hq.test";
const stores: StoreName[] = [...sealedStores, ...clearStores];

/** Everything in a phone's database. */
export type Rows = Map<StoreName, [key: IDBValidKey, value: unknown][]>;
/** Everything a phone has on its disk: the database, and beside it the journal's files and the marks. */
export interface Disk {
  rows: Rows;
  files: [name: string, bytes: MemoryFolder["file"]][];
  marks: Record<"stored" | "cached", [string, string][]>;
}

/** The app's parts in one life. */
interface Parts {
  vault: RecordVault;
  database: Database;
  attachments: Attachments;
  drafts: Drafts;
  outbox: Outbox;
  /** What a second window would finish with. */
  otherOutbox: Outbox;
  rounds: Rounds;
  journal: PageJournal;
}

export class ProofPhone {
  life = new Life();
  /** By how much its clock runs ahead, in ms. */
  ahead = 0;
  /** Of an enrolment that has not succeeded yet. */
  code: string | undefined;
  /** The server does not know it. */
  isCodeLost = false;
  /** Whose phone it is, once headquarters has to be asked for another code. */
  person: string | undefined;
  /** What went wrong in a way that no promise allows. */
  readonly faults: string[] = [];
  readonly #network: Pick<Network, "fetchOf">;
  readonly #say: (line: string) => void;
  readonly #folder = new MemoryFolder();
  readonly #places = memoryPlaces();
  #disk: Database;
  #parts: Parts | undefined;
  /** How often its database went. */
  #losses = 0;

  constructor(
    readonly name: string,
    public team: string,
    network: Pick<Network, "fetchOf">,
    say: (line: string) => void,
  ) {
    this.#network = network;
    this.#say = say;
    this.#disk = openDatabase(name);
  }

  get isDead(): boolean {
    return this.life.isDead;
  }

  get parts(): Parts {
    if (!this.#parts) throw new Error(`${this.name} has not been started`);
    return this.#parts;
  }

  /** Looks at the disk, as nobody on the phone does. */
  get disk(): Database {
    return this.#disk;
  }

  /** Starts the app, after the process was killed or for the first time, and unlocks it. */
  async start(): Promise<void> {
    const name = this.#losses === 0 ? this.name : `${this.name} ${this.#losses}`;
    this.#disk.close();
    this.#disk = openDatabase(name);
    clock.ahead = this.ahead;
    const life = new Life();
    this.life = life;
    const ask = life.mortalAsk(askFolder(this.#folder, name));
    const journal = new PageJournal({ database: name, ask, inTurn: takingTurns(), ...this.#places });
    const database = life.mortal(openDatabase(name, life.mortalAhead(journal)));
    const { storage } = this.#places;
    const endWipe = async () => void this.faults.push("a wipe was begun that nobody asked for");
    const [vault, lost] = await openRecords(database, { journal, storage, cost: cheap, endWipe });
    if (lost) this.#say(`${this.name} makes its database anew: ${lost.rebuilt} reports, ${lost.drafts} drafts`);
    if (vault.state === "absent") await vault.create(passphrase);
    else if (!(await vault.unlock(passphrase))) this.faults.push("the passphrase does not open the vault");
    const checklists = new ChecklistStore(vault);
    const attachments = new Attachments(vault, database, async (file) => file);
    const finishing = { vault, database, checklists, attachments, places: new PlaceStore(vault) };
    const outbox = new Outbox(finishing);
    const fetch = this.#network.fetchOf(this.name, life, () => this.ahead);
    this.#parts = {
      vault,
      database,
      attachments,
      drafts: new Drafts(vault, database, checklists),
      outbox,
      otherOutbox: new Outbox(finishing),
      journal,
      rounds: new Rounds({
        vault,
        database,
        outbox,
        fetch,
        release: () =>
          release(
            database,
            (transport, fact, isParcel) =>
              uploadFile({ database, fetch }, transport, isParcel ? "parcels" : "outbox", fact),
            vault,
          ),
        learn: (lists) => learnKeys(database, vault, lists),
      }),
    };
  }

  /** Its storage goes, and the app with it: what starts next is a new phone, which waits for a code. */
  async loseStorage(): Promise<void> {
    this.kill();
    this.#losses++;
    for (const kept of [this.#folder.files, this.#places.stored, this.#places.cached]) kept.clear();
    this.code = "";
    this.isCodeLost = true;
    await this.start();
  }

  /** Its database goes, or is again what it was when `rows` were read; what lies beside it stays. */
  async loseDatabase(rows: Rows | undefined): Promise<void> {
    this.kill();
    this.#losses++;
    if (rows) {
      this.#disk.close();
      this.#disk = openDatabase(`${this.name} ${this.#losses}`);
      await this.writeRows(rows);
    }
    await this.start();
  }

  /** Who it is by headquarters' word; undefined before it is enrolled. */
  async identity(): Promise<Identity | undefined> {
    return this.parts.vault.state === "open" ? (await enrolmentOf(this.parts.vault))?.identity : undefined;
  }

  /** Its device's id, also while the app does not run. */
  async deviceOnDisk(): Promise<string | undefined> {
    return (await this.#disk.read(["transport"], (t) => t.objectStore("transport").get("this")))?.device;
  }

  /** The process is gone, whatever it was doing. */
  kill(): void {
    this.life.isDead = true;
  }

  /** Begins something and does not wait for it. What it rejects with is a fault unless its slug is `expected`. */
  begin(what: string, work: (parts: Parts) => Promise<unknown>, expected: readonly string[] = []): void {
    const { life } = this;
    life.running++;
    clock.ahead = this.ahead;
    const end = (how: string) => {
      life.running--;
      if (!life.isDead) this.#say(`${this.name} ${what}: ${how}`);
    };
    work(this.parts).then(
      () => end("done"),
      (failure: unknown) => {
        const slug = failure instanceof FieldProblem ? failure.slug : String(failure);
        if (!expected.includes(slug)) this.faults.push(`${what}: ${slug} ${(failure as Error).stack}`);
        end(slug);
      },
    );
  }

  round(): void {
    this.begin("round", async ({ rounds, journal }) => {
      await rounds.run();
      void journal.mirror();
      if (rounds.status.problem === "unexpected") throw new Error("a round failed in a way nobody foresaw");
    });
  }

  /** What the service worker does, beside the window. */
  push(): void {
    const { database } = this.parts;
    const fetch = this.#network.fetchOf(this.name, this.life, () => this.ahead);
    this.begin("worker's push", () => pushOutbox({ database, fetch }, false));
  }

  enrol(code: string): void {
    const fetch = this.#network.fetchOf(this.name, this.life, () => this.ahead);
    // A code that was made after the copy which was put back is lost with what it was made in.
    const expected = ["no-contact", "not-the-server", "try-later", "code-unknown"];
    this.begin(
      "enrolment",
      async ({ vault, database, rounds, journal }) => {
        await enrol(vault, database, { server, fetch }, code).catch((failure: unknown) => {
          this.isCodeLost = slugOf(failure) === "code-unknown";
          throw failure;
        });
        this.code = undefined;
        void journal.mirror();
        await rounds.run();
        void journal.mirror();
      },
      expected,
    );
  }

  async readDisk(): Promise<Disk> {
    const { stored, cached } = this.#places;
    const marks = { stored: [...stored], cached: [...cached] };
    return { rows: await this.readRows(), files: [...this.#folder.files], marks };
  }

  async writeDisk({ rows, files, marks }: Disk): Promise<void> {
    for (const [name, bytes] of files) this.#folder.files.set(name, bytes);
    for (const where of ["stored", "cached"] as const)
      for (const [name, text] of marks[where]) this.#places[where].set(name, text);
    await this.writeRows(rows);
  }

  async readRows(): Promise<Rows> {
    const read = (store: StoreName) =>
      this.#disk.read([store], async (t) => {
        const [keys, values] = await Promise.all([t.objectStore(store).getAllKeys(), t.objectStore(store).getAll()]);
        return keys.map((key, at): [IDBValidKey, unknown] => [key, values[at]]);
      });
    return new Map(await Promise.all(stores.map(async (store) => [store, await read(store)] as const)));
  }

  async writeRows(rows: Rows): Promise<void> {
    await this.#disk.write(stores, async (t) => {
      for (const [store, entries] of rows)
        for (const [key, value] of entries) await t.objectStore(store).put(value as never, key as never);
    });
  }
}

/** As a browser's locks are for one app's life: whoever comes waits for those before. */
function takingTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

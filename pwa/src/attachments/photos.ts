/**
 * Photos on the phone. The bytes are encrypted once, in the form they travel in, and lie in a clear store by their hash;
 * the key lies in the vault. So finishing a report moves no bytes, and a locked phone can send what it cannot see.
 */
import type { Answers } from "../checklists/answers";
import type { Definition } from "../checklists/definition";
import type { Photo } from "../field/ports";
import type { RevisionAttachment } from "../submissions/revision";
import type { Database } from "../vault/database";
import type { RecordVault } from "../vault/vault";
import { exactBuffer, hex, sha256 } from "../wire/bytes";
import { FieldProblem } from "../wire/problem";
import { openAttachment, sealAttachment } from "./sealing";

/** What the vault knows about one photo of one submission. */
interface PhotoRecord {
  submission: string;
  plain: Photo;
  sealed: { sha256: string; size: number; key: string };
}

export class Photos {
  readonly #vault: RecordVault;
  readonly #database: Database;
  readonly #downscale: (file: Blob) => Promise<Blob>;

  constructor(vault: RecordVault, database: Database, downscale: (file: Blob) => Promise<Blob>) {
    this.#vault = vault;
    this.#database = database;
    this.#downscale = downscale;
  }

  async add(submission: string, file: Blob): Promise<Photo> {
    const small = await this.#downscale(file);
    const plain = new Uint8Array(await small.arrayBuffer());
    const photo: Photo = { sha256: hex(await sha256(plain)), size: plain.length, type: small.type };
    const id = await this.#id(submission, photo.sha256);
    if (await this.#vault.get<PhotoRecord>("photos", id)) return photo;
    const { bytes, sha256: address, key } = await sealAttachment(plain);
    const record: PhotoRecord = { submission, plain: photo, sealed: { sha256: address, size: bytes.length, key } };
    const row = await this.#vault.seal("photos", id, record);
    await this.#database.write(["photos", "attachments"], (transaction) =>
      Promise.all([
        transaction.objectStore("photos").put(row.bytes, id),
        transaction.objectStore("attachments").put(exactBuffer(bytes), address),
      ]),
    );
    return photo;
  }

  async url(plainSha256: string): Promise<string | undefined> {
    const found = (await this.#records()).find(({ value }) => value.plain.sha256 === plainSha256)?.value;
    if (!found) return undefined;
    const { sha256: address, key } = found.sealed;
    const bytes = await this.#database.read(["attachments"], (t) => t.objectStore("attachments").get(address));
    if (!bytes) return undefined;
    const plain = await openAttachment(new Uint8Array(bytes), key);
    return URL.createObjectURL(new Blob([plain], { type: found.plain.type }));
  }

  async remove(submission: string, plainSha256: string): Promise<void> {
    const id = await this.#id(submission, plainSha256);
    const record = await this.#vault.get<PhotoRecord>("photos", id);
    if (record) await this.#forget([{ id, value: record }]);
  }

  /** Removes the submission's photos but those with these hashes: of a draft thrown away, or those no longer answers. */
  async retain(submission: string, plainSha256: readonly string[]): Promise<void> {
    const ofSubmission = (await this.#records()).filter(({ value }) => value.submission === submission);
    await this.#forget(ofSubmission.filter(({ value }) => !plainSha256.includes(value.plain.sha256)));
  }

  /** The attachments the answers name, by path. Rejects with `photo-missing` when the phone does not hold one of them. */
  async attachmentsOf(submission: string, definition: Definition, answers: Answers): Promise<RevisionAttachment[]> {
    const named = photoPaths(definition, answers);
    return Promise.all(
      named.map(async ({ path, plain }) => {
        const record = await this.#vault.get<PhotoRecord>("photos", await this.#id(submission, plain));
        if (!record) throw new FieldProblem("photo-missing", path);
        const { sha256: address, size, key } = record.sealed;
        return { path, sha256: address, size, type: record.plain.type, key, plain_sha256: plain };
      }),
    );
  }

  #id(submission: string, plainSha256: string): Promise<string> {
    return this.#vault.blindId("photos", `${submission}/${plainSha256}`);
  }

  #records() {
    return this.#vault.all<PhotoRecord>("photos");
  }

  async #forget(records: { id: string; value: PhotoRecord }[]): Promise<void> {
    if (records.length === 0) return;
    await this.#database.write(["photos", "attachments", "outbox"], async (transaction) => {
      // Asked at the wrong moment, after Finish, this must not take bytes that headquarters still waits for.
      const waiting = (await transaction.objectStore("outbox").getAll()).flatMap(({ attachments }) => attachments);
      const needed = new Set(waiting.map(({ sha256: address }) => address));
      for (const { id, value } of records) {
        if (needed.has(value.sealed.sha256)) continue;
        await transaction.objectStore("photos").delete(id);
        await transaction.objectStore("attachments").delete(value.sealed.sha256);
      }
    });
  }
}

/** Where the answers hold photos: `path → hash`, repeat rows included, in the order of their paths. */
function photoPaths(definition: Definition, answers: Answers): { path: string; plain: string }[] {
  const questions = definition.sections
    .flatMap((section) => section.nodes)
    .flatMap((node) => ("questions" in node ? node.questions : [node]));
  const photos = new Set(questions.filter(({ type }) => type === "photo").map(({ id }) => id));
  return Object.entries(answers)
    .flatMap(([path, value]) => {
      const isPhoto = photos.has(path.slice(path.lastIndexOf("/") + 1));
      return isPhoto && typeof value === "string" && value !== "" ? [{ path, plain: value }] : [];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

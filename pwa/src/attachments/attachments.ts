/**
 * Photos, recordings and files on the phone. The bytes are encrypted once, in the form they travel in, and lie in a clear store by their hash;
 * the key lies in the vault. So finishing a report moves no bytes, and a locked phone can send what it cannot see.
 */

import type { Patch } from "../engine/answers";
import type { Definition } from "../engine/definition";
import type { Database } from "../vault/database";
import type { RecordVault } from "../vault/vault";
import { exactBuffer, hex, sha256 } from "../wire/bytes";
import { FieldProblem } from "../wire/problem";
import { neededBytes } from "./orphans";
import { largestPlain, openAttachment, sealAttachment } from "./sealing";

/** A photo, drawing, recording or file of a report. */
export interface Attachment {
  /** Hex SHA-256 of the bytes as they are kept; this is the answer. */
  sha256: string;
  size: number;
  type: string;
  /** What it was called on this phone, and how long a recording made here is; both stay here. */
  name?: string;
  seconds?: number;
}

/**
 * How a file is kept: a picture is drawn anew, smaller (pixels of its longest side) and without what the camera wrote
 * into it; everything else stays byte for byte.
 */
export type Keeping = { as: "picture"; longestSide?: number } | { as: "it-is"; name?: string; seconds?: number };

/** An attachment as the sealed revision names it (protocol.md §3). */
export interface RevisionAttachment {
  path: string;
  /** Hex, of the encrypted bytes. */
  sha256: string;
  size: number;
  type: string;
  /** b64u, 32 bytes. */
  key: string;
  plain_sha256: string;
}

/** The store is called after the first kind there was. */
const store = "photos";

/** What the vault knows about one attachment of one submission. */
export interface AttachmentRecord {
  submission: string;
  plain: Attachment;
  sealed: { sha256: string; size: number; key: string };
}

/** The id under which the vault keeps what it knows about an attachment of a submission. */
export function attachmentRecordId(vault: RecordVault, submission: string, plainSha256: string): Promise<string> {
  return vault.blindId(store, `${submission}/${plainSha256}`);
}

type Downscale = (file: Blob, longestSide?: number) => Promise<Blob>;

export class Attachments {
  readonly #vault: RecordVault;
  readonly #database: Database;
  readonly #downscale: Downscale;

  constructor(vault: RecordVault, database: Database, downscale: Downscale) {
    this.#vault = vault;
    this.#database = database;
    this.#downscale = downscale;
  }

  /** Keeps it encrypted. Rejects with `not-an-image` (a picture no browser can read), `empty-file`, or `too-large`; then nothing is kept. */
  async add(submission: string, file: Blob, keeping: Keeping): Promise<Attachment> {
    const kept = keeping.as === "picture" ? await this.#downscale(file, keeping.longestSide) : file;
    if (kept.size === 0) throw new FieldProblem("empty-file");
    // Asked before the bytes are read: a film of an hour would not fit into the memory of a small phone.
    if (kept.size > largestPlain) throw new FieldProblem("too-large", String(kept.size));
    const plain = new Uint8Array(await kept.arrayBuffer());
    const attachment: Attachment = {
      sha256: hex(await sha256(plain)),
      size: plain.length,
      type: mediaType(kept.type),
      ...(keeping.as === "it-is" && keeping.name ? { name: keeping.name } : {}),
      ...(keeping.as === "it-is" && keeping.seconds ? { seconds: keeping.seconds } : {}),
    };
    const id = await this.#id(submission, attachment.sha256);
    // A record whose bytes are gone is made anew: this is how a lost photo is mended.
    if (await this.#held(submission, attachment.sha256)) return attachment;
    const { bytes, sha256: address, key } = await sealAttachment(plain);
    const record: AttachmentRecord = {
      submission,
      plain: attachment,
      sealed: { sha256: address, size: bytes.length, key },
    };
    const row = await this.#vault.seal(store, id, record);
    await this.#database.write([store, "attachments"], (transaction) =>
      Promise.all([
        transaction.objectStore(store).put(row.bytes, id),
        transaction.objectStore("attachments").put(exactBuffer(bytes), address),
      ]),
    );
    return attachment;
  }

  /** What is known of an attachment; undefined when the phone does not hold it, as after a receipt where copies are removed. */
  async facts(plainSha256: string): Promise<Attachment | undefined> {
    return (await this.#record(plainSha256))?.plain;
  }

  /** An object URL to show; revoke it after use. */
  async url(plainSha256: string): Promise<string | undefined> {
    const found = await this.#record(plainSha256);
    if (!found) return undefined;
    const { sha256: address, key } = found.sealed;
    const bytes = await this.#database.read(["attachments"], (t) => t.objectStore("attachments").get(address));
    if (!bytes) return undefined;
    const plain = await openAttachment(new Uint8Array(bytes), key);
    return URL.createObjectURL(new Blob([plain], { type: found.plain.type }));
  }

  async remove(submission: string, plainSha256: string): Promise<void> {
    const id = await this.#id(submission, plainSha256);
    const record = await this.#vault.get<AttachmentRecord>(store, id);
    if (record) await this.#forget([{ id, value: record }]);
  }

  /** Removes the submission's attachments but those with these hashes: of a draft thrown away, or those no longer answers. */
  async retain(submission: string, plainSha256: readonly unknown[]): Promise<void> {
    const ofSubmission = (await this.#records()).filter(({ value }) => value.submission === submission);
    await this.#forget(ofSubmission.filter(({ value }) => !plainSha256.includes(value.plain.sha256)));
  }

  /** Which of these the phone does not hold, or not whole, for this submission. */
  async missing(submission: string, plainSha256: readonly string[]): Promise<string[]> {
    const records = await Promise.all(plainSha256.map((plain) => this.#held(submission, plain)));
    return plainSha256.filter((_, at) => records[at] === undefined);
  }

  /** Bytes of those of these attachments that the phone holds; what is stored once counts once. */
  async weight(submission: string, plainSha256: readonly string[]): Promise<number> {
    const records = await Promise.all([...new Set(plainSha256)].map((plain) => this.#held(submission, plain)));
    return records.reduce((sum, record) => sum + (record?.plain.size ?? 0), 0);
  }

  /** The attachments the answers name, by path. Rejects with `photo-missing` when the phone does not hold one of them. */
  async attachmentsOf(submission: string, definition: Definition, answers: Patch): Promise<RevisionAttachment[]> {
    const named = attachmentPaths(definition, answers);
    return Promise.all(
      named.map(async ({ path, plain }) => {
        const record = await this.#held(submission, plain);
        if (!record) throw new FieldProblem("photo-missing", path);
        const { sha256: address, size, key } = record.sealed;
        return { path, sha256: address, size, type: record.plain.type, key, plain_sha256: plain };
      }),
    );
  }

  /** The record of an attachment whose bytes are there too. */
  async #held(submission: string, plainSha256: string): Promise<AttachmentRecord | undefined> {
    const record = await this.#vault.get<AttachmentRecord>(store, await this.#id(submission, plainSha256));
    if (!record) return undefined;
    const { sha256: address } = record.sealed;
    const key = await this.#database.read(["attachments"], (t) => t.objectStore("attachments").getKey(address));
    return key === undefined ? undefined : record;
  }

  #id(submission: string, plainSha256: string): Promise<string> {
    return attachmentRecordId(this.#vault, submission, plainSha256);
  }

  #records() {
    return this.#vault.all<AttachmentRecord>(store);
  }

  async #record(plainSha256: string): Promise<AttachmentRecord | undefined> {
    return (await this.#records()).find(({ value }) => value.plain.sha256 === plainSha256)?.value;
  }

  async #forget(records: { id: string; value: AttachmentRecord }[]): Promise<void> {
    if (records.length === 0) return;
    await this.#database.write([store, "attachments", "outbox", "received", "retained"], async (transaction) => {
      // Asked at the wrong moment, after Finish, this must not take bytes that headquarters waits for or may still lose.
      const needed = await neededBytes(transaction, "outbox");
      for (const { id, value } of records) {
        if (needed.has(value.sealed.sha256)) continue;
        await transaction.objectStore(store).delete(id);
        await transaction.objectStore("attachments").delete(value.sealed.sha256);
      }
    });
  }
}

const kinds: ReadonlySet<string> = new Set(["photo", "audio", "video", "file"]);

/** Without parameters such as the codec: the protocol carries the bare type, and unknown ones as bytes. */
function mediaType(type: string): string {
  const bare = type.split(";")[0]?.trim().toLowerCase() ?? "";
  return /^[\w+./-]{3,100}$/.test(bare) ? bare : "application/octet-stream";
}

/** Where the answers hold attachments: `path → hash`, repeat rows included, in the order of their paths. */
function attachmentPaths(definition: Definition, answers: Patch): { path: string; plain: string }[] {
  const questions = definition.sections
    .flatMap((section) => section.nodes)
    .flatMap((node) => ("questions" in node ? node.questions : [node]));
  const attached = new Set(questions.filter(({ type }) => kinds.has(type)).map(({ id }) => id));
  return Object.entries(answers)
    .flatMap(([path, value]) => {
      const isAttached = attached.has(path.slice(path.lastIndexOf("/") + 1));
      return isAttached && typeof value === "string" && value !== "" ? [{ path, plain: value }] : [];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What people do with their phones in a schedule. Each begins and does not wait: the network has to bring it on. */
import type { Draft } from "../src/submissions/draft";
import { receiptsFile, sealedCopies } from "../src/submissions/parcels";
import { takeFile } from "../src/sync/takeFile";
import type { Draws, Place } from "./draws";
import type { Journal } from "./journal";
import type { ProofPhone } from "./phone";

type Answers = Draft["answers"];

/** Bytes of photos: less than a piece of the upload (build.js), one piece and one byte, several. */
const sizes = [0, 0, 0, 0, 300, 4 * 1024 - 27, 9_000] as const;

/** Writes a report and finishes it; in some cases Finish is tapped twice, in two windows at once, or with another beside it. */
export function writeReport(phone: ProofPhone, journal: Journal, checklist: string, draws: Draws): void {
  const size = draws.pick(sizes);
  const taps = draws.pick(["once", "once", "once", "twice", "in two windows", "beside another"]);
  const remarks = journal.nextRemarks(phone.name);
  const other = taps === "beside another" ? journal.nextRemarks(phone.name) : undefined;
  const what = `report ${remarks}${size ? ` with ${size} bytes` : ""}${taps === "once" ? "" : `, finished ${taps}`}`;
  const work = async () => {
    const draft = await fill(phone, journal, checklist, remarks, size);
    if (other === undefined) return finish(phone, journal, draft, taps);
    const beside = await fill(phone, journal, checklist, other, 0);
    const { outbox, otherOutbox } = phone.parts;
    const ended = await Promise.all([
      outbox.finish(draft, draft.answers, undefined),
      otherOutbox.finish(beside, beside.answers, undefined),
    ]);
    for (const { revision } of ended) await note(phone, journal, revision);
  };
  // A phone that has just enrolled may still be without it.
  phone.begin(what, work, ["checklist-missing"]);
}

async function fill(
  { parts: { drafts, attachments }, name }: ProofPhone,
  journal: Journal,
  checklist: string,
  remarks: string,
  size: number,
): Promise<Draft> {
  const draft = await drafts.start(checklist);
  journal.begun.set(draft.submission, { phone: name, submission: draft.submission, remarks });
  const picture = new Blob([bytes(size, remarks)], { type: "image/jpeg" });
  const photo = size ? await attachments.add(draft.submission, picture, { as: "picture" }) : undefined;
  const answers = { station: "101", remarks, ...(photo ? { photo: photo.sha256 } : {}) };
  // As somebody types: the next save begins before the last one is there.
  const saves = [drafts.save({ ...draft, answers: { station: "101" } }), drafts.save({ ...draft, answers })] as const;
  const [, saved] = await Promise.all(saves);
  return (await drafts.get(draft.submission)) ?? saved;
}

async function finish(phone: ProofPhone, journal: Journal, draft: Draft, taps: string): Promise<void> {
  const { outbox, otherOutbox } = phone.parts;
  const first = outbox.finish(draft, draft.answers, undefined);
  const second =
    taps === "once" ? [] : [(taps === "twice" ? outbox : otherOutbox).finish(draft, draft.answers, undefined)];
  const ended = await Promise.allSettled([first, ...second]);
  const done = ended.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  if (done.length === 0) throw (ended[0] as PromiseRejectedResult).reason;
  for (const { revision } of done) await note(phone, journal, revision);
}

/** Reads what Finish has left, as long as nothing has been sent. */
async function note(phone: ProofPhone, journal: Journal, revision: string): Promise<void> {
  const row = await phone.parts.database.read(["outbox"], (t) => t.objectStore("outbox").get(revision));
  if (!row) return;
  const { submission, hash, attachments } = row;
  const files = attachments.map(({ sha256 }) => sha256);
  journal.finished.push({ phone: phone.name, submission, revision, hash, attachments: files });
}

/** Finishes what lies about as drafts: of reports that a killed phone had begun. */
export function finishDrafts(phone: ProofPhone, journal: Journal): void {
  const work = async ({ drafts, attachments }: ProofPhone["parts"]) => {
    for (const draft of await drafts.list()) {
      const { photo, ...rest } = draft.answers;
      const remarks = rest.remarks ?? journal.begun.get(draft.submission)?.remarks;
      const isThere = photo && (await attachments.missing(draft.submission, [String(photo)])).length === 0;
      const isPhotoDue = isThere || !journal.withoutPhotos.has(phone.name);
      const answers: Answers = {
        station: "101",
        ...rest,
        ...(remarks ? { remarks } : {}),
        ...(photo && isPhotoDue ? { photo } : {}),
      };
      await finish(phone, journal, await drafts.save({ ...draft, answers }), "once");
    }
  };
  // A database that went right after its phone was set up takes the checklists with it, until they come again.
  phone.begin("finishing its drafts", work, ["checklist-missing"]);
}

/** Carries what waits on one phone to another as a file, which may be cut short on the way. */
export async function carry(from: ProofPhone, to: ProofPhone, draws: Draws): Promise<string> {
  const isBack = draws.chance(40);
  const files = isBack ? [await receiptsFile(from.disk)] : await sealedCopies(from.disk);
  const [file] = files.filter((each) => each !== undefined);
  if (!file) return "nothing to carry";
  const isPoisoned = !isBack && draws.chance(25);
  const handed = isPoisoned ? await poisoned(file, draws) : file;
  const whole: Place = [handed.size, "whole"];
  const [end, where] = draws.chance(30) ? draws.place(handed.size) : whole;
  const what = `${isBack ? "receipts" : "parcels"} of ${from.name}${isPoisoned ? ", one unreadable" : ""}`;
  to.begin(
    `taking ${what}, ${end === handed.size ? "whole" : `cut ${where}`}`,
    ({ database }) => takeFile(database, handed.slice(0, end)),
    ["parcels-foreign", "not-enrolled"],
  );
  return "handed over";
}

/** The file with one more report in it, which nobody can open. */
async function poisoned(file: Blob, draws: Draws): Promise<Blob> {
  const [head, ...rest] = (await file.text()).split("\n");
  const report = { id: crypto.randomUUID(), hash: "none", device_seq: 1 + draws.below(9), attachments: [] };
  const line = JSON.stringify({ report, sealed: `a.b.c.d.${crypto.randomUUID()}` });
  return new Blob([[head, line, ...rest].join("\n")]);
}

function bytes(size: number, seed: string): Uint8Array<ArrayBuffer> {
  const start = [...seed].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7);
  return new Uint8Array(size).map((_, at) => (at * 31 + start + (at >> 8)) & 0xff);
}

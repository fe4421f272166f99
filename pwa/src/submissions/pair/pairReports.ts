/**
 * The team's reports as both of its phones know them: what this one made, and what headquarters told of the partner's, folded
 * by the register. Only with the vault open.
 */
import type { Answer, Answers, Definition } from "../../engine/definition";
import { openFill } from "../../engine/fill";
import { indexOf } from "../../engine/form";
import { contextAt } from "../../engine/functions/dates";
import { type Merged, merge } from "../../engine/register";
import { placeOfAnswers } from "../../missions/place";
import type { PlaceRef } from "../../missions/places";
import { enrolmentOf } from "../../people/enrolment";
import { FieldProblem } from "../../wire/problem";
import { beginCorrection, type Correcting } from "../correcting";
import { type ChangeReason, type Correction, type Draft, newDraft } from "../draft";
import { type Finishing, finishDraft } from "../finish";
import type { OutboxItem } from "../outbox";
import { type HeldRevision, heldRevisions, type ToldReport, toldReports } from "../readable/heldRevisions";
import { asksPerson, type Choices, type Conflict, conflictsOf, resolved } from "./conflicts";

/** A report of the team as a line of a list. */
export interface PairReport {
  submission: string;
  code: string;
  /** The version it was filled on. */
  checklist: string;
  /** As headquarters tells it; absent while it has not heard of it. */
  status?: string;
  receivedAt?: string;
  /** Another phone of the team began it. */
  isPartners: boolean;
  /** Of the phone that began it, and the person with it; absent while what it says is not here. */
  letter?: string;
  author?: string;
  /** When its first revision was finished, ISO UTC. */
  madeAt?: string;
  place?: PlaceRef;
  hasConflict: boolean;
}

/** A report with what it says now. */
export interface FoldedReport extends PairReport {
  definition: Definition;
  /** Those that have one value, and what stands in rows that contradict. */
  answers: Answers;
  /** What a person has to decide. */
  conflicts: readonly Conflict[];
  /** The revisions it ends with. */
  heads: readonly string[];
  /** Every revision of it that counts, by id. */
  revisions: ReadonlyMap<string, HeldRevision>;
}

export interface PairParts extends Finishing {
  outbox: Correcting["outbox"] & { changed(): void };
  /** Guards what writes. */
  writing<A extends unknown[], T>(work: (...given: A) => Promise<T>): (...given: A) => Promise<T>;
  /** Something new waits in the outbox. */
  queued(): Promise<void>;
}

export interface PairReports {
  /** What the partner began, the latest first, and whatever contradicts. */
  list(): Promise<PairReport[]>;
  /** Undefined where this phone cannot read all of it. */
  report(submission: string): Promise<FoldedReport | undefined>;
  /** Opens a report as a draft again; rejects as `beginCorrection` does. */
  correct(submission: string, reason: ChangeReason, reply?: Correction["reply"]): Promise<Draft>;
  /** Finishes a revision made from all heads that says what was chosen. Rejects as `finishDraft` does, or with `report-unreadable`. */
  resolve(submission: string, choices: Choices): Promise<void>;
}

export function pairReports(parts: PairParts): PairReports {
  return {
    list: () => listed(parts),
    report: async (submission) => (await folded(parts, submission))?.report,
    correct: parts.writing(async (submission, reason, reply) => {
      const fold = await folded(parts, submission);
      return beginCorrection(parts, submission, reason, {
        ...(fold ? { start: startOf(fold, fold.report.answers) } : {}),
        ...(reply ? { reply } : {}),
      });
    }),
    resolve: parts.writing(async (submission, choices) => {
      await resolve(parts, submission, choices);
      parts.outbox.changed();
      await parts.queued();
    }),
  };
}

interface Fold {
  report: FoldedReport;
  merged: Merged;
}

/** What a correction is begun from: the answers as they are shown, and every head its author sees. */
function startOf({ report, merged }: Fold, answers: Answers) {
  return {
    checklist: report.checklist,
    definition: report.definition,
    answers,
    correction: {
      base: merged.heads,
      from: report.answers,
      code: report.code,
      madeAt: report.madeAt ?? "",
      ...(report.isPartners ? { isPartners: true as const } : {}),
    },
  };
}

async function listed(parts: PairParts): Promise<PairReport[]> {
  const { vault, outbox } = parts;
  const enrolment = await enrolmentOf(vault);
  if (!enrolment) return [];
  const [told, held, own] = [await toldReports(vault), await heldRevisions(vault), await outbox.list()];
  const team = enrolment.identity.team.code;
  const isOfTeam = (submission: string) => (told.get(submission)?.team ?? team) === team;
  const submissions = [...new Set([...told.keys(), ...held.keys()])].filter(isOfTeam);
  const { device } = enrolment.identity;
  const lines = submissions
    .map((submission) => ({ submission, told: told.get(submission), held: held.get(submission) ?? [] }))
    .filter((line) => isPairs(line, own, device.id));
  const definitions = new Map<string, Promise<Definition | undefined>>();
  const definitionOf = (id: string) => {
    const read = definitions.get(id) ?? definitionOrNone(parts, id);
    definitions.set(id, read);
    return read;
  };
  const reports = await Promise.all(lines.map((line) => lineOf(line, own, device.id, definitionOf)));
  return reports
    .filter((report): report is PairReport => report?.isPartners === true || report?.hasConflict === true)
    .toSorted((one, other) => (other.madeAt ?? "").localeCompare(one.madeAt ?? ""));
}

interface Line {
  submission: string;
  told: ToldReport | undefined;
  held: readonly HeldRevision[];
}

/** Whether another phone had a hand in it: what this one made alone says nothing that its own list does not. */
const isPairs = ({ submission, told, held }: Line, items: readonly OutboxItem[], device: string): boolean =>
  told?.status === "conflict" ||
  held.some((revision) => revision.device !== device) ||
  !items.some((item) => item.submission === submission);

/** Undefined where this phone does not hold the version. */
const definitionOrNone = ({ checklists }: PairParts, id: string): Promise<Definition | undefined> =>
  checklists.definition(id).catch(() => undefined);

/** Undefined for what neither headquarters nor this phone can name. */
async function lineOf(
  { submission, told, held }: Line,
  items: readonly OutboxItem[],
  device: string,
  definitionOf: (id: string) => Promise<Definition | undefined>,
): Promise<PairReport | undefined> {
  const own = items.filter((item) => item.submission === submission);
  const first = held.filter(({ base }) => base.length === 0).toSorted((a, b) => a.madeAt.localeCompare(b.madeAt))[0];
  const code = told?.code ?? own.at(-1)?.code;
  const checklist = told?.checklist_version ?? first?.checklist;
  if (code === undefined || checklist === undefined) return undefined;
  const definition = held.length > 0 ? await definitionOf(checklist) : undefined;
  const merged = definition && mergedOf(definition, held, own);
  const place = definition && first && placeOfAnswers(definition, (merged?.shown ?? first.patch) as Answers);
  return {
    submission,
    code,
    checklist,
    ...(told ? { status: told.status, receivedAt: told.received_at } : {}),
    isPartners: first ? first.device !== device : !own.some(({ change }) => change === undefined),
    ...(first ? { letter: first.letter, author: first.author, madeAt: first.madeAt } : {}),
    ...(place ? { place } : {}),
    // What this phone decided headquarters may not have heard yet.
    hasConflict: merged ? conflictsOf(merged).length > 0 : told?.status === "conflict",
  };
}

/** Without what headquarters kept aside of this phone's, and what was made from that: it is in no report there. */
export function countedOf<Made extends Pick<HeldRevision, "id" | "base">>(
  held: readonly Made[],
  own: readonly Pick<OutboxItem, "revision" | "state">[],
): readonly Made[] {
  const aside = new Set(own.flatMap(({ state, revision }) => (state === "quarantined" ? [revision] : [])));
  if (aside.size === 0) return held;
  for (let before = -1; before !== aside.size; ) {
    before = aside.size;
    for (const { id, base } of held) if (base.some((head) => aside.has(head))) aside.add(id);
  }
  return held.filter(({ id }) => !aside.has(id));
}

/** What a report comes to; undefined while a revision of it, or what one was made from, is not here. */
function mergedOf(
  definition: Definition,
  held: readonly HeldRevision[],
  own: readonly OutboxItem[],
): Merged | undefined {
  const counted = countedOf(held, own);
  const ids = new Set(held.map(({ id }) => id));
  if (counted.length === 0 || own.some(({ revision }) => !ids.has(revision))) return undefined;
  const patches = counted.map(({ id, base, patch, files }) => ({ revision: id, base, answers: patch, files }));
  const merged = merge(patches, new Set(indexOf(definition).repeats.keys()));
  return Object.keys(merged.waiting).length > 0 ? undefined : merged;
}

async function folded(parts: PairParts, submission: string): Promise<Fold | undefined> {
  const { vault, outbox } = parts;
  const enrolment = await enrolmentOf(vault);
  const held = (await heldRevisions(vault, submission)).get(submission) ?? [];
  if (!enrolment || held.length === 0) return undefined;
  const told = (await toldReports(vault)).get(submission);
  const items = await outbox.list();
  const definitionOf = (id: string) => definitionOrNone(parts, id);
  const line = await lineOf({ submission, told, held }, items, enrolment.identity.device.id, definitionOf);
  const definition = line && (await definitionOf(line.checklist));
  const own = items.filter((item) => item.submission === submission);
  const merged = definition && mergedOf(definition, held, own);
  // A head that headquarters told of and that is not here yet.
  if (!merged || told?.heads?.some((head) => !held.some(({ id }) => id === head))) return undefined;
  const conflicts = conflictsOf(merged).filter((conflict) => asksPerson(definition, conflict));
  const revisions = new Map(held.map((revision) => [revision.id, revision]));
  return {
    merged,
    report: { ...line, definition, answers: merged.shown as Answers, conflicts, heads: merged.heads, revisions },
  };
}

async function resolve(parts: PairParts, submission: string, choices: Choices): Promise<void> {
  const fold = await folded(parts, submission);
  const enrolment = await enrolmentOf(parts.vault);
  // Nothing to decide: somebody else did meanwhile, or it was tapped twice.
  if (fold && Object.keys(fold.merged.conflicts).length === 0) return;
  if (!fold || !enrolment) throw new FieldProblem("report-unreadable", submission);
  const { definition, checklist } = fold.report;
  const { answers, decides } = resolved(fold.merged, choices);
  const now = contextAt(Date.now(), enrolment.identity.mission.zone);
  // What follows from the answers is worked out anew; what is not asked any more goes.
  const counted = openFill(definition, answers, now).counted();
  const { correction, ...start } = startOf(fold, answers);
  const draft: Draft = {
    ...newDraft(checklist, definition, { answers: start.answers as Record<string, Answer> }),
    submission,
    correction: { ...correction, reason: "correction", decides },
  };
  await finishDraft(parts, draft, counted, placeOfAnswers(definition, counted), false);
}

/** The desk's way to the server: typed by the server's own description, on the session cookie. */
import createClient from "openapi-fetch";
import type { components, paths } from "../wire/api.generated";

type Schemas = components["schemas"];
export type Regions = Schemas["RegionsOut"];
export type Region = Schemas["RegionOut"];
export type Day = Schemas["DayOut"];
export type Decision = Schemas["DecisionOut"];
export type ReviewWarning = Schemas["WarningOut"];
export type Withdrawal = Schemas["WithdrawalOut"];
export type Summary = Schemas["SummaryOut"];
export type FormSummary = Schemas["FormSummaryOut"];
export type QuestionSummary = Schemas["QuestionSummaryOut"];
export type Narrative = Schemas["NarrativeOut"];
export type Line = Schemas["SubmissionLineOut"];
export type Report = Schemas["SubmissionOut"];
export type ReportAnswer = Schemas["AnswerOut"];
export type Phone = Schemas["PhoneOut"];
export type RevokedPhone = Schemas["RevokedPhoneOut"];
export type ReportPart = Schemas["PartOut"];
export type ReportFlag = Schemas["FlagOut"];
export type ReportAttachment = Schemas["AttachmentOut"];
export type Team = Schemas["TeamOut"];
export type RestoredPeriod = Schemas["RestoredPeriod"];
export type Query = Schemas["QueryOut"];
export type Export = Schemas["ExportedOut"];
export type HeldItem = Schemas["HeldItemOut"];
export type Checklist = Schemas["CountedVersionOut"];
export type ChecklistCheck = Schemas["CheckOut"];
export type CellProblem = Schemas["CellProblemOut"];
export type Comparison = Schemas["ComparisonOut"];
export type Change = Comparison["changes"][number];
export type ChangeDetail = Schemas["DetailOut"];

/** `signed-out`, `not-found`, `no-contact`, `try-later`, or the server's own slug. */
export class DeskProblem extends Error {
  /** `detail`: what the server said about this very case, in English; empty when it said nothing. */
  constructor(
    readonly slug: string,
    readonly detail = "",
  ) {
    super(slug);
    this.name = "DeskProblem";
  }
}

/** Unsafe requests carry this header, which no other site can make a browser send along with the cookie. */
export const ownHeaders = { "X-Steppe": "1" };

export const api = createClient<paths>({ headers: ownHeaders, cache: "no-store" });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of a call. Rejects with a `DeskProblem`. */
export async function read<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (failure) {
    // fetch says TypeError for every kind of no network, SyntaxError comes from a page that is not our server's.
    if (failure instanceof TypeError || failure instanceof SyntaxError) throw new DeskProblem("no-contact");
    throw failure;
  }
  if (answer.data !== undefined) return answer.data;
  throw problemOf(answer.response.status, answer.error);
}

/** What a refusal says, as a slug. */
export function problemOf(status: number, body: unknown): DeskProblem {
  const slug = slugIn(body);
  if (status === 401 && (slug === undefined || slug === "sign-in-needed")) return new DeskProblem("signed-out");
  if (slug) return new DeskProblem(slug, wordIn(body, "detail"));
  if (status === 404) return new DeskProblem("not-found");
  return new DeskProblem(status === 502 || status === 503 || status === 504 ? "no-contact" : "failed");
}

function slugIn(body: unknown): string | undefined {
  return wordIn(body, "type").split(":").at(-1) || undefined;
}

function wordIn(body: unknown, name: "type" | "detail"): string {
  const word = typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof word === "string" ? word : "";
}

/** The slug of whatever was thrown. */
export function slugOf(failure: unknown): string {
  return failure instanceof DeskProblem ? failure.slug : "failed";
}

import { expect, test } from "vitest";
import claims from "../../claims.json";
import { m } from "./paraglide/messages";
import { type ProblemPlace, problemText } from "./problems";

const { places } = claims;
const reachable = Object.entries(places).flatMap(([place, { failures }]) =>
  failures.map((slug): [string, ProblemPlace] => [slug, place as ProblemPlace]),
);
/** Causes nobody has words for: each place says that something went wrong, and what it can promise. */
const wordless = new Set(["unexpected", "setup bad-request", "renew bad-request"]);

test("every failure has words of its own in each place that can tell it", () => {
  for (const [slug, place] of reachable) {
    if (wordless.has(slug) || wordless.has(`${place} ${slug}`)) continue;
    expect(problemText(slug, place), `${slug} at ${place}`).not.toContain(m.problem_unexpected());
  }
});

test("only between phone and headquarters does the phone try again by itself", () => {
  for (const [slug, place] of reachable.filter(([, place]) => place !== "contact")) {
    expect(problemText(slug, place), `${slug} at ${place}`).not.toContain(m.safe_contact());
  }
  expect(problemText("no-contact", "contact")).toContain(m.safe_contact());
  expect(problemText("no-contact", "setup")).toBe(m.enrol_no_contact());
  expect(problemText("try-later", "setup")).toBe(m.enrol_try_later());
});

test("where a draft could not be written, nobody says that nothing is lost", () => {
  const told = problemText("read-only", "save");
  expect(told).toBe(`${m.problem_read_only()} ${m.safe_save()}`);
  expect(problemText("draft-gone", "save")).toBe(m.problem_draft_gone());
});

test("a photo that could not be taken is not called safe because the app is open elsewhere", () => {
  for (const slug of ["read-only", "storage-full"]) {
    expect(problemText(slug, "attach")).toMatch(new RegExp(`${m.safe_attach()}$`));
  }
});

test("a report that could not be finished stays a draft, unless it is one no more", () => {
  for (const slug of places.finish.failures.filter((each) => each !== "draft-gone" && each !== "vault-damaged")) {
    expect(problemText(slug, "finish"), slug).toMatch(new RegExp(`${m.safe_finish()}$`));
  }
  expect(problemText("draft-gone", "finish")).toBe(m.problem_draft_gone());
});

test("headquarters refusing a whole report is not told as a file to choose anew", () => {
  expect(problemText("too-large", "attach")).toContain(m.problem_too_large());
  expect(problemText("too-large", "contact")).toContain(m.problem_refused_whole());
});

test("a finished report whose photo the phone lost is never said to have lost nothing", () => {
  for (const slug of ["attachment-missing", "attachment-damaged"]) {
    expect(problemText(slug, "contact")).toBe(m.problem_attachment_damaged());
  }
});

test("too many tries with a code are told as that, and the phone is not set up", () => {
  expect(problemText("too-many-tries", "setup")).toBe(`${m.problem_too_many_tries()} ${m.safe_setup()}`);
});

test("a recording that could not become an answer waits sealed, one that never could is not kept", () => {
  expect(problemText("storage-full", "record")).toMatch(new RegExp(`${m.safe_record()}$`));
  expect(problemText("too-large", "record")).toMatch(new RegExp(`${m.safe_record()}$`));
  expect(problemText("empty-file", "record")).toMatch(new RegExp(`${m.safe_attach()}$`));
});

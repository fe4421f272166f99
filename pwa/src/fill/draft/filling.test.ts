import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Answers } from "../../engine/answers.ts";
import type { Definition } from "../../engine/definition.ts";
import { TEXT_BYTES } from "../../engine/functions/limits.ts";
import type { Draft } from "../../submissions/draft.ts";
import { beginFilling, morning, visitForm } from "../../testing/filling.ts";
import { text } from "../../testing/forms.ts";
import { Filling } from "./filling.svelte.ts";

beforeEach(() => void vi.useFakeTimers({ now: morning }));
afterEach(() => void vi.useRealTimers());

const begin = (answers: Answers = {}, asked: Definition = visitForm, facts: Partial<Draft> = {}) =>
  beginFilling(asked, answers, facts);

test("a moment written long after the draft was opened is not in the future", () => {
  const { filling } = begin();
  vi.setSystemTime(new Date("2021-01-10T06:30:00Z"));
  filling.answer("began", "2021-01-10T12:30+06:00", "answer");
  expect(filling.review.errors).toEqual([]);
});

test("sections that do not apply are stepped over, and come back with the answer that opens them", () => {
  const { filling } = begin();
  expect(filling.sections.map(({ index }) => index)).toEqual([0, 2]);
  filling.answer("more", "yes", "answer");
  expect(filling.sections.map(({ index }) => index)).toEqual([0, 1, 2]);
});

test("an address of a section that no longer applies shows the one before it", () => {
  const { filling } = begin();
  filling.stand(1);
  expect(filling.section?.section.id).toBe("start");
});

test("what is missing is said only after the section was left", () => {
  const { filling } = begin();
  filling.answer("more", "no", "answer");
  expect(filling.saysMissing).toBe(false);
  filling.stand(2);
  filling.stand(0);
  expect(filling.saysMissing).toBe(true);
});

test("locking saves first what is being typed", async () => {
  const { filling, session, saved } = begin();
  filling.answer("comment", "half a sent", "typing");
  await session.beforeLock?.();
  expect(saved.at(-1)?.answers).toEqual({ comment: "half a sent" });
});

test("a draft says how many of the questions that apply are answered", async () => {
  const { filling, saved } = begin();
  filling.answer("more", "yes", "answer");
  filling.answer("comment", "Calm.", "typing");
  await filling.flush();
  expect(saved.at(-1)?.progress).toEqual({ answered: 2, total: 4 });
});

test("what is typed is drawn elsewhere once the keys rest, an answer at once; the value is there with the key", async () => {
  const { filling, saved } = begin();
  const drawn = vi.spyOn(filling, "catchUp");
  const type = (words: string) => filling.answer("comment", words, "typing");
  type("C");
  vi.advanceTimersByTime(200);
  type("Ca");
  vi.advanceTimersByTime(200);
  expect([drawn.mock.calls.length, filling.view("comment")?.value]).toEqual([0, "Ca"]);
  vi.advanceTimersByTime(50);
  expect(drawn).toHaveBeenCalledTimes(1);
  type("Calm");
  filling.answer("more", "no", "answer");
  expect(drawn).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1000);
  await filling.flush();
  expect([drawn.mock.calls.length, saved.at(-1)?.answers]).toEqual([2, { comment: "Calm", more: "no" }]);
});

test("a checklist opened by mistake leaves nothing behind, an answered one stays", async () => {
  const mistake = begin();
  await mistake.filling.close();
  expect(mistake.removed).toHaveLength(1);
  const kept = begin();
  kept.filling.answer("more", "no", "answer");
  await kept.filling.close();
  expect(kept.removed).toEqual([]);
  expect(kept.saved).not.toEqual([]);
});

test("finishing is refused while something is missing, and hands over clean answers when nothing is", async () => {
  const { filling, finished } = begin({ d: "hidden", comment: "kept" });
  expect(await filling.finish()).toBeUndefined();
  filling.answer("began", "2021-01-10T09:00+06:00", "answer");
  expect(await filling.finish()).toEqual({ code: "LTO05-A001" });
  expect(finished).toEqual([{ began: "2021-01-10T09:00+06:00", comment: "kept" }]);
});

test("nothing is saved after finishing: a finished report must not come back as a draft", async () => {
  const { filling, saved } = begin();
  filling.answer("began", "2021-01-10T09:00+06:00", "answer");
  await filling.finish();
  const before = saved.length;
  filling.answer("comment", "late", "typing");
  await filling.flush();
  await filling.close();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(saved).toHaveLength(before);
});

test("the mark speaks for an answer only once it is on disk, also when another follows during the write", async () => {
  const { filling, saved } = begin();
  filling.answer("more", "no", "answer");
  expect(filling.kept.isPending).toBe(true);
  filling.answer("comment", "quiet", "typing");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(filling.kept.isPending).toBe(false);
  expect(saved.at(-1)?.answers).toEqual({ more: "no", comment: "quiet" });
});

const marked: Definition = {
  ...visitForm,
  sections: visitForm.sections.map((section) => ({
    ...section,
    nodes: section.nodes.map((node) => (node.id === "more" ? { ...node, short_form: true as const } : node)),
  })),
};
const complete = { began: "2021-01-10T09:00+06:00", more: "no", comment: "long" };

test("the short form is remembered with the draft, and turning back and forth loses no answer", async () => {
  const { filling, saved } = begin(complete, marked);
  filling.askShort(true);
  expect(filling.sections.map(({ section }) => section.id)).toEqual(["start"]);
  expect(filling.progress).toMatchObject({ answered: 2, total: 2 });
  await filling.flush();
  expect(saved.at(-1)).toMatchObject({ short: true, answers: complete });
  filling.askShort(false);
  expect(filling.sections.map(({ section }) => section.id)).toEqual(["start", "end"]);
  expect(filling.answers()).toEqual(complete);
});

test("a draft begun in short form opens in it, unless its checklist has none", () => {
  expect(begin({}, marked, { short: true }).filling.isShort).toBe(true);
  expect(begin({}, visitForm, { short: true }).filling.isShort).toBe(false);
});

test("where the observer is goes to disk with a draft that has answers, and never with one opened by mistake", async () => {
  const looked = begin(complete);
  looked.filling.attend("comment");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(looked.saved.at(-1)?.at).toEqual({ section: "end", path: "comment" });
  const mistake = begin();
  mistake.filling.attend("comment");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(mistake.saved).toEqual([]);
});

test("on one page nothing is called missing before somebody looked the report over", () => {
  const { filling, session } = begin({ more: "no" });
  session.settings = { ...session.settings, layout: "page" };
  filling.answer("comment", "x", "answer");
  filling.stand(2);
  filling.scrolledTo(0);
  expect(filling.saysMissing).toBe(false);
  filling.lookOver();
  expect(filling.saysMissing).toBe(true);
});

test("the next unanswered question is looked for from where the observer is", () => {
  const { filling } = begin({ began: "2021-01-10T09:00+06:00" });
  filling.stand(2);
  expect(filling.nextUnanswered()).toEqual({ section: 2, path: "comment" });
  filling.attend("comment");
  expect(filling.nextUnanswered()).toEqual({ section: 0, path: "more" });
});

/** A disk that takes its time. */
function slowly<A extends unknown[], T>(work: (...given: A) => Promise<T>) {
  return async (...given: A): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return work(...given);
  };
}

test.each([0, 1, 100, 299, 301, 499, 501, 900])(
  "who types, leaves %i ms later and comes straight back finds every letter",
  async (pause) => {
    const { filling, session, field } = begin();
    field.drafts.save = slowly(field.drafts.save);
    const sentence = "Ертең сайлау";
    for (let letters = 1; letters <= sentence.length; letters += 1) {
      filling.answer("comment", sentence.slice(0, letters), "typing");
      await vi.advanceTimersByTimeAsync(70);
    }
    await vi.advanceTimersByTimeAsync(pause);
    filling.answer("comment", `${sentence}.`, "typing");
    void filling.close();
    const opening = Filling.open(session, filling.submission);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await opening)?.answers()).toEqual({ comment: `${sentence}.` });
  },
);

test("nothing can be typed into a report that is being sealed, and again when sealing failed", async () => {
  const { filling, field, finished } = begin(complete);
  field.outbox.finish = slowly(field.outbox.finish);
  filling.answer("comment", "the last word", "typing");
  const finishing = filling.finish();
  expect(filling.readonly).toBe(true);
  filling.answer("comment", "too late", "typing");
  await vi.advanceTimersByTimeAsync(1_000);
  await finishing;
  expect(finished).toEqual([{ ...complete, comment: "the last word" }]);

  const other = begin(complete);
  other.field.outbox.finish = () => Promise.reject(new Error("full"));
  await expect(other.filling.finish()).rejects.toThrow("full");
  other.filling.answer("comment", "again", "typing");
  expect(other.filling.answers()).toEqual({ ...complete, comment: "again" });
});

test("a checklist that is left takes nothing from the one opened since: locking saves what is typed there", async () => {
  const left = begin();
  const { session, saved, filling } = begin();
  Object.assign(left.session, { beforeLock: session.beforeLock });
  await left.filling.close();
  expect(left.session.beforeLock).toBe(session.beforeLock);
  filling.answer("comment", "half", "typing");
  await left.session.beforeLock?.();
  expect(saved.at(-1)?.answers).toEqual({ comment: "half" });
  await filling.close();
  expect(session.beforeLock).toBeUndefined();
});

test("a checklist that was left before it opened does not take the place of the one on the screen", async () => {
  const { session, filling } = begin();
  const own = session.beforeLock;
  expect(await Filling.open(session, filling.submission, () => false)).toBeUndefined();
  expect(session.beforeLock).toBe(own);
});

test("a text is full at 64 kB however it came, and the form says so until something fits again", () => {
  const { filling } = begin();
  const full = "қ".repeat(TEXT_BYTES / 2);
  expect(filling.fitted("comment", `${full}қ`)).toBe(full);
  filling.answer("comment", full, "typing");
  expect(filling.isCut("comment")).toBe(true);
  expect(filling.fitted("comment", full.slice(1))).toBe(full.slice(1));
  expect(filling.isCut("comment")).toBe(false);
  filling.answer("comment", `${full}scanned`, "answer");
  expect(filling.answers()).toMatchObject({ comment: full });
  expect(filling.isCut("comment")).toBe(true);
});

test("the longest answers are named with their size, longest first", () => {
  const { filling } = begin({ more: "yes", d: "қ".repeat(2048), comment: "a".repeat(2048) });
  expect(filling.longest().map(({ path, section, label, why }) => [path, section, label, why])).toEqual([
    ["d", 1, "D", "4 kB"],
    ["comment", 2, "Comment", "2 kB"],
    ["more", 0, "More?", "1 kB"],
  ]);
});

const visit: Definition = {
  ...visitForm,
  sections: [
    {
      id: "seen",
      title: text("Seen"),
      nodes: [
        { id: "tension", type: "select_one", list: "yno", negative: { yes: 2 }, label: text("Tension") },
        { id: "stuffing", type: "select_one", list: "yno", negative: { yes: 3 }, label: text("Stuffing") },
        { id: "proxy", type: "select_one", list: "yno", label: text("Proxy") },
        { id: "sure", type: "select_one", list: "yn", label: text("Sure?") },
      ],
    },
    {
      id: "end",
      title: text("End"),
      nodes: [
        { id: "ended", type: "datetime", label: text("Ended") },
        { id: "agree", type: "select_one", list: "yn", required: ["b", true], label: text("Agree?") },
      ],
    },
  ],
  choices: {
    ...visitForm.choices,
    yno: ["yes", "no", "not_observed"].map((name) => ({ name, label: text(name) })),
  },
  order: [],
  dependants: {},
};

test("the rest of a section is not observed by one tap, never over an answer, and is taken back by one", () => {
  const { filling } = begin({ proxy: "yes" }, visit);
  const undo = filling.restNotObserved();
  expect(filling.answers()).toEqual({ tension: "not_observed", stuffing: "not_observed", proxy: "yes" });
  expect(filling.unobserved).toEqual([]);
  filling.answer("stuffing", "no", "answer");
  undo();
  expect(filling.answers()).toEqual({ stuffing: "no", proxy: "yes" });
});

test("finishing asks once about open questions with a critical answer, and again only about others", () => {
  const { filling } = begin({ agree: "yes" }, visit);
  expect(filling.askBeforeFinish().map(({ path }) => path)).toEqual(["stuffing"]);
  expect(filling.askBeforeFinish()).toEqual([]);
  expect(filling.kept.draft.askedAtFinish).toEqual(["stuffing"]);
  filling.answer("stuffing", "no", "answer");
  expect(filling.askBeforeFinish()).toEqual([]);
});

test("the review asks what is required, and when it ended, itself", () => {
  const { filling } = begin({ tension: "no" }, visit);
  expect(filling.openAtTheEnd.map(({ path }) => path)).toEqual(["ended", "agree"]);
});

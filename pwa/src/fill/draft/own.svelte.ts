/** What a report about the team's own reports takes from this phone: figures, and entries to refer to. */

import { questionsOf } from "../../engine/answers";
import type { Answers, Definition } from "../../engine/definition";
import type { ChoiceView, Fill } from "../../engine/fill";
import { formatDay } from "../../i18n/dates";
import { language } from "../../i18n/language.svelte";
import { textIn } from "../../i18n/texts";
import { placeText } from "../../missions/place";
import type { Draft } from "../../submissions/draft";
import { entryChoices } from "../../submissions/entries";
import { asksFigures, periodOf, renewed } from "../../submissions/figureQuestions";
import type { FigureSources, figuresFor } from "../../submissions/figures";
import type { LedgerEntry } from "../../submissions/ledger";
import { FieldProblem } from "../../wire/problem";
import type { AutosavedDraft } from "./autosavedDraft.svelte";
import type { FillField, FillSession } from "./session";

export class OwnReports {
  /** As counted last, by question: what the answers hold unless somebody corrected them. */
  figures = $state.raw<Answers>({});
  /** Settles when the ledger was read and everything counted once. */
  readonly counted: Promise<void>;
  #sources = $state.raw<FigureSources>();
  #period = "";
  /** What a finished report says stands until somebody changes the days it is about. */
  #isFinished: boolean;
  /** Comes with the sources: most checklists never count. */
  #figuresFor: typeof figuresFor | undefined;
  readonly #fill: Fill;
  readonly #kept: AutosavedDraft;

  private constructor(session: FillSession, fill: Fill, kept: AutosavedDraft, draft: Draft) {
    this.#fill = fill;
    this.#kept = kept;
    this.figures = draft.figures ?? {};
    this.#isFinished = draft.correction !== undefined;
    this.counted = this.#follow(session);
  }

  /** Undefined for the many forms that take nothing from other reports. */
  static of(
    session: FillSession,
    definition: Definition,
    draft: Draft,
    fill: Fill,
    kept: AutosavedDraft,
  ): OwnReports | undefined {
    const refers = [...questionsOf(definition)].some(({ question }) => question.reference);
    if (!refers && !asksFigures(definition)) return undefined;
    return new OwnReports(session, fill, kept, draft);
  }

  /** Other reports are finished on other screens: the ledger is read once, the answers are followed. */
  async #follow(session: FillSession): Promise<void> {
    try {
      this.#figuresFor = (await import("../../submissions/sending")).figuresFor;
      this.#sources = await sourcesOf(session);
    } catch (failure) {
      // Locked meanwhile: the screen goes with the key.
      if (failure instanceof FieldProblem && failure.slug === "locked") return;
      throw failure;
    }
    if (session.field.readOnly) return;
    this.#count();
    this.#fill.subscribe(() => this.#count());
  }

  #count(): void {
    const answers = this.#fill.answers();
    const period = JSON.stringify(periodOf(this.#fill.definition, answers));
    if (!this.#sources || !this.#figuresFor || period === this.#period) return;
    this.#period = period;
    const before = this.figures;
    this.figures = this.#figuresFor(this.#fill.definition, answers, this.#sources);
    this.#kept.noted({ figures: this.figures });
    const isKept = this.#isFinished;
    this.#isFinished = false;
    if (isKept) return;
    for (const [id, value] of Object.entries(renewed(answers, before, this.figures))) this.#fill.set(id, value);
  }

  /** What a question that refers to entries offers; undefined for every other question. */
  choices(path: string): readonly ChoiceView[] | undefined {
    const asked = this.#fill.question(path);
    if (!asked?.question.reference) return undefined;
    const listed = this.#fill.choices(path);
    const names = new Set(listed.map(({ name }) => name));
    const chosen = typeof asked.value === "object" ? asked.value.filter((name) => !names.has(name)) : [];
    const period = periodOf(this.#fill.definition, this.#fill.answers());
    const { ledger = [], places } = this.#sources ?? {};
    const text = ({ code, title, place, day }: LedgerEntry) => {
      const parts = [code, textIn(title, language()), placeText(place, places, language()), formatDay(day, language())];
      return { [language()]: parts.filter((part) => part !== "").join(" · ") };
    };
    return [...entryChoices(ledger, period, chosen, text), ...listed];
  }
}

async function sourcesOf({ field, places }: FillSession): Promise<FigureSources> {
  const ledger = (await field.ledger.list()).filter(({ isWithdrawn }) => !isWithdrawn);
  const meetings = await newestMeetingForm(field.checklists);
  const known = places ?? (await field.places.load());
  return { ledger, ...(meetings ? { meetings } : {}), ...(known ? { places: known } : {}) };
}

/** Its lists name who there is to meet. */
async function newestMeetingForm(checklists: FillField["checklists"]): Promise<Definition | undefined> {
  const held = (await checklists.list()).filter(({ kind }) => kind === "meeting");
  const [newest] = held.toSorted((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }));
  return newest && checklists.definition(newest.id);
}

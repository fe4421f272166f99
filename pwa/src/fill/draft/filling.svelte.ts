import type { Answer, Answers, Definition, QuestionType, Texts } from "../../engine/definition";
import { type ChoiceView, type Fill, openFill, type QuestionView } from "../../engine/fill";
import { indexOf } from "../../engine/form";
import { contextAt } from "../../engine/functions/dates";
import { utf8Length } from "../../engine/functions/limits";
import { placeOf } from "../../engine/paths";
import { CRITICAL } from "../../engine/severity";
import { type Line, linesOf, plainText } from "../../engine/texts/marks";
import { language } from "../../i18n/language.svelte";
import { inOrder, textIn } from "../../i18n/texts";
import { placeOfAnswers, placeText } from "../../missions/place";
import { nowFor } from "../../people/phoneClock";
import type { Correction, Draft } from "../../submissions/draft";
import type { OutboxItem } from "../../submissions/outbox";
import { uuid7 } from "../../wire/ids";
import { FieldProblem, slugOf } from "../../wire/problem";
import { isAttachment } from "./answerText";
import { AutosavedDraft } from "./autosavedDraft.svelte";
import { type Beginning, beginningOf, extrasOf } from "./beginning";
import { followsAnswers } from "./choices";
import { commentsFor } from "./critical";
import { DraftMedia } from "./draftMedia.svelte";
import { DraftPlaces } from "./draftPlaces.svelte";
import { OwnReports } from "./own.svelte";
import { labelOf, longestAnswers, type Review, type ReviewLine, reviewOf } from "./review";
import type { FillSession } from "./session";
import { shortForm } from "./short";
import { nextUnanswered, type Spot, Steps } from "./steps";
import { fittedText, TextRoom } from "./textLimit";
import {
  type Asked,
  askedIn,
  isAnswered,
  type NodeView,
  type Shows,
  showsAll,
  showsShort,
  unseenAnswers,
  withoutUnseen,
} from "./visible";

const NOT_OBSERVED = "not_observed";
/** Milliseconds without a key until what was typed is drawn wherever else it counts. */
const RESTING = 250;

const questionOf = (definition: Definition, id: string) => indexOf(definition).entries.get(id)?.question;

/** Whether a question is open, and offers "not observed". */
function isUnobserved({ choices }: Definition, { view: { question, value } }: Asked): boolean {
  return (
    question.type === "select_one" &&
    value === undefined &&
    isAnswered(question) &&
    choices[question.list ?? ""]?.some(({ name }) => name === NOT_OBSERVED) === true
  );
}

/** Texts that somebody writes; of other kinds the engine knows every letter. */
const isFreeText = (type: QuestionType | undefined) => type === "text" || type === "barcode";

function progressOf(sections: readonly { progress: { answered: number; unanswered: number } }[]) {
  const answered = sections.reduce((sum, { progress }) => sum + progress.answered, 0);
  const unanswered = sections.reduce((sum, { progress }) => sum + progress.unanswered, 0);
  return { answered, unanswered, total: answered + unanswered };
}

/** One draft being filled: the engine's state for the screen, and its way to the disk. */
export class Filling {
  readonly session: FillSession;
  readonly definition: Definition;
  readonly submission: string;
  /** The finished report that this draft changes. */
  readonly correction: Correction | undefined;
  /** The checklist has a short form. */
  readonly hasShort: boolean;
  /** Its way to the disk. */
  readonly kept: AutosavedDraft;
  /** What the team's other reports put into this one; most checklists take nothing from them. */
  readonly own: OwnReports | undefined;
  /** The places it tells: what contradicts what, and how fine they may be when they leave. */
  readonly located: DraftPlaces;
  /** Its photos, recordings and files. */
  readonly media: DraftMedia;
  /** The question to bring into view; another object each time it is asked for. */
  wanted = $state.raw<{ path: string }>();
  /** Only the short form is asked. */
  isShort = $state(false);
  /** The flash report that was begun from here. */
  flash = $state<string>();
  #index = $state(0);
  #version = $state(0);
  /** Sections somebody has left: what is missing in them may be said. */
  #left = $state.raw<ReadonlySet<string>>(new Set());
  /** Paths of texts of which something was left out when it was put in last. */
  #cut = $state.raw<ReadonlySet<string>>(new Set());
  #isFinishing = $state(false);
  /** Recordings and photos on their way become answers still; nothing that somebody types does. */
  #isSettling = $state(false);
  readonly #fill: Fill;
  readonly #room = new TextRoom(() => this.#fill.answers());
  #isTyping = false;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  readonly #beforeLock = async () => {
    await this.media.settle();
    await this.flush();
  };

  constructor(session: FillSession, draft: Draft, definition: Definition, { carried = {}, area }: Beginning = {}) {
    this.session = session;
    this.definition = definition;
    this.submission = draft.submission;
    this.correction = draft.correction;
    this.hasShort = shortForm(definition) !== undefined;
    this.isShort = this.hasShort && draft.short === true;
    this.flash = draft.flash;
    this.#fill = openFill(definition, draft.answers, this.#now(), extrasOf(session, draft, carried));
    this.#fill.subscribe(() => {
      if (this.#isTyping) this.#rest();
      else this.catchUp();
    });
    this.kept = new AutosavedDraft(session, draft, () => {
      const { answered, total } = progressOf(this.#resting ? this.#steps.of(this.#fill.sections()) : this.sections);
      return { answers: this.#fill.answers(), progress: { answered, total } };
    });
    this.own = OwnReports.of(session, definition, draft, this.#fill, this.kept);
    const facts = {
      version: () => this.#version,
      places: () => this.places,
      isReadonly: () => this.readonly,
      text: (texts: Texts | undefined, path: string) => this.text(texts, path),
      changed: () => this.kept.changed("answer"),
      notedLastVisit: (lastVisit: Answers) => this.kept.noted({ lastVisit }),
    };
    this.located = new DraftPlaces(definition, this.#fill, facts, draft.lastVisit);
    if (area) this.located.beginNear(area);
    this.media = new DraftMedia(session.field, {
      submission: draft.submission,
      ...(draft.correction ? { finished: draft.correction.from } : {}),
      answers: () => this.#fill.answers(),
      saved: () => this.kept.settle(),
      named: () => this.#filesAsked(),
      answer: (path, sha256) => this.#put(path, sha256, "answer"),
      clear: (path) => this.answer(path, undefined, "answer"),
      decided: () => {
        if (this.unfinished === "capture-waits") this.unfinished = undefined;
      },
    });
    session.beforeLock = this.#beforeLock;
  }

  /**
   * Opens a draft for the screen; undefined when there is none, or when the screen `isWanted` no more: it must not stand
   * in the way of the checklist that is open by then. Rejects when its checklist is not on this phone.
   */
  static async open(session: FillSession, submission: string, isWanted = () => true): Promise<Filling | undefined> {
    // Somebody who leaves and comes straight back must find what they typed last, not what lay on disk before it.
    await session.closing;
    const draft = await session.field.drafts.get(submission);
    if (!draft) return undefined;
    const definition = await session.field.checklists.definition(draft.checklist);
    const beginning = await beginningOf(session, draft, definition);
    return isWanted() ? new Filling(session, draft, definition, beginning) : undefined;
  }

  get readonly(): boolean {
    // What is typed while the report is being sealed would be in no report and in no draft.
    return this.session.field.readOnly || this.#isFinishing || this.#isSettling;
  }

  /** The whole checklist is on one page, because the observer likes it so. */
  get isPage(): boolean {
    return this.session.settings.layout === "page";
  }

  get places() {
    return this.session.places;
  }

  /** Where the draft was left. */
  get at(): Draft["at"] {
    return this.kept.at;
  }

  get checklist(): string {
    return this.kept.draft.checklist;
  }

  /** What is put before the observer of all that applies. */
  readonly shows: Shows = $derived.by(() => {
    const short = this.isShort ? shortForm(this.definition) : undefined;
    if (!short) return showsAll;
    const shows = showsShort(short);
    // Nobody sends a place unseen that was another visit's.
    return (node) => shows(node) || (showsAll(node) && this.located.isOfLastVisit(node.path));
  });

  readonly #steps = $derived(new Steps(this.shows));

  /** The sections that apply to the answers so far and ask something. */
  readonly sections = $derived.by(() => {
    void this.#version;
    return this.#steps.of(this.#fill.sections());
  });

  /** Where the observer is among `sections`, from 0. */
  readonly position = $derived(
    Math.max(
      0,
      this.sections.findLastIndex(({ index }) => index <= this.#index),
    ),
  );

  readonly section = $derived(this.sections[this.position]);

  readonly progress = $derived(progressOf(this.sections));

  readonly #about = $derived.by(() => {
    void this.#version;
    return placeOfAnswers(this.definition, this.#fill.answers());
  });

  /** Where this report is about, in words; "" while nobody has said. */
  readonly place = $derived(placeText(this.#about, this.places, language()));

  readonly review = $derived.by(
    (): Review =>
      reviewOf(this.definition, this.sections, language(), {
        shows: this.shows,
        text: (texts, path) => this.text(texts, path),
        lost: this.media.lost,
        waiting: new Set(this.media.waiting.map(({ path }) => path)),
        about: (view) => ({
          isLeftOut: this.located.isLeftOut(view.path),
          soft: this.located.remark(view),
        }),
      }),
  );

  /** How many answers were given outside the short form that is asked now. */
  readonly unseen = $derived.by(() => {
    void this.#version;
    if (!this.isShort) return 0;
    return Object.keys(unseenAnswers(this.#fill.answers(), this.#fill, this.shows, this.#now())).length;
  });

  /** Whether missing answers of the section on the screen are to be said. */
  readonly saysMissing = $derived.by(() => {
    if (this.isPage) return this.#left.size === this.definition.sections.length;
    return this.#left.has(this.section?.section.id ?? "");
  });

  /** The words of a text of the form as the question at `path` shows it, in the reader's language. */
  text(texts: Texts | undefined, path: string): string {
    const written = textIn(texts, language());
    // Only a text with an answer in it follows the answers: a page holds hundreds that do not.
    if (!texts || !written.includes("${")) return plainText(written);
    void this.#version;
    return inOrder(this.#fill.text(texts, path, language()));
  }

  /** The same as it is drawn: with its emphasis, headings and colours. */
  lines(texts: Texts | undefined, path: string): readonly Line[] {
    const written = textIn(texts, language());
    if (!texts || !written.includes("${")) return linesOf(written);
    void this.#version;
    return this.#fill
      .lines(texts, path, language())
      .map((line) => ({ ...line, runs: line.runs.map((run) => ({ ...run, text: inOrder(run.text) })) }));
  }

  /** What the question at `path` offers now. */
  choices(path: string): readonly ChoiceView[] {
    // As with texts: most lists are the same whatever is answered, and hundreds of choices stand on a page.
    const asked = this.#fill.question(path);
    if (!asked || this.own || followsAnswers(asked.question)) void this.#version;
    return this.own?.choices(path) ?? this.#fill.choices(path);
  }

  #now() {
    return contextAt(nowFor(this.session.clock), this.session.zone);
  }

  /** The observer stands at a section, or at one question of it; what is left behind may be judged. */
  stand(index: number, path?: string): void {
    this.leave();
    this.#index = index;
    this.wanted = path ? { path } : undefined;
    this.#remember(this.section?.section.id ?? "", path);
  }

  /** The section on the screen is another one, because the observer moved on a page that holds them all. */
  scrolledTo(index: number): void {
    this.#index = index;
  }

  /** The observer is at this question: here the draft opens the next time. */
  attend(path: string): void {
    const id = path.split("/")[0];
    const holds = ({ nodes }: { nodes: readonly NodeView[] }) =>
      nodes.some((node) => ("repeat" in node ? node.repeat.id : node.path) === id);
    const step = this.sections.find(holds);
    if (step) this.#remember(step.section.id, path);
  }

  #remember(section: string, path: string | undefined): void {
    if (!this.readonly) this.kept.moved(path ? { section, path } : { section });
  }

  /** The section on the screen is left; expressions that read the clock go by the present. */
  leave(): void {
    this.catchUp();
    const id = this.section?.section.id;
    if (id && this.kept.isTouched) this.#left = new Set([...this.#left, id]);
    this.#fill.tick(this.#now());
  }

  /** The observer looks at the whole: whatever is missing may be said from now on. */
  lookOver(): void {
    this.leave();
    this.#left = new Set(this.definition.sections.map(({ id }) => id));
    void this.media.lookForFiles();
    void this.media.lookForCaptures();
  }

  /** Path → hash of each file that answers a question asked now. */
  #filesAsked(): ReadonlyMap<string, string> {
    const asked = this.sections.flatMap(({ nodes }) => [...askedIn(nodes, this.shows)]);
    return new Map(
      asked.flatMap(({ view: { question, path, value } }) =>
        // What a finished report named is not sent again: the phone can do without it.
        isAttachment(question) && typeof value === "string" && value !== this.correction?.from[path]
          ? [[path, value] as const]
          : [],
      ),
    );
  }

  /** The next question without an answer, going on from where the observer is. */
  nextUnanswered(): Spot | undefined {
    const here = this.section;
    if (!here) return undefined;
    const path = this.at.section === here.section.id ? this.at.path : undefined;
    return nextUnanswered(this.sections, this.shows, { section: here.index, path });
  }

  /** Where a critical answer may be explained, and whether somebody did; undefined when the form asks for no words. */
  commentFor(path: string): { spot: { section: number; question: string }; isWritten: boolean } | undefined {
    void this.#version;
    const views = commentsFor(this.definition, path).flatMap((id) => this.#fill.question(id) ?? []);
    const view = views.find((one) => this.shows(one)) ?? views.find(({ relevant }) => relevant);
    const step = view && this.sections.find(({ nodes }) => nodes.some((node) => node.path === view.path));
    if (!step) return undefined;
    return { spot: { section: step.index, question: view.path }, isWritten: view.value !== undefined };
  }

  /** What of a text can be kept as the answer at `path`; whether something was left out, `isCut` says from then on. */
  fitted(path: string, typed: string): string {
    const before = this.#fill.question(path)?.value;
    const kept = fittedText(typeof before === "string" ? before : "", typed, this.#room.at(path, this.#version));
    if ((kept !== typed) !== this.#cut.has(path)) {
      this.#cut = new Set(kept === typed ? [...this.#cut].filter((cut) => cut !== path) : [...this.#cut, path]);
    }
    return kept;
  }

  /** Whether the answer at `path`, or the report with it, is full and something of what was typed or pasted last is not in it. */
  isCut(path: string): boolean {
    return this.#cut.has(path);
  }

  answer(path: string, answered: Answer | undefined, how: "answer" | "typing"): void {
    if (!this.readonly) this.#put(path, answered, how);
  }

  #put(path: string, answered: Answer | undefined, how: "answer" | "typing"): void {
    const type = this.#fill.question(path)?.question.type;
    // Every way to answer ends here, also a scanner: no text is longer than headquarters can work with.
    const isTooLong =
      typeof answered === "string" && isFreeText(type) && utf8Length(answered) > this.#room.at(path, this.#version);
    const value = isTooLong ? this.fitted(path, answered) : answered;
    // `. <= now()`: a moment written just now is not in the future of when the draft was opened.
    if (type === "date" || type === "time" || type === "datetime") this.#fill.tick(this.#now());
    this.#isTyping = how === "typing";
    this.#fill.set(path, value);
    this.#isTyping = false;
    this.kept.changed(how);
  }

  /** While somebody types, the letter is all that a slow phone draws: a whole page would be late for the next key. */
  #rest(): void {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.catchUp(), RESTING);
  }

  /** Draws what was typed wherever it counts; before anything is done with what the screen shows. */
  catchUp(): void {
    clearTimeout(this.#resting);
    this.#resting = undefined;
    this.#version = this.#fill.version;
  }

  /** Adds a row at the end of the repeat at this path; returns its id. */
  addRow(repeat: string): string {
    const row = uuid7();
    this.#fill.addRow(repeat, row);
    this.kept.changed("answer");
    return row;
  }

  /** Removes a row; the function given back puts it where it was. */
  removeRow(repeat: string, row: string): () => void {
    this.media.remember();
    const removed = this.#fill.removeRow(repeat, row);
    this.kept.changed("answer");
    return () => {
      if (!removed) return;
      this.#fill.restoreRow(removed);
      this.kept.changed("answer");
    };
  }

  moveRow(repeat: string, row: string, to: number): void {
    this.#fill.moveRow(repeat, row, to);
    this.kept.changed("answer");
  }

  /** Asks the short form only, or the whole checklist again. Every answer stays. */
  askShort(isShort: boolean): void {
    this.isShort = isShort;
    this.kept.changed("answer", { short: isShort });
  }

  /** A flash report was begun because of an answer here. */
  flashBegun(submission: string): void {
    this.flash = submission;
    this.kept.changed("answer", { flash: submission });
  }

  /** Unanswered questions of the section on the screen for which "not observed" is an honest answer. */
  readonly unobserved = $derived.by(() =>
    this.section
      ? [...askedIn(this.section.nodes, this.shows)].filter((asked) => isUnobserved(this.definition, asked))
      : [],
  );

  /** Answers the rest of the section so, never over an answer; the function given back takes exactly these away again. */
  restNotObserved(): () => void {
    const paths = this.unobserved.map(({ view }) => view.path);
    if (this.readonly) return () => undefined;
    for (const path of paths) this.#fill.set(path, NOT_OBSERVED);
    this.kept.changed("answer");
    return () => {
      for (const path of paths) if (this.#fill.question(path)?.value === NOT_OBSERVED) this.#fill.set(path, undefined);
      this.kept.changed("answer");
    };
  }

  /**
   * Questions that the review itself asks: required ones that are open, and when something ended, which nobody knows
   * earlier.
   */
  get openAtTheEnd(): QuestionView[] {
    const last = this.definition.sections.length - 1;
    return this.#fill.sections().flatMap(({ nodes, relevant }, index) =>
      (relevant ? [...askedIn(nodes, showsAll)] : [])
        .map(({ view }) => view)
        .filter((view) => isAnswered(view.question) && view.value === undefined)
        .filter((view) => view.problem?.kind === "required" || (index === last && view.question.type === "datetime")),
    );
  }

  /** A question as it stands now, also while what is typed is not drawn elsewhere yet. */
  view(path: string): QuestionView | undefined {
    void this.#version;
    return this.#fill.question(path);
  }

  answers(): Answers {
    return this.#fill.answers();
  }

  /** The answers that would be sent now. */
  get counted(): Answers {
    void this.#version;
    const counted = Object.entries(this.#fill.counted());
    return Object.fromEntries(counted.filter(([path]) => !this.located.isLeftOut(path)));
  }

  /** Whether a file that comes now can become an answer. */
  get takesFiles(): boolean {
    const { field, vault } = this.session;
    return !field.readOnly && !this.#isFinishing && !this.#isClosed && vault === "open";
  }

  /** Where the question at `path` stands and what it is called; undefined while it is not asked. */
  spotOf(path: string): ReviewLine | undefined {
    for (const { index, nodes } of this.sections) {
      for (const asked of askedIn(nodes, this.shows)) {
        if (asked.view.path !== path) continue;
        return { path, section: index, label: labelOf(asked, (texts) => this.text(texts, path)) };
      }
    }
    return undefined;
  }

  /** Whether there is a question at `path`. */
  asks(path: string): boolean {
    return this.#fill.question(path) !== undefined;
  }

  /** Writes at once what is not written yet. A failure shows in `kept.problem`. */
  flush(): Promise<void> {
    return this.kept.flush();
  }

  /** The longest answers of those that are asked now. */
  longest(): ReviewLine[] {
    return longestAnswers(this.sections, this.shows, (texts, path) => this.text(texts, path));
  }

  /**
   * What finishing asks about first: questions with a critical answer to give, and those of the short form, that are open.
   * None when it has asked about just these before.
   */
  askBeforeFinish(): readonly ReviewLine[] {
    const short = shortForm(this.definition);
    const matters = (id: string) =>
      short?.has(id) || Object.values(questionOf(this.definition, id)?.negative ?? {}).includes(CRITICAL);
    const open = this.review.unanswered.filter(({ path }) => matters(placeOf(path).id));
    const asked = new Set(this.kept.draft.askedAtFinish);
    if (open.every(({ path }) => asked.has(path))) return [];
    this.kept.changed("answer", { askedAtFinish: [...asked, ...open.map(({ path }) => path)] });
    return open;
  }

  /** Why finishing failed the last time it was tried on this review. */
  unfinished = $state<string>();

  /** Signs, seals and queues the report; undefined when something still has to be corrected. */
  async finish(): Promise<OutboxItem | undefined> {
    this.#isSettling = true;
    try {
      await this.media.settle();
      await this.media.lookForCaptures();
      if (this.media.waiting.length > 0) throw new FieldProblem("capture-waits", this.media.waiting[0]?.path);
      this.#fill.tick(this.#now());
      const finished = this.#fill.finish();
      if (!finished.ready) return undefined;
      this.#isFinishing = true;
      await this.kept.settle();
      // A correction begins with no defaults of questions that nobody saw.
      const answers =
        this.isShort && !this.correction
          ? withoutUnseen(finished.answers, this.#fill, this.shows, this.#now())
          : finished.answers;
      const item = await this.session.field.outbox.finish(this.kept.draft, answers, this.#about);
      this.kept.end();
      return item;
    } catch (failure) {
      if (slugOf(failure) === "photo-missing") await this.media.lookForFiles();
      throw failure;
    } finally {
      this.#isFinishing = false;
      this.#isSettling = false;
    }
  }

  async remove(): Promise<void> {
    this.kept.end();
    await this.session.field.drafts.remove(this.submission);
  }

  /** The screen goes. A checklist opened by mistake and never answered leaves nothing behind. */
  close(): Promise<void> {
    clearTimeout(this.#resting);
    // Another checklist may be open by now: what is typed there is still to be saved before the key goes.
    if (this.session.beforeLock === this.#beforeLock) this.session.beforeLock = undefined;
    const closing = this.#leave();
    this.session.closing = closing.catch(() => undefined);
    return closing;
  }

  async #leave(): Promise<void> {
    // What is being recorded or made smaller belongs to this draft. A locked app leaves recordings running.
    if (this.session.vault === "open") await this.media.settle();
    if (this.session.vault === "open") {
      await this.media.lookForCaptures();
      // Somebody recorded something: not a checklist opened by mistake, which goes with all that was captured for it.
      if (this.media.waiting.length > 0) this.kept.isTouched = true;
    }
    this.#isClosed = true;
    await this.kept.close();
  }
}

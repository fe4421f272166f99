import type { Draft, OutboxItem } from "../field/ports";
import type { Session } from "../field/session.svelte";
import { language } from "../i18n/language.svelte";
import { placeOfAnswers, placeText } from "../missions/place";
import { uuid7 } from "../submissions/ids";
import { slugOf } from "../wire/problem";
import { type Autosave, autosave } from "./autosave";
import { contextAt } from "./dates";
import type { Answer, Definition, Texts } from "./definition";
import { type ChoiceView, type Fill, openFill, type QuestionView, type RepeatView, type SectionView } from "./fill";
import { type Review, reviewOf } from "./review";

/** A section that applies, with its number in the checklist (what addresses carry). */
export interface Step extends SectionView {
  index: number;
}

const slow = 500;

/** One draft being filled: the engine's state for the screen, and its way to the disk. */
export class Filling {
  readonly session: Session;
  readonly definition: Definition;
  readonly submission: string;
  /** Set while the latest write has not succeeded: why. */
  problem = $state<string>();
  /** A write is taking long enough to be worth a word. */
  isSaving = $state(false);
  /** An answer is given that no disk holds yet: the mark must not speak for it. */
  isPending = $state(false);
  savedAt = $state("");
  #index = $state(0);
  #version = $state(0);
  /** Sections somebody has left: what is missing in them may be said. */
  #left = $state.raw<ReadonlySet<string>>(new Set());
  readonly #fill: Fill;
  readonly #saving: Autosave;
  #draft: Draft;
  readonly #wasEmpty: boolean;
  #changes = 0;
  #isTouched = false;
  #isDone = false;

  constructor(session: Session, draft: Draft, definition: Definition) {
    this.session = session;
    this.definition = definition;
    this.submission = draft.submission;
    this.#draft = draft;
    this.#wasEmpty = Object.keys(draft.answers).length === 0;
    this.savedAt = draft.savedAt;
    this.#fill = openFill(definition, draft.answers, this.#now());
    this.#fill.subscribe(() => {
      this.#version = this.#fill.version;
    });
    this.#saving = autosave({
      save: () => this.#save(),
      onFailure: (failure) => {
        this.problem = slugOf(failure);
      },
    });
    session.beforeLock = () => this.flush();
  }

  get readonly(): boolean {
    return this.session.field.readOnly;
  }

  get places() {
    return this.session.places;
  }

  /** The sections that apply to the answers so far. */
  readonly sections = $derived.by((): Step[] => {
    void this.#version;
    return this.#fill.sections().flatMap((view, index) => (view.relevant ? [{ ...view, index }] : []));
  });

  /** Where the observer is among `sections`, from 0. */
  readonly position = $derived(
    Math.max(
      0,
      this.sections.findLastIndex(({ index }) => index <= this.#index),
    ),
  );

  readonly section = $derived(this.sections[this.position]);

  /** What the section asks now. Views stay the same objects until something about them changes. */
  readonly nodes = $derived(
    (this.section?.nodes ?? []).filter(({ relevant }) => relevant) as (QuestionView | RepeatView)[],
  );

  readonly progress = $derived.by(() => {
    const all = this.sections.map(({ progress }) => progress);
    const answered = all.reduce((sum, each) => sum + each.answered, 0);
    return { answered, total: all.reduce((sum, each) => sum + each.unanswered, answered) };
  });

  readonly #at = $derived.by(() => {
    void this.#version;
    return placeOfAnswers(this.definition, this.#fill.answers());
  });

  /** Where this report is about, in words; "" while nobody has said. */
  readonly place = $derived(placeText(this.#at, this.places, language()));

  readonly review = $derived.by((): Review => reviewOf(this.definition, this.sections, language()));

  /** Whether missing answers of the section on the screen are to be said. */
  readonly saysMissing = $derived(this.#left.has(this.section?.section.id ?? ""));

  /** A text of the form as the question at `path` shows it, in the reader's language. */
  text(texts: Texts | undefined, path: string): string {
    void this.#version;
    return texts ? this.#fill.text(texts, path, language()) : "";
  }

  /** What the question at `path` offers now. */
  choices(path: string): readonly ChoiceView[] {
    void this.#version;
    return this.#fill.choices(path);
  }

  #now() {
    return contextAt(Date.now(), this.session.zone);
  }

  /** The observer stands at a section, or at one question of it; what is left behind may be judged. */
  stand(index: number, question?: string): void {
    this.leave();
    this.#index = index;
    const section = this.section?.section.id ?? "";
    if (this.#draft.at.section === section && this.#draft.at.path === question) return;
    this.#draft = { ...this.#draft, at: question ? { section, path: question } : { section } };
    if (this.#isTouched) this.#saving.changed("answer");
  }

  /** The section on the screen is left; expressions that read the clock go by the present. */
  leave(): void {
    const id = this.section?.section.id;
    if (id && this.#isTouched) this.#left = new Set([...this.#left, id]);
    this.#fill.tick(this.#now());
  }

  answer(path: string, value: Answer | undefined, how: "answer" | "typing"): void {
    if (this.readonly) return;
    const type = this.#fill.question(path)?.question.type;
    // `. <= now()`: a moment written just now is not in the future of when the draft was opened.
    if (type === "date" || type === "time" || type === "datetime") this.#fill.tick(this.#now());
    this.#fill.set(path, value);
    this.#changed(how);
  }

  addRow(repeat: string): void {
    this.#fill.addRow(repeat, uuid7());
    this.#changed("answer");
  }

  /** Removes a row; the function given back puts it where it was. */
  removeRow(repeat: string, row: string): () => void {
    const removed = this.#fill.removeRow(repeat, row);
    this.#changed("answer");
    return () => {
      if (!removed) return;
      this.#fill.restoreRow(removed);
      this.#changed("answer");
    };
  }

  moveRow(repeat: string, row: string, to: number): void {
    this.#fill.moveRow(repeat, row, to);
    this.#changed("answer");
  }

  /** Forgets an attachment that no answer names any more, once the draft without it is safe. */
  async dropAttachment(sha256: string): Promise<void> {
    await this.flush();
    await this.session.field.attachments.remove(this.submission, sha256);
  }

  #changed(how: "answer" | "typing"): void {
    this.#isTouched = true;
    this.isPending = true;
    this.#changes += 1;
    this.#saving.changed(how);
  }

  async #save(): Promise<void> {
    const timer = setTimeout(() => {
      this.isSaving = true;
    }, slow);
    try {
      const changes = this.#changes;
      const draft = { ...this.#draft, answers: this.#fill.answers() };
      this.savedAt = (await this.session.field.drafts.save(draft)).savedAt;
      this.isPending = changes !== this.#changes;
      this.problem = undefined;
    } finally {
      clearTimeout(timer);
      this.isSaving = false;
    }
  }

  /** Writes at once what is not written yet. A failure shows in `problem`. */
  async flush(): Promise<void> {
    if (this.#isDone) return;
    await this.#saving.flush().catch((failure: unknown) => {
      this.problem = slugOf(failure);
    });
  }

  /** Signs, seals and queues the report; undefined when something still has to be corrected. */
  async finish(): Promise<OutboxItem | undefined> {
    this.#fill.tick(this.#now());
    const finished = this.#fill.finish();
    if (!finished.ready) return undefined;
    await this.#saving.flush();
    const draft = { ...this.#draft, answers: this.#fill.answers() };
    const item = await this.session.field.outbox.finish(draft, finished.answers, this.#at);
    this.#end();
    return item;
  }

  async remove(): Promise<void> {
    this.#end();
    await this.session.field.drafts.remove(this.submission);
  }

  #end(): void {
    this.#isDone = true;
    this.#saving.stop();
  }

  /** The screen goes. A checklist opened by mistake and never answered leaves nothing behind. */
  async close(): Promise<void> {
    this.session.beforeLock = undefined;
    await this.flush();
    this.#saving.stop();
    if (this.session.vault !== "open") return;
    if (!this.#isDone && this.#wasEmpty && !this.#isTouched && !this.readonly) {
      await this.session.field.drafts.remove(this.submission);
    }
    await this.session.loadDrafts();
  }
}

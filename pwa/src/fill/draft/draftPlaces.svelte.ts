import { ATTACHED } from "../../engine/answers";
import type { Answers, Definition, Texts } from "../../engine/definition";
import type { Fill, QuestionView } from "../../engine/fill";
import { language } from "../../i18n/language.svelte";
import { m } from "../../i18n/paraglide/messages";
import { areaOf, placesBeside } from "../../missions/areas";
import { placeText } from "../../missions/place";
import type { PlaceRef, Places } from "../../missions/places";
import { stationQuestion } from "../../submissions/lastVisit";
import { chosenPrecision, isTooFine, precisionQuestion, usualPrecision } from "../../submissions/precision";
import { isAnswered } from "./visible";

/** What is said beside a question: its answer is not sent; what is written, or photographed, goes as it is. */
type PrecisionNote = "left-out" | "text" | "file";

/** What it takes from the draft it belongs to; each is asked anew whenever it is needed. */
interface DraftFacts {
  /** Changes with every answer. */
  version(): number;
  places(): Places | undefined;
  isReadonly(): boolean;
  /** A text of the form as the question at `path` shows it. */
  text(texts: Texts | undefined, path: string): string;
  /** An answer was given. */
  changed(): void;
  /** Keeps with the draft which places of the last visit nobody has confirmed. */
  notedLastVisit(places: Answers): void;
}

/** The places that a draft tells: which contradict each other, and how fine they may be when the report leaves. */
export class DraftPlaces {
  readonly #definition: Definition;
  readonly #fill: Fill;
  readonly #draft: DraftFacts;
  /** What stands there because the last visit was there, by question, until somebody chooses a place. */
  #lastVisit = $state.raw<Answers>({});

  /** `lastVisit`: places of the last visit that the draft was kept with. */
  constructor(definition: Definition, fill: Fill, draft: DraftFacts, lastVisit: Answers = {}) {
    this.#definition = definition;
    this.#fill = fill;
    this.#draft = draft;
    this.#lastVisit = lastVisit;
  }

  /** Begins where the last visit was: answers the questions for a district and a region, and no other, with that area. */
  beginNear(area: PlaceRef): void {
    const station = stationQuestion(this.#definition);
    if (station === undefined) return;
    const taken: Record<string, string> = {};
    for (const { kind, at } of placesBeside(this.#definition, station)) {
      const code = kind === "station" ? undefined : areaOf(area, kind, this.#draft.places());
      if (code === undefined || this.#fill.question(at)?.value !== undefined) continue;
      this.#fill.set(at, code);
      taken[at] = code;
    }
    this.#note(taken);
  }

  #note(lastVisit: Answers): void {
    this.#lastVisit = lastVisit;
    this.#draft.notedLastVisit(lastVisit);
  }

  /** Whether this place stands here because the last visit was there, and nobody has said so of this one. */
  isOfLastVisit(path: string): boolean {
    const taken = this.#lastVisit[path];
    if (taken === undefined) return false;
    void this.#draft.version();
    // Also while the question applies no more: what is hidden would come back.
    return this.#fill.answers()[path] === taken;
  }

  /** The finest place that may leave the phone with this report; undefined where the form sets no bounds. */
  readonly precision = $derived.by(() => {
    void this.#draft.version();
    return chosenPrecision(this.#definition, this.#fill.answers());
  });

  /** The choice that says so, in words. */
  readonly precisionName = $derived.by(() => {
    const question = precisionQuestion(this.#definition);
    const choice = this.#definition.choices[question?.list ?? ""]?.find(({ name }) => name === this.precision);
    return this.#draft.text(choice?.label, question?.id ?? "");
  });

  /** Whether an answer at `path` tells a finer place than may leave the phone. */
  isLeftOut(path: string): boolean {
    return isTooFine(this.#definition, path, this.precision);
  }

  /** What to say beside a question because of the places it may tell; undefined for nothing. */
  precisionNote({ path, question, value }: QuestionView): PrecisionNote | undefined {
    const level = this.precision;
    if (level === undefined || level === "exact" || !isAnswered(question)) return undefined;
    if (this.isLeftOut(path)) return value === undefined ? undefined : "left-out";
    // Where the form's usual bounds are kept, what else is written or photographed is everyday work.
    if (level === usualPrecision(this.#definition) || question.location) return undefined;
    return ATTACHED.has(question.type) ? "file" : question.type === "text" ? "text" : undefined;
  }

  /**
   * The place that a chosen one lies in, where this question says another: the finer one decides. Undefined while they
   * agree, or while the list does not know.
   */
  contradicted({ path, question: { location }, value }: QuestionView): PlaceRef | undefined {
    if ((location !== "district" && location !== "region") || value === undefined) return undefined;
    void this.#draft.version();
    for (const { kind, at } of placesBeside(this.#definition, path)) {
      const view = this.#fill.question(at);
      if (!view?.relevant || typeof view.value !== "string" || kind === location) continue;
      const code = areaOf({ kind, code: view.value }, location, this.#draft.places());
      if (code !== undefined) return code === value ? undefined : { kind: location, code };
    }
    return undefined;
  }

  /** The same in words; "" for none. */
  contradictionText(view: QuestionView): string {
    const place = this.contradicted(view);
    return place ? m.place_contradicted({ place: placeText(place, this.#draft.places(), language()) }) : "";
  }

  /** What is to be looked at again about a place, in words; "" for nothing. */
  remark(view: QuestionView): string {
    return this.contradictionText(view) || (this.isOfLastVisit(view.path) ? m.place_last_visit() : "");
  }

  /**
   * A place is chosen: the district and the region it lies in are answered along with it. Where the list does not know them,
   * those of the last visit go: they would tell of another place.
   */
  locate(path: string, place: PlaceRef): void {
    if (this.#draft.isReadonly()) return;
    for (const { kind, at } of placesBeside(this.#definition, path)) {
      const code = kind !== "station" && kind !== place.kind && areaOf(place, kind, this.#draft.places());
      if (code) this.#fill.set(at, code);
      else if (at !== path && this.isOfLastVisit(at)) this.#fill.set(at, undefined);
    }
    this.#note({});
    this.#draft.changed();
  }

  /** Whether this question asks for the bounds, and the form's usual ones are kept. */
  isUsualPrecision({ path, value }: QuestionView): boolean {
    const usual = usualPrecision(this.#definition);
    return usual !== undefined && value === usual && precisionQuestion(this.#definition)?.id === path;
  }
}

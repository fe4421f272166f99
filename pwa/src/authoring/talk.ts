/** What the desk and the framed phone say to each other, by postMessage within one origin. */

import type { Answers } from "../engine/answers";
import type { Definition } from "../engine/definition";
import type { Places } from "../missions/places";
import type { Identity } from "../people/identity";

/** How the framed phone looks. */
export interface Look {
  language: string;
  theme: "light" | "dark";
}

/** What is shown: a checklist that may not be published yet. */
export interface Showing {
  definition: Definition;
  /** Only the short form, where the checklist has one. */
  short: boolean;
  look: Look;
  mission: Identity["mission"];
  places: Places | undefined;
  /** Pictures and sounds of a form that is not published yet, by their SHA-256; the server has the others. */
  files: Readonly<Record<string, Blob>>;
}

export type ToPhone =
  | ({ ask: "show" } & Showing)
  | { ask: "look"; look: Look }
  /** Brings a question, or a section alone, onto the screen. */
  | { ask: "stand"; section: number; path?: string };

export type ToDesk =
  | { tell: "ready" }
  /** All answers given so far, as a draft keeps them. */
  | { tell: "answers"; answers: Answers }
  /** The observer tapped Finish: what would have been sent. */
  | { tell: "finished"; answers: Answers };

/** Only the page that frames us, from our own origin, may say what to show. */
export function isFromDesk(event: MessageEvent<unknown>): event is MessageEvent<ToPhone> {
  return event.origin === location.origin && event.source === window.parent && window.parent !== window;
}

/** Only our own frame tells us about a preview. */
export function isFromPhone(event: MessageEvent<unknown>, frame: Window | null): event is MessageEvent<ToDesk> {
  return event.origin === location.origin && frame !== null && event.source === frame;
}

export function tellDesk(words: ToDesk): void {
  window.parent.postMessage(words, location.origin);
}

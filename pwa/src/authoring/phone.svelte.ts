import type { Answers } from "../engine/definition";
import { isFromPhone, type Look, type Showing, type ToPhone } from "./talk";

/** The framed phone as the desk holds it: says what to show, keeps what was answered. */
export class FramedPhone {
  /** All answers of the draft on the phone. */
  answers = $state.raw<Answers>({});
  /** What Finish would have sent; gone when the checklist is filled again. */
  sent = $state.raw<Answers>();
  #frame: HTMLIFrameElement | undefined;
  #isReady = false;
  #showing: Showing | undefined;

  /** Listens to a frame as long as it is there: `{@attach phone.attach}`. */
  readonly attach = (frame: HTMLIFrameElement): (() => void) => {
    this.#frame = frame;
    const hear = (event: MessageEvent<unknown>) => {
      if (!isFromPhone(event, frame.contentWindow)) return;
      const { data } = event;
      switch (data.tell) {
        case "ready":
          this.#isReady = true;
          if (this.#showing) this.#say({ ask: "show", ...this.#showing });
          break;
        case "answers":
          this.answers = data.answers;
          this.sent = undefined;
          break;
        case "finished":
          this.sent = data.answers;
      }
    };
    addEventListener("message", hear);
    return () => {
      removeEventListener("message", hear);
      this.#frame = undefined;
      this.#isReady = false;
    };
  };

  /** Begins anew with this checklist. */
  show(showing: Showing): void {
    this.#showing = showing;
    if (this.#isReady) this.#say({ ask: "show", ...showing });
  }

  /** Changes language or theme and nothing else. */
  look(look: Look): void {
    if (!this.#showing) return;
    this.#showing = { ...this.#showing, look };
    if (this.#isReady) this.#say({ ask: "look", look });
  }

  /** Brings a question onto the phone's screen. */
  stand(section: number, path?: string): void {
    this.#say(path ? { ask: "stand", section, path } : { ask: "stand", section });
  }

  #say(words: ToPhone): void {
    this.#frame?.contentWindow?.postMessage(words, location.origin);
  }
}

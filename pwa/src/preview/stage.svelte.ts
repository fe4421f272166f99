import { Session } from "../app/session.svelte";
import { type Showing, type ToPhone, tellDesk } from "../authoring/talk";
import type { Router } from "../ui/router.svelte";
import { fieldInMemory, previewed } from "./field";

/** The framed phone's one play: a checklist, filled from the beginning as often as its author likes. */
export class Stage {
  session = $state.raw<Session>();
  /** The draft on the screen. */
  submission = $state("");
  /** Finish was tapped and the play is over. */
  isFinished = $state(false);
  readonly #router: Router;
  #showing: Showing | undefined;

  constructor(router: Router) {
    this.#router = router;
  }

  take(words: ToPhone): void {
    switch (words.ask) {
      case "show":
        this.#showing = words;
        void this.begin();
        break;
      case "look":
        this.session?.change(words.look);
        break;
      case "stand": {
        const { section, path } = words;
        const at = { screen: "fill", submission: this.submission, section } as const;
        if (!this.isFinished) this.#router.go(path ? { ...at, question: path } : at);
      }
    }
  }

  /** An empty draft of the checklist, from its first section. */
  async begin(): Promise<void> {
    if (!this.#showing) return;
    const before = this.session;
    const look = before ? { ...this.#showing.look, language: before.settings.language } : this.#showing.look;
    const session = new Session(
      fieldInMemory(
        { ...this.#showing, look },
        {
          onanswers: (answers) => tellDesk({ tell: "answers", answers }),
          onfinish: (answers) => {
            this.isFinished = true;
            tellDesk({ tell: "finished", answers });
          },
        },
      ),
    );
    await session.load();
    const { submission } = await session.field.drafts.start(previewed, { short: this.#showing.short });
    this.isFinished = false;
    this.submission = submission;
    this.session = session;
    this.#router.replace({ screen: "fill", submission, section: 0 });
    tellDesk({ tell: "answers", answers: {} });
  }
}

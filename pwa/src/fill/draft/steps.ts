/** The sections of a checklist as an observer goes through them. */

import type { SectionView } from "../../engine/fill";
import { askedIn, isAnswered, progressShown, type Shows } from "./visible";

/** A section that is shown, with its number in the checklist (what addresses carry) and the progress of what is shown. */
export interface Step extends SectionView {
  index: number;
}

/** A question and the number of its section in the checklist. */
export interface Spot {
  section: number;
  path: string;
}

/**
 * Makes the steps of a checklist again and again, keeping those of unchanged sections: a key in one question must not cost a
 * walk over a thousand.
 */
export class Steps {
  readonly #made = new WeakMap<SectionView, Step | null>();
  readonly #shows: Shows;

  constructor(shows: Shows) {
    this.#shows = shows;
  }

  of(sections: readonly SectionView[]): Step[] {
    return sections.flatMap((view, index) => {
      let step = this.#made.get(view);
      if (step === undefined) {
        step = this.#step(view, index);
        this.#made.set(view, step);
      }
      return step ?? [];
    });
  }

  #step(view: SectionView, index: number): Step | null {
    if (!view.relevant || !view.nodes.some(this.#shows)) return null;
    return { ...view, index, progress: progressShown(view.nodes, this.#shows) };
  }
}

/**
 * The first unanswered question after the one at `from`, or in and after the section there; past the end it begins anew.
 * Undefined when there is none but the one the observer is at.
 */
export function nextUnanswered(
  steps: readonly Step[],
  shows: Shows,
  from: { section: number; path?: string | undefined },
): Spot | undefined {
  const start = Math.max(
    0,
    steps.findIndex(({ index }) => index >= from.section),
  );
  const round = [...steps.slice(start), ...steps.slice(0, start)];
  const spots = round.flatMap((step) =>
    step.progress.unanswered > 0 || step === round[0] ? spotsIn(step, shows) : [],
  );
  const here = spots.findIndex(({ path }) => path === from.path);
  const found = [...spots.slice(here + 1), ...spots.slice(0, Math.max(0, here))].find(({ isOpen }) => isOpen);
  return found && { section: found.section, path: found.path };
}

function spotsIn({ index, nodes }: Step, shows: Shows): (Spot & { isOpen: boolean })[] {
  return [...askedIn(nodes, shows)].map(({ view }) => ({
    section: index,
    path: view.path,
    isOpen: view.value === undefined && isAnswered(view.question),
  }));
}

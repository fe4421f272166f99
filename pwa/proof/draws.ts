/** The draws of a schedule: out of a seed, or out of a list that a schedule left, shortened until no part of it can go. */

/** Numbers that a seed determines (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 bits. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

/** What is drawn for one event. Of a list that is too short, or holds too large a number, comes 0: what does no harm. */
export class Draws {
  readonly drawn: number[] = [];
  readonly #next: (below: number) => number;

  constructor(source: Random | readonly number[]) {
    if (source instanceof Random) this.#next = (below) => source.next() % below;
    else {
      const rest = [...source];
      this.#next = (below) => {
        const next = rest.shift() ?? 0;
        return next < below ? next : 0;
      };
    }
  }

  /** 0 … below − 1; of nothing, 0. */
  below(below: number): number {
    if (below < 2) return 0;
    const drawn = this.#next(below);
    this.drawn.push(drawn);
    return drawn;
  }

  /** In so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.below(100) >= 100 - percent;
  }

  /** One of them; the first does no harm. */
  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** A place in something so long: anywhere, its ends more often. In words too, which do not depend on how long it is. */
  place(length: number): Place {
    const end = this.below(12);
    if (end < 4) return [[0, Math.min(1, length), Math.max(length - 1, 0), length][end] ?? 0, ends[end] ?? ""];
    const thousandths = this.below(1000);
    return [Math.floor((length * thousandths) / 1000), `after ${thousandths} ‰`];
  }
}

export type Place = [at: number, words: string];
const ends = ["before its first byte", "after its first byte", "before its last byte", "after its last byte"];

/** The draws of every event of a schedule, the first for how it is set up. */
export type Script = readonly (readonly number[])[];

export const scriptText = (script: Script): string => script.map((draws) => draws.join(".")).join("_");
export const readScript = (text: string): Script =>
  text.split("_").map((draws) => (draws === "" ? [] : draws.split(".").map(Number)));

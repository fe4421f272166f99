/**
 * Shuffling as the ODK XForms specification shuffles: inside-out Fisher–Yates with Park and Miller's generator.
 * The twin of `backend/steppe/checklists/expressions/arithmetic/shuffle.py`: the same order for the same seed.
 */

const MODULUS = 2_147_483_647;

/** The items in the order a seed gives; a seed that is no number counts as 0. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = Number.isFinite(seed) ? Math.trunc(seed) % MODULUS : 0;
  if (state <= 0) state += MODULUS - 1;
  const order: T[] = [];
  for (const [place, item] of items.entries()) {
    state = (state * 16_807) % MODULUS;
    const chosen = Math.floor(((state - 1) / (MODULUS - 1)) * (place + 1));
    order.push(item);
    order[place] = order[chosen] as T;
    order[chosen] = item;
  }
  return order;
}

/** A seed of a text such as an id. */
export function seedOfText(text: string): number {
  let seed = 0;
  for (const character of text) seed = (seed * 31 + (character.codePointAt(0) ?? 0)) % MODULUS;
  return seed;
}

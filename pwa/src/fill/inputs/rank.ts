/** An order that is being made. */

/**
 * The names to put in order as they stand: those of the answer that are still offered, then what it does not know yet,
 * as the list has it.
 */
export function standing(answer: readonly string[], offered: readonly string[]): string[] {
  const known = answer.filter((name) => offered.includes(name));
  return [...known, ...offered.filter((name) => !known.includes(name))];
}

/** The order with one name at another place, from 0; places outside are the ends. */
export function movedTo(order: readonly string[], name: string, to: number): string[] {
  const rest = order.filter((each) => each !== name);
  return rest.toSpliced(Math.min(rest.length, Math.max(0, to)), 0, name);
}

/** Where a thing dragged to `y` belongs, from 0, among things whose middles lie at `middles`, from top to bottom. */
export function placeAt(y: number, middles: readonly number[]): number {
  return middles.filter((middle) => middle < y).length;
}

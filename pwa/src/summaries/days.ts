/** Reports by day, without holes: a day nobody reported is a bar of nothing, not a missing one. */
import type { Day } from "../desk/api";

const dayMs = 86_400_000;
/** More bars than this are too thin to be read one by one. */
export const most = 60;

/** Every day from the first to the last that has reports; of a long time only the last sixty days. */
export function everyDay(days: readonly Day[]): Day[] {
  const first = days.at(0);
  const last = days.at(-1);
  if (!first || !last) return [];
  const held = new Map(days.map(({ day, reports }) => [day, reports]));
  const end = Date.parse(last.day);
  const start = Math.max(Date.parse(first.day), end - (most - 1) * dayMs);
  const all: Day[] = [];
  for (let at = start; at <= end; at += dayMs) {
    const day = new Date(at).toISOString().slice(0, 10);
    all.push({ day, reports: held.get(day) ?? 0 });
  }
  return all;
}

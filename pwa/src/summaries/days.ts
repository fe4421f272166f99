/** Reports by day, without holes: a day nobody reported is a bar of nothing, not a missing one. */
import type { Day } from "../desk/api";

const dayMs = 86_400_000;
/** More bars than this are too thin to be read one by one. */
export const most = 60;

/**
 * Every day of the sixty that hold most reports, from the first to the last with one. A phone with a wrong clock, or a
 * trial long after the mission, must not push three weeks of work off the chart; `reportsElsewhere` counts what is left out.
 */
export function everyDay(days: readonly Day[]): Day[] {
  const [first, last] = busiest(days);
  if (!first || !last) return [];
  const held = new Map(days.map(({ day, reports }) => [day, reports]));
  const start = Date.parse(first.day);
  const end = Date.parse(last.day);
  const all: Day[] = [];
  for (let at = start; at <= end; at += dayMs) {
    const day = new Date(at).toISOString().slice(0, 10);
    all.push({ day, reports: held.get(day) ?? 0 });
  }
  return all;
}

/** How many reports stand on days that a chart of `shown` has no room for. */
export function reportsElsewhere(days: readonly Day[], shown: readonly Day[]): number {
  const sum = (some: readonly Day[]) => some.reduce((total, { reports }) => total + reports, 0);
  return sum(days) - sum(shown);
}

/** First and last of the days, at most sixty apart, that hold most reports; the later ones when two stretches hold as many. */
function busiest(days: readonly Day[]): readonly (Day | undefined)[] {
  let found: readonly (Day | undefined)[] = [];
  let best = 0;
  let from = 0;
  let held = 0;
  for (const day of days) {
    held += day.reports;
    for (
      let first = days[from];
      first && Date.parse(day.day) - Date.parse(first.day) >= most * dayMs;
      first = days[from]
    ) {
      held -= first.reports;
      from += 1;
    }
    if (held >= best) {
      best = held;
      found = [days[from], day];
    }
  }
  return found;
}

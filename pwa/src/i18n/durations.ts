import { m } from "./paraglide/messages";

const minuteMs = 60_000;

/** How long: "5 min", "23 h 59 min", "1 day 3 h"; in whole minutes, and from a day on in whole hours. Milliseconds, any sign. */
export function durationText(ms: number): string {
  const whole = Math.round(Math.abs(ms) / minuteMs);
  const isDays = whole >= 24 * 60;
  const minutes = isDays ? Math.round(whole / 60) * 60 : whole;
  const parts = [
    { count: Math.floor(minutes / (24 * 60)), text: m.days },
    { count: Math.floor(minutes / 60) % 24, text: m.hours },
    { count: minutes % 60, text: m.minutes },
  ];
  const told = parts.filter(({ count }) => count > 0).map(({ count, text }) => text({ count }));
  return told.join(" ") || m.minutes({ count: 0 });
}

/** By how much a phone's clock is ahead (milliseconds; below 0: behind), in words; `isAtLeast`: by more, perhaps. */
export function clockText({ ahead, isAtLeast }: { ahead: number; isAtLeast?: boolean }): string {
  const by = durationText(ahead);
  if (isAtLeast) return m.clock_behind_least({ by });
  return ahead > 0 ? m.clock_ahead({ by }) : m.clock_behind({ by });
}

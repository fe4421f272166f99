/** The numbers a `range` question offers: from `start` to `end` by `step`. */

export interface Scale {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** Steps from start to end. */
  readonly steps: number;
}

/** ODK's defaults: 1 to 10 by 1. A step of nothing, or the wrong way, is taken as one that works. */
export function scaleOf(parameters: Readonly<Record<string, string | number>> | undefined): Scale {
  const given = (name: string, otherwise: number) => {
    const number = Number(parameters?.[name] ?? otherwise);
    return Number.isFinite(number) ? number : otherwise;
  };
  const start = given("start", 1);
  const end = given("end", 10);
  const size = Math.abs(given("step", 1)) || 1;
  // 0.3 div 0.1 is 2.9999999999999996: what lies so near to a whole number of steps is one.
  const steps = Math.max(0, Math.floor(Math.abs(end - start) / size + 1e-9));
  return { start, end, step: end < start ? -size : size, steps };
}

/** The number after so many steps, without the crumbs of binary fractions; steps outside are the ends. */
export function numberAt({ start, step, steps }: Scale, at: number): number {
  const within = Math.min(steps, Math.max(0, Math.round(at)));
  return Number((start + within * step).toFixed(decimalsOf(start, step)));
}

/** How many steps lead to a number: the nearest. */
export function stepsTo(scale: Scale, number: number): number {
  return Math.min(scale.steps, Math.max(0, Math.round((number - scale.start) / scale.step)));
}

function decimalsOf(...numbers: readonly number[]): number {
  return Math.max(...numbers.map((number) => /\.(\d+)/.exec(String(number))?.[1]?.length ?? 0));
}

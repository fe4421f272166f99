/**
 * `pow()` from the four basic operations alone, step for step as `backend/steppe/checklists/expressions/arithmetic/powers.py`: mathematical
 * libraries round the last bit of a power differently, IEEE arithmetic does not. Good to about 14 digits.
 */

const LN2 = Math.LN2;
const SQRT_HALF = Math.SQRT1_2;
const TERMS = 24;

/** `base` to the `exponent`; NaN for a negative base with a fractional exponent, as in XPath 3.0. */
export function power(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (Number.isNaN(base) || Number.isNaN(exponent)) return Number.NaN;
  if (Number.isInteger(exponent)) {
    if (Math.abs(exponent) <= 1024) return whole(base, exponent);
  } else if (base < 0) {
    return Number.NaN;
  }
  if (base === 0) return exponent > 0 ? 0 : Number.POSITIVE_INFINITY;
  if (!Number.isFinite(base)) return exponent > 0 ? Number.POSITIVE_INFINITY : 0;
  const magnitude = exponential(exponent * logarithm(Math.abs(base)));
  return base < 0 && Math.abs(exponent % 2) === 1 ? -magnitude : magnitude;
}

function whole(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let left = Math.abs(exponent); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  return exponent > 0 ? result : 1 / result;
}

/** The natural logarithm of a finite number above zero. */
export function logarithm(of: number): number {
  let number = of;
  let twos = 0;
  while (number >= 2 * SQRT_HALF) {
    number /= 2;
    twos += 1;
  }
  while (number < SQRT_HALF) {
    number *= 2;
    twos -= 1;
  }
  const ratio = (number - 1) / (number + 1);
  const square = ratio * ratio;
  let total = 0;
  for (let term = TERMS; term >= 0; term -= 1) total = total * square + 1 / (2 * term + 1);
  return 2 * ratio * total + twos * LN2;
}

/** *e* to a power. */
export function exponential(number: number): number {
  if (Number.isNaN(number)) return Number.NaN;
  if (number > 710) return Number.POSITIVE_INFINITY;
  if (number < -746) return 0;
  const twos = Math.floor(number / LN2 + 0.5);
  const rest = number - twos * LN2;
  let total = 1;
  for (let term = TERMS; term > 0; term -= 1) total = 1 + (rest / term) * total;
  for (let step = Math.abs(twos); step > 0; step -= 1) total = twos > 0 ? total * 2 : total / 2;
  return total;
}

/**
 * Transcendental functions from the four basic operations and the square root alone, step for step as
 * `backend/steppe/checklists/expressions/arithmetic/maths.py`: mathematical libraries round the last bit differently, IEEE arithmetic does not.
 * Good to about 14 digits; what an expression sees is rounded to 15, so that `log10(1000)` is 3.
 */

import { exponential, logarithm } from "./powers";

const HALF_PI = Math.PI / 2;
const TWO_PI = 2 * Math.PI;
/** The first 33 bits of π/2: times a whole number of up to 20 bits it stays exact. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;
/** Angles beyond lose digits; nobody asks for them. */
const MANY_TURNS = 1e6;
const TAN_EIGHTH = 0.41421356237309503;
const TERMS = 26;

/** To 15 significant digits, halves away from zero. */
export function rounded(number: number): number {
  return number === 0 || !Number.isFinite(number) ? number : Number(number.toPrecision(15));
}

/** Sine of an angle in radians; NaN for what is not finite. */
export function sine(angle: number): number {
  return circular(angle, 0);
}

/** Cosine of an angle in radians; NaN for what is not finite. */
export function cosine(angle: number): number {
  return circular(angle, 1);
}

/** Tangent of an angle in radians. */
export function tangent(angle: number): number {
  const below = cosine(angle);
  return Number.isNaN(below) || below === 0 ? Number.NaN : sine(angle) / below;
}

/** The sine of an angle moved on by so many right angles. */
function circular(angle: number, shift: number): number {
  if (!Number.isFinite(angle)) return Number.NaN;
  const turned = Math.abs(angle) < MANY_TURNS ? angle : angle % TWO_PI;
  const quadrant = Math.floor(turned / HALF_PI + 0.5);
  const rest = turned - quadrant * HALF_PI_HIGH - quadrant * HALF_PI_LOW;
  const square = rest * rest;
  const turn = (((quadrant + shift) % 4) + 4) % 4;
  const value = turn % 2 === 1 ? series(square, 2) : rest * series(square, 3);
  return turn > 1 ? -value : value;
}

/** `1 - x²/(first·(first-1)) + …`: the cosine for 2, the sine over x for 3. */
function series(square: number, first: number): number {
  let total = 1;
  for (let term = first + 18; term >= first; term -= 2) total = 1 - (square / (term * (term - 1))) * total;
  return total;
}

/** The angle of this tangent, between -π/2 and π/2. */
export function arctangent(ratio: number): number {
  if (Number.isNaN(ratio)) return Number.NaN;
  if (ratio < 0) return -arctangent(-ratio);
  return ratio > 1 ? HALF_PI - arc(1 / ratio) : arc(ratio);
}

function arc(ratio: number): number {
  if (ratio > TAN_EIGHTH) return HALF_PI / 2 + arc((ratio - 1) / (ratio + 1));
  const square = ratio * ratio;
  let total = 0;
  for (let term = TERMS; term >= 0; term -= 1) total = 1 / (2 * term + 1) - square * total;
  return ratio * total;
}

/** `atan2`: the angle of a point seen from the origin; 0 for the origin itself. Zeros have no sign here. */
export function direction(y: number, x: number): number {
  if (Number.isNaN(y) || Number.isNaN(x)) return Number.NaN;
  if (!Number.isFinite(y) && !Number.isFinite(x)) return direction(Math.sign(y), Math.sign(x));
  if (x === 0) return y === 0 ? 0 : Math.sign(y) * HALF_PI;
  const angle = arctangent(y / x);
  if (x > 0) return angle;
  return y < 0 ? angle - Math.PI : angle + Math.PI;
}

/** The angle of this sine; NaN outside -1 to 1. */
export function arcsine(ratio: number): number {
  if (!(ratio >= -1 && ratio <= 1)) return Number.NaN;
  return direction(ratio, Math.sqrt((1 - ratio) * (1 + ratio)));
}

/** The angle of this cosine; NaN outside -1 to 1. */
export function arccosine(ratio: number): number {
  if (!(ratio >= -1 && ratio <= 1)) return Number.NaN;
  return direction(Math.sqrt((1 - ratio) * (1 + ratio)), ratio);
}

/** The natural logarithm; NaN below zero, minus infinity of zero. */
export function naturalLogarithm(number: number): number {
  if (Number.isNaN(number) || number < 0) return Number.NaN;
  if (number === 0) return Number.NEGATIVE_INFINITY;
  return Number.isFinite(number) ? logarithm(number) : Number.POSITIVE_INFINITY;
}

/** The logarithm to base 10. */
export function decimalLogarithm(number: number): number {
  return naturalLogarithm(number) / Math.LN10;
}

/** *e* to a power. */
export function exponentialOf(number: number): number {
  return exponential(number);
}

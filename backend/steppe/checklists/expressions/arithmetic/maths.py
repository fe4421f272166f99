"""Transcendental functions from the four basic operations and the square root alone.

The mathematical libraries below Python and JavaScript round the last bit differently. IEEE arithmetic does not, so
this, step for step the same as `pwa/src/engine/functions/maths.ts`, gives the same double in both. Results are good to
about 14 digits; what an expression sees is rounded to 15, so that `log10(1000)` is 3.
"""

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from steppe.checklists.expressions.arithmetic.powers import exponential, logarithm, power

PI: Final = math.pi
_HALF_PI: Final = PI / 2
_TWO_PI: Final = 2 * PI
_HALF_PI_HIGH: Final = 1.5707963267341256
"""The first 33 bits of π/2: times a whole number of up to 20 bits it stays exact."""
_HALF_PI_LOW: Final = 6.077100506506192e-11
_MANY_TURNS: Final = 1e6
"""Angles beyond lose digits; nobody asks for them."""
_LN10: Final = 2.302585092994046
_TAN_EIGHTH: Final = 0.41421356237309503
_TERMS: Final = 26
_DIGITS: Final = Context(prec=15, rounding=ROUND_HALF_UP)


def rounded(number: float) -> float:
    """To 15 significant digits, halves away from zero, as JavaScript's `toPrecision` does."""
    if number == 0 or not math.isfinite(number):
        return number
    return float(_DIGITS.create_decimal(Decimal(number)))


def sine(angle: float) -> float:
    """Sine of an angle in radians; NaN for what is not finite."""
    return _circular(angle, 0)


def cosine(angle: float) -> float:
    """Cosine of an angle in radians; NaN for what is not finite."""
    return _circular(angle, 1)


def tangent(angle: float) -> float:
    """Tangent of an angle in radians."""
    below = cosine(angle)
    return math.nan if math.isnan(below) or below == 0 else sine(angle) / below


def _circular(angle: float, shift: int) -> float:
    """The sine of an angle moved on by so many right angles."""
    if not math.isfinite(angle):
        return math.nan
    turned = angle if abs(angle) < _MANY_TURNS else math.fmod(angle, _TWO_PI)
    quadrant = math.floor(turned / _HALF_PI + 0.5)
    rest = turned - quadrant * _HALF_PI_HIGH - quadrant * _HALF_PI_LOW
    square = rest * rest
    turn = (quadrant + shift) % 4
    value = _series(square, 2) if turn % 2 == 1 else rest * _series(square, 3)
    return -value if turn > 1 else value


def _series(square: float, first: int) -> float:
    """`1 - x²/(first·(first-1)) + …`: the cosine for 2, the sine over x for 3."""
    total = 1.0
    for term in range(first + 18, first - 1, -2):
        total = 1 - square / (term * (term - 1)) * total
    return total


def arctangent(ratio: float) -> float:
    """The angle of this tangent, between -π/2 and π/2."""
    if math.isnan(ratio):
        return math.nan
    if ratio < 0:
        return -arctangent(-ratio)
    if ratio > 1:
        return _HALF_PI - _arc(1 / ratio)
    return _arc(ratio)


def _arc(ratio: float) -> float:
    if ratio > _TAN_EIGHTH:
        return _HALF_PI / 2 + _arc((ratio - 1) / (ratio + 1))
    square = ratio * ratio
    total = 0.0
    for term in range(_TERMS, -1, -1):
        total = 1 / (2 * term + 1) - square * total
    return ratio * total


def direction(y: float, x: float) -> float:
    """`atan2`: the angle of a point seen from the origin; 0 for the origin itself. Zeros have no sign here."""
    if math.isnan(y) or math.isnan(x):
        return math.nan
    if math.isinf(y) and math.isinf(x):
        y, x = math.copysign(1.0, y), math.copysign(1.0, x)
    if x == 0:
        return 0.0 if y == 0 else math.copysign(_HALF_PI, y)
    angle = arctangent(y / x)
    if x > 0:
        return angle
    return angle - PI if y < 0 else angle + PI


def arcsine(ratio: float) -> float:
    """The angle of this sine; NaN outside -1 to 1."""
    if not -1 <= ratio <= 1:
        return math.nan
    return direction(ratio, math.sqrt((1 - ratio) * (1 + ratio)))


def arccosine(ratio: float) -> float:
    """The angle of this cosine; NaN outside -1 to 1."""
    if not -1 <= ratio <= 1:
        return math.nan
    return direction(math.sqrt((1 - ratio) * (1 + ratio)), ratio)


def square_root(number: float) -> float:
    """The square root; NaN below zero."""
    return math.nan if math.isnan(number) or number < 0 else math.sqrt(number)


def natural_logarithm(number: float) -> float:
    """The natural logarithm; NaN below zero, minus infinity of zero."""
    if math.isnan(number) or number < 0:
        return math.nan
    if number == 0:
        return -math.inf
    return logarithm(number) if math.isfinite(number) else math.inf


def decimal_logarithm(number: float) -> float:
    """The logarithm to base 10."""
    return natural_logarithm(number) / _LN10


def exponential_of(number: float) -> float:
    """*e* to a power."""
    return exponential(number)


def ten_to(exponent: float) -> float:
    """10 to a power."""
    return power(10.0, exponent)

"""`pow()` from the four basic operations alone.

The mathematical libraries below Python and JavaScript round the last bit of a power differently. IEEE addition,
multiplication and division do not, so this arithmetic, step for step the same as `pwa/src/engine/functions/powers.ts`,
gives the same double in both. It is good to about 14 digits; whole powers up to 1024 are repeated multiplication.
"""

import math
from typing import Final

_LN2: Final = 0.6931471805599453
_SQRT_HALF: Final = 0.7071067811865476
_TERMS: Final = 24


def power(base: float, exponent: float) -> float:
    """`base` to the `exponent`; NaN for a negative base with a fractional exponent, as in XPath 3.0."""
    if exponent == 0:
        return 1.0
    if math.isnan(base) or math.isnan(exponent):
        return math.nan
    if exponent == math.trunc(exponent) if math.isfinite(exponent) else False:
        if abs(exponent) <= 1024:
            return _whole(base, int(exponent))
    elif base < 0:
        return math.nan
    if base == 0:
        return 0.0 if exponent > 0 else math.inf
    if not math.isfinite(base):
        return math.inf if exponent > 0 else 0.0
    magnitude = exponential(exponent * logarithm(abs(base)))
    odd = math.isfinite(exponent) and math.fmod(exponent, 2.0) in {1.0, -1.0}
    return -magnitude if base < 0 and odd else magnitude


def _whole(base: float, exponent: int) -> float:
    result = 1.0
    square = base
    left = abs(exponent)
    while left > 0:
        if left % 2 == 1:
            result *= square
        square *= square
        left //= 2
    if exponent > 0:
        return result
    return math.copysign(math.inf, result) if result == 0 else 1.0 / result


def logarithm(number: float) -> float:
    """The natural logarithm of a finite number above zero."""
    twos = 0
    while number >= 2 * _SQRT_HALF:
        number /= 2
        twos += 1
    while number < _SQRT_HALF:
        number *= 2
        twos -= 1
    ratio = (number - 1) / (number + 1)
    square = ratio * ratio
    total = 0.0
    for term in range(_TERMS, -1, -1):
        total = total * square + 1 / (2 * term + 1)
    return 2 * ratio * total + twos * _LN2


def exponential(number: float) -> float:
    """*e* to a power."""
    if math.isnan(number):
        return math.nan
    if number > 710:
        return math.inf
    if number < -746:
        return 0.0
    twos = math.floor(number / _LN2 + 0.5)
    rest = number - twos * _LN2
    total = 1.0
    for term in range(_TERMS, 0, -1):
        total = 1 + rest / term * total
    for _ in range(abs(twos)):
        total = total * 2 if twos > 0 else total / 2
    return total

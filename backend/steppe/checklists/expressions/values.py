"""Values of expressions and how they turn into one another: XPath 1.0 §3–4 with ODK's dates.

A value is a number (IEEE double), a string, a boolean or a node-set (list of strings in document order).
`pwa/src/engine/functions/values.ts` is the twin; the same input must give the same bytes in both.
"""

import math
import re
from collections.abc import Callable
from typing import Final, TypeAlias

from steppe.checklists.expressions.dates import DAY_MS, Context, day_number, moment_of

Value: TypeAlias = float | str | bool | list[str]

_NUMBER: Final = re.compile(r"[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*")
_TOKEN: Final = re.compile(r"[^ \t\r\n]+")


def text_of_number(number: float) -> str:
    """XPath's number format: no exponent, no `.0`; the digits are the shortest that read back as the same double."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == math.trunc(number) and abs(number) < 1e16:
        return str(int(number))
    digits = repr(number)
    mantissa, _, exponent = digits.partition("e")
    if not exponent:
        return digits.removesuffix(".0")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    point = len(whole) + int(exponent)
    figures = whole + ("" if fraction == "0" else fraction)
    if point <= 0:
        return f"{sign}0.{'0' * -point}{figures}"
    if point >= len(figures):
        return sign + figures + "0" * (point - len(figures))
    return f"{sign}{figures[:point]}.{figures[point:]}"


def number_of_text(text: str, context: Context | None) -> float:
    """XPath's `number()` of a string: optional minus, digits, no plus, no exponent; then ISO dates and times."""
    return float(text) if _NUMBER.fullmatch(text) else day_number(text, context)


def text_of_answer(answer: object) -> str:
    """An answer as the string an expression sees; the empty string when there is none."""
    if answer.__class__ is str:
        return answer  # the class test is three times faster than isinstance
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, int | float):
        return text_of_number(float_of(answer))
    if isinstance(answer, list):
        return " ".join([text_of_answer(item) for item in answer])
    return ""


def float_of(number: float) -> float:
    """A double of any JSON number; an integer beyond the doubles is infinite, as it is in JavaScript."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def text_of(value: Value) -> str:
    """XPath's `string()`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return text_of_number(value)
    return value[0] if value else ""


def number_of(value: Value, context: Context) -> float:
    """XPath's `number()` extended by dates; `context` as in `day_number`."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        return number_of_text(value, context)
    return number_of_text(value[0], context) if value else math.nan


def truth_of(value: Value) -> bool:
    """XPath's `boolean()`: non-zero and not NaN, non-empty string, non-empty node-set."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def nodes_of(value: Value) -> list[str]:
    """A value as a node-set; a single value is a set of one."""
    return value if isinstance(value, list) else [text_of(value)]


def tokens_of(text: str) -> list[str]:
    """The items of a space-separated list, as `select_multiple` answers are seen by expressions."""
    return _TOKEN.findall(text)


def equal(left: Value, right: Value, context: Context) -> bool:
    """XPath 1.0 §3.4 `=`: existential over node-sets, else booleans, then numbers, then strings."""
    return _compare(left, right, context, lambda a, b: a == b, lambda a, b: a == b)


def unequal(left: Value, right: Value, context: Context) -> bool:
    """XPath 1.0 §3.4 `!=`: some pair differs; over node-sets not the opposite of `=`."""
    return _compare(left, right, context, lambda a, b: a != b, lambda a, b: a != b)


def _compare(
    left: Value,
    right: Value,
    context: Context,
    by_number: Callable[[float, float], bool],
    by_text: Callable[[str, str], bool],
) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return by_number(float(truth_of(left)), float(truth_of(right)))
    if isinstance(left, list) or isinstance(right, list):
        return any(
            _compare(one, other, context, by_number, by_text)
            for one in (left if isinstance(left, list) else [left])
            for other in (right if isinstance(right, list) else [right])
        )
    if isinstance(left, float) or isinstance(right, float):
        return by_number(number_of(left, context), number_of(right, context))
    return by_text(left, right)


def ordered(left: Value, right: Value, context: Context, holds: Callable[[float, float], bool]) -> bool:
    """XPath 1.0 §3.4 `<`, `<=`, `>`, `>=`: as numbers, existential over node-sets."""
    if isinstance(left, bool) or isinstance(right, bool):
        left, right = (
            (truth_of(left) if isinstance(left, list) else left),
            (truth_of(right) if isinstance(right, list) else right),
        )
    if isinstance(left, list) or isinstance(right, list):
        return any(
            holds(*pair_of(one, other, context))
            for one in (left if isinstance(left, list) else [left])
            for other in (right if isinstance(right, list) else [right])
        )
    return holds(*pair_of(left, right, context))


def pair_of(left: Value, right: Value, context: Context) -> tuple[float, float]:
    """Two values as numbers that are compared or subtracted; of two date-times with an offset, the moments in days.

    Between moments on both sides of a change of clocks, wall clocks make an hour of nothing, or nothing of an hour.
    """
    if isinstance(left, str) and isinstance(right, str):
        one, other = moment_of(left), moment_of(right)
        if one is not None and other is not None:
            shift = context.offset * 60_000
            return (one + shift) / DAY_MS, (other + shift) / DAY_MS
    return number_of(left, context), number_of(right, context)


def divide(left: float, right: float) -> float:
    """IEEE division: by zero it is infinite or NaN, never an error."""
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def remainder(left: float, right: float) -> float:
    """XPath's `mod`: the remainder of a truncating division, with the sign of the left."""
    if right == 0 or math.isinf(left) or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.fmod(left, right)

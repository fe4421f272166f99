"""The function library of checklist expressions: ODK XForms functions by name, with their signatures.

`pwa/src/engine/functions/functions.ts` is the twin.
"""

import math
from collections.abc import Callable
from typing import Any, Final

from steppe.checklists.expressions.arithmetic import maths
from steppe.checklists.expressions.arithmetic.powers import power
from steppe.checklists.expressions.arithmetic.shuffle import shuffled
from steppe.checklists.expressions.dates import format_day_number, iso_date, iso_now, iso_today
from steppe.checklists.expressions.digests import base64_decoded, digest
from steppe.checklists.expressions.geometry import area, crosses_itself, encloses, length, line_of
from steppe.checklists.expressions.limits import TEXT_BYTES, OverBudget, utf8_length
from steppe.checklists.expressions.patterns import matches, steps_of
from steppe.checklists.expressions.signatures import Kind, Scope, Signature
from steppe.checklists.expressions.values import (
    Value,
    number_of,
    number_of_text,
    text_of,
    tokens_of,
)

__all__ = ["SIGNATURES", "Kind", "Scope", "Signature", "round_half_up"]


def round_half_up(number: float) -> float:
    """XPath's `round()`: the nearest whole number, halves towards positive infinity."""
    if not math.isfinite(number):
        return number
    below = math.floor(number)
    return float(below + 1) if number - below >= 0.5 else float(below)


def _round(_: Scope, number: float, decimals: float = 0.0) -> float:
    places = _truncated(decimals)
    if math.isnan(places):
        return math.nan
    if not math.isfinite(number):
        return number
    scale = float(10 ** int(min(abs(places), 22)))
    if places < 0:
        return round_half_up(number / scale) * scale
    scaled = number * scale
    return round_half_up(scaled) / scale if math.isfinite(scaled) else number


def _truncated(number: float) -> float:
    return float(math.trunc(number)) if math.isfinite(number) else number


def _floor(_: Scope, number: float) -> float:
    return float(math.floor(number)) if math.isfinite(number) else number


def _ceiling(_: Scope, number: float) -> float:
    return float(math.ceil(number)) if math.isfinite(number) else number


def _sum(scope: Scope, nodes: list[str]) -> float:
    total = 0.0
    for node in nodes:
        total += number_of_text(node, scope.context)
    return total


def _numbers(scope: Scope, values: tuple[Value, ...]) -> list[float]:
    context = scope.context
    return [
        number
        for value in values
        for number in (
            [number_of_text(node, context) for node in value]
            if isinstance(value, list)
            else [number_of(value, context)]
        )
    ]


def _min(scope: Scope, *values: Value) -> float:
    return _extreme(_numbers(scope, values), lambda one, best: one < best)


def _max(scope: Scope, *values: Value) -> float:
    return _extreme(_numbers(scope, values), lambda one, best: one > best)


def _extreme(numbers: list[float], better: Callable[[float, float], bool]) -> float:
    if not numbers or any(math.isnan(number) for number in numbers):
        return math.nan
    best = numbers[0]
    for number in numbers[1:]:
        if better(number, best):
            best = number
    return best


def _index(number: float) -> int | None:
    """A number as a place in a text or list; None for NaN. The bounds keep infinities out of integer arithmetic."""
    if math.isnan(number):
        return None
    return math.trunc(max(-1e9, min(1e9, number)))


def _selected_at(_: Scope, items: str, place: float) -> str:
    index = _index(place)
    tokens = tokens_of(items)
    return tokens[index] if index is not None and 0 <= index < len(tokens) else ""


def _substr(_: Scope, text: str, start: float, end: float = math.inf) -> str:
    first, last = _index(start), _index(end)
    if first is None or last is None:
        return ""
    length = len(text)
    first = min(max(0, first + length if first < 0 else first), length)
    last = min(max(0, last + length if last < 0 else last), length)
    return text[first:last]


def _before(_: Scope, text: str, mark: str) -> str:
    return text[: max(0, text.find(mark))]


def _after(_: Scope, text: str, mark: str) -> str:
    place = text.find(mark)
    return text[place + len(mark) :] if place >= 0 else ""


def _translate(_: Scope, text: str, wanted: str, given: str) -> str:
    table: dict[str, str] = {}
    for index, character in enumerate(wanted):
        table.setdefault(character, given[index : index + 1])
    return "".join([table.get(character, character) for character in text])


def _together(mark: str, texts: list[str]) -> str:
    """The texts as one, when the whole is no longer than a text answer may be."""
    if sum(map(utf8_length, texts)) + utf8_length(mark) * max(0, len(texts) - 1) > TEXT_BYTES:
        raise OverBudget
    return mark.join(texts)


def _walking(function: Callable[..., Value]) -> Callable[..., Value]:
    """A function that walks its first text: a sixteenth of an operation for every byte."""

    def apply(scope: Scope, text: str, *rest: Value) -> Value:
        scope.spend(utf8_length(text) // 16)
        return function(scope, text, *rest)

    return apply


def _matches(scope: Scope, text: str, pattern: str) -> bool:
    scope.spend(steps_of(pattern) * (len(text) + 1))
    return matches(text, pattern)


def _intersects(scope: Scope, value: Value) -> bool:
    line = line_of(value)
    scope.spend(len(line or ()) ** 2)
    return crosses_itself(line)


def _strings(values: tuple[Value, ...]) -> list[str]:
    return [text for value in values for text in (value if isinstance(value, list) else [text_of(value)])]


def _day_number(scope: Scope, value: Value) -> float:
    return number_of(value, scope.context)


def _fraction_of_day(scope: Scope, value: Value) -> float:
    number = _day_number(scope, value)
    return number - math.floor(number) + 0.0 if math.isfinite(number) else math.nan


def _ticked(least: float, most: float, weights: list[tuple[float, float]]) -> bool:
    total = 0.0
    for value, weight in weights:
        if value > 0:
            total += weight
    return (least == -1 or total >= least) and (most == -1 or total <= most)


def _checklist(scope: Scope, least: float, most: float, *values: Value) -> bool:
    return _ticked(least, most, [(number, 1.0) for number in _numbers(scope, values)])


def _weighted_checklist(scope: Scope, least: float, most: float, *values: Value) -> bool:
    pairs: list[tuple[float, float]] = []
    for place in range(0, len(values), 2):
        pairs += zip(_numbers(scope, (values[place],)), _numbers(scope, (values[place + 1],)), strict=False)
    return _ticked(least, most, pairs)


def _rounded(function: Callable[..., float]) -> Callable[..., Value]:
    return lambda _, *numbers: maths.rounded(function(*numbers))


def _by_the_phone(*_: Any) -> Value:
    """What only a phone can answer says nothing on the server."""
    return ""


def _by_the_evaluator(*_: Any) -> Value:
    """The evaluator treats these itself: they do not evaluate all their arguments, or read them by name."""
    return ""


SIGNATURES: Final[dict[str, Signature]] = {
    "abs": Signature("n", "n", 1, 1, "number", lambda _, number: abs(number)),
    "acos": Signature("n", "n", 1, 1, "number", _rounded(maths.arccosine)),
    "area": Signature("n", "v", 1, None, "${geoshape}", lambda _, *values: area(line_of(*values))),
    "asin": Signature("n", "n", 1, 1, "number", _rounded(maths.arcsine)),
    "atan": Signature("n", "n", 1, 1, "number", _rounded(maths.arctangent)),
    "atan2": Signature("n", "nn", 2, 2, "y, x", _rounded(maths.direction)),
    "base64-decode": Signature("s", "s", 1, 1, "text", lambda _, text: base64_decoded(text)),
    "boolean": Signature("b", "b", 1, 1, "value", lambda _, value: value),
    "boolean-from-string": Signature("b", "s", 1, 1, "text", lambda _, text: text in {"true", "1"}),
    "ceiling": Signature("n", "n", 1, 1, "number", _ceiling),
    "checklist": Signature("b", "nnv", 2, None, "least, most, answer, …", _checklist),
    "coalesce": Signature("s", "ss", 2, 2, "first, second", lambda _, one, other: one or other),
    "concat": Signature("s", "v", 1, None, "text, …", lambda _, *values: _together("", _strings(values))),
    "contains": Signature("b", "ss", 2, 2, "text, part", lambda _, text, part: part in text),
    "cos": Signature("n", "n", 1, 1, "angle", _rounded(maths.cosine)),
    "count": Signature("n", "N", 1, 1, "${question in a repeat}", lambda _, nodes: float(len(nodes))),
    "count-non-empty": Signature(
        "n", "N", 1, 1, "${question in a repeat}", lambda _, nodes: float(sum(node != "" for node in nodes))
    ),
    "count-selected": Signature(
        "n", "s", 1, 1, "${select_multiple}", _walking(lambda _, items: float(len(tokens_of(items))))
    ),
    "date": Signature("s", "v", 1, 1, "value", lambda scope, value: iso_date(_day_number(scope, value))),
    "decimal-date-time": Signature("n", "v", 1, 1, "date", _day_number),
    "decimal-time": Signature("n", "v", 1, 1, "time", _fraction_of_day),
    "digest": Signature("s", "sss", 2, 3, "text, 'SHA-256', 'hex'", _walking(lambda _, *texts: digest(*texts))),
    "distance": Signature("n", "v", 1, None, "${geotrace}", lambda _, *values: length(line_of(*values))),
    "enclosed-area": Signature("n", "v", 1, None, "${geoshape}", lambda _, *values: area(line_of(*values))),
    "ends-with": Signature("b", "ss", 2, 2, "text, end", lambda _, text, end: text.endswith(end)),
    "exp": Signature("n", "n", 1, 1, "number", _rounded(maths.exponential_of)),
    "exp10": Signature("n", "n", 1, 1, "number", _rounded(maths.ten_to)),
    "false": Signature("b", "", 0, 0, "", lambda _: False),
    "floor": Signature("n", "n", 1, 1, "number", _floor),
    "format-date": Signature(
        "s",
        "vs",
        2,
        2,
        "date, '%d %b %Y'",
        lambda scope, value, form: format_day_number(_day_number(scope, value), form),
    ),
    "format-date-time": Signature(
        "s",
        "vs",
        2,
        2,
        "moment, '%H:%M'",
        lambda scope, value, form: format_day_number(_day_number(scope, value), form),
    ),
    "geofence": Signature(
        "b", "vv", 2, 2, "${geopoint}, ${geoshape}", lambda _, place, shape: encloses(line_of(shape), line_of(place))
    ),
    "if": Signature("v", "bvv", 3, 3, "condition, then, else", _by_the_evaluator),
    "indexed-repeat": Signature("s", "vvnvn", 3, None, "${question}, ${repeat}, number, …", _by_the_evaluator, cycle=2),
    "int": Signature("n", "n", 1, 1, "number", lambda _, number: _truncated(number)),
    "intersects": Signature("b", "v", 1, 1, "${geotrace}", _intersects),
    "join": Signature(
        "s", "sv", 1, None, "separator, text, …", lambda _, mark, *values: _together(mark, _strings(values))
    ),
    "jr:choice-name": Signature(
        "s", "ss", 2, 2, "${question}, '${question}'", lambda scope, name, question: scope.choice_name(question, name)
    ),
    "last-saved": Signature("s", "v", 1, 1, "${question}", _by_the_evaluator),
    "log": Signature("n", "n", 1, 1, "number", _rounded(maths.natural_logarithm)),
    "log10": Signature("n", "n", 1, 1, "number", _rounded(maths.decimal_logarithm)),
    "max": Signature("n", "v", 1, None, "number, …", _max),
    "min": Signature("n", "v", 1, None, "number, …", _min),
    "normalize-space": Signature("s", "s", 1, 1, "text", _walking(lambda _, text: " ".join(tokens_of(text)))),
    "not": Signature("b", "b", 1, 1, "condition", lambda _, condition: not condition),
    "now": Signature("s", "", 0, 0, "", lambda scope: iso_now(scope.context)),
    "number": Signature("n", "n", 1, 1, "value", lambda _, number: number),
    "once": Signature("s", "s", 1, 1, "value", _by_the_evaluator),
    "pi": Signature("n", "", 0, 0, "", lambda _: maths.PI),
    "position": Signature("n", "n", 0, 1, "..", lambda scope, up=0.0: scope.position(up)),
    "pow": Signature("n", "nn", 2, 2, "number, power", lambda _, base, exponent: power(base, exponent)),
    "property": Signature("s", "s", 1, 1, "'deviceid'", _by_the_phone),
    "random": Signature("n", "", 0, 0, "", lambda _: math.nan),
    "randomize": Signature("N", "Nn", 2, 2, "choices, seed", lambda _, nodes, seed: shuffled(nodes, seed)),
    "regex": Signature("b", "ss", 2, 2, "text, 'pattern'", _matches),
    "round": Signature("n", "nn", 1, 2, "number, decimals", _round),
    "selected": Signature(
        "b", "ss", 2, 2, "${question}, 'choice'", _walking(lambda _, items, name: name in tokens_of(items))
    ),
    "selected-at": Signature("s", "sn", 2, 2, "${question}, place", _walking(_selected_at)),
    "sin": Signature("n", "n", 1, 1, "angle", _rounded(maths.sine)),
    "sqrt": Signature("n", "n", 1, 1, "number", lambda _, number: maths.square_root(number)),
    "starts-with": Signature("b", "ss", 2, 2, "text, start", lambda _, text, start: text.startswith(start)),
    "string": Signature("s", "s", 1, 1, "value", lambda _, text: text),
    "string-length": Signature("n", "s", 1, 1, "text", lambda _, text: float(len(text))),
    "substr": Signature("s", "snn", 2, 3, "text, start, end", _substr),
    "substring-after": Signature("s", "ss", 2, 2, "text, mark", _after),
    "substring-before": Signature("s", "ss", 2, 2, "text, mark", _before),
    "sum": Signature("n", "N", 1, 1, "${question in a repeat}", _sum),
    "tan": Signature("n", "n", 1, 1, "angle", _rounded(maths.tangent)),
    "today": Signature("s", "", 0, 0, "", lambda scope: iso_today(scope.context)),
    "translate": Signature("s", "sss", 3, 3, "text, from, to", _walking(_translate)),
    "true": Signature("b", "", 0, 0, "", lambda _: True),
    "uuid": Signature("s", "n", 0, 1, "", _by_the_phone),
    "version": Signature("s", "", 0, 0, "", lambda scope: scope.version),
    "weighted-checklist": Signature(
        "b", "nnvv", 2, None, "least, most, answer, weight, …", _weighted_checklist, cycle=2
    ),
}
"""Every supported function. Anything else is refused at publishing, by name."""

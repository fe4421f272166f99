"""The function library of checklist expressions: ODK XForms functions by name, with their signatures.

A signature is a string of argument kinds: ``n`` number, ``s`` string, ``b`` boolean, ``N`` node-set, ``v`` any value.
Arguments are converted before the call, as XPath 1.0 §3.2 says. ``pwa/src/checklists/functions.ts`` is the twin.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, TypeAlias

from steppe.checklists.dates import Context, format_day_number, iso_date, iso_now, iso_today
from steppe.checklists.patterns import matches
from steppe.checklists.powers import power
from steppe.checklists.values import (
    Value,
    number_of,
    number_of_text,
    text_of,
    tokens_of,
)

Kind: TypeAlias = Literal["n", "s", "b", "N", "v"]


class Scope(Protocol):
    """What a function may know besides its arguments."""

    context: Context

    def position(self, up: float) -> float:
        """The 1-based place of the row, or of the row ``up`` levels above it; 0 outside rows."""
        ...

    def choice_name(self, question: str, name: str) -> str:
        """The label of a choice in the definition's default language; the empty string when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function is called and what it gives back.

    ``kinds`` are the argument kinds in order; with ``most`` None the kinds after ``least`` repeat the last ``cycle``.
    """

    result: Kind
    kinds: str
    least: int
    most: int | None
    shown: str
    apply: Callable[..., Value]
    cycle: int = 1

    def accepts(self, count: int) -> bool:
        """Whether the function may be called with this many arguments."""
        if count < self.least or (self.most is not None and count > self.most):
            return False
        return self.most is not None or (count - self.least) % self.cycle == 0

    def kind(self, index: int) -> Kind:
        """The kind of the argument at a 0-based index."""
        if index >= len(self.kinds):
            index = len(self.kinds) - self.cycle + (index - len(self.kinds)) % self.cycle
        return self.kinds[index]  # type: ignore[return-value]  # a letter of a string of kinds

    def wanted(self) -> str:
        """The accepted number of arguments in words."""
        if self.most is None:
            return f"{self.least} or more arguments" + (" in pairs" if self.cycle > 1 else "")
        plural = "" if self.most == 1 else "s"
        if self.least == self.most:
            return f"{self.most or 'no'} argument{plural}"
        return f"{self.least} to {self.most} arguments"


def round_half_up(number: float) -> float:
    """XPath's ``round()``: the nearest whole number, halves towards positive infinity."""
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
        total += number_of_text(node, scope.context.offset)
    return total


def _numbers(scope: Scope, values: tuple[Value, ...]) -> list[float]:
    offset = scope.context.offset
    return [
        number
        for value in values
        for number in (
            [number_of_text(node, offset) for node in value] if isinstance(value, list) else [number_of(value, offset)]
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


def _strings(values: tuple[Value, ...]) -> list[str]:
    return [text for value in values for text in (value if isinstance(value, list) else [text_of(value)])]


def _day_number(scope: Scope, value: Value) -> float:
    return number_of(value, scope.context.offset)


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


def _by_the_evaluator(*_: Any) -> Value:
    """The evaluator treats these itself: they do not evaluate all their arguments, or read them by name."""
    return ""


SIGNATURES: Final[dict[str, Signature]] = {
    "abs": Signature("n", "n", 1, 1, "number", lambda _, number: abs(number)),
    "boolean": Signature("b", "b", 1, 1, "value", lambda _, value: value),
    "boolean-from-string": Signature("b", "s", 1, 1, "text", lambda _, text: text in {"true", "1"}),
    "ceiling": Signature("n", "n", 1, 1, "number", _ceiling),
    "checklist": Signature("b", "nnv", 2, None, "least, most, answer, …", _checklist),
    "coalesce": Signature("s", "ss", 2, 2, "first, second", lambda _, one, other: one or other),
    "concat": Signature("s", "v", 1, None, "text, …", lambda _, *values: "".join(_strings(values))),
    "contains": Signature("b", "ss", 2, 2, "text, part", lambda _, text, part: part in text),
    "count": Signature("n", "N", 1, 1, "${question in a repeat}", lambda _, nodes: float(len(nodes))),
    "count-non-empty": Signature(
        "n", "N", 1, 1, "${question in a repeat}", lambda _, nodes: float(sum(node != "" for node in nodes))
    ),
    "count-selected": Signature("n", "s", 1, 1, "${select_multiple}", lambda _, items: float(len(tokens_of(items)))),
    "date": Signature("s", "v", 1, 1, "value", lambda scope, value: iso_date(_day_number(scope, value))),
    "decimal-date-time": Signature("n", "v", 1, 1, "date", _day_number),
    "decimal-time": Signature("n", "v", 1, 1, "time", _fraction_of_day),
    "ends-with": Signature("b", "ss", 2, 2, "text, end", lambda _, text, end: text.endswith(end)),
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
    "if": Signature("v", "bvv", 3, 3, "condition, then, else", _by_the_evaluator),
    "indexed-repeat": Signature("s", "vvnvn", 3, None, "${question}, ${repeat}, number, …", _by_the_evaluator, cycle=2),
    "int": Signature("n", "n", 1, 1, "number", lambda _, number: _truncated(number)),
    "join": Signature("s", "sv", 1, None, "separator, text, …", lambda _, mark, *values: mark.join(_strings(values))),
    "jr:choice-name": Signature(
        "s", "ss", 2, 2, "${question}, '${question}'", lambda scope, name, question: scope.choice_name(question, name)
    ),
    "last-saved": Signature("s", "v", 1, 1, "${question}", _by_the_evaluator),
    "max": Signature("n", "v", 1, None, "number, …", _max),
    "min": Signature("n", "v", 1, None, "number, …", _min),
    "normalize-space": Signature("s", "s", 1, 1, "text", lambda _, text: " ".join(tokens_of(text))),
    "not": Signature("b", "b", 1, 1, "condition", lambda _, condition: not condition),
    "now": Signature("s", "", 0, 0, "", lambda scope: iso_now(scope.context)),
    "number": Signature("n", "n", 1, 1, "value", lambda _, number: number),
    "once": Signature("s", "s", 1, 1, "value", _by_the_evaluator),
    "position": Signature("n", "n", 0, 1, "..", lambda scope, up=0.0: scope.position(up)),
    "pow": Signature("n", "nn", 2, 2, "number, power", lambda _, base, exponent: power(base, exponent)),
    "regex": Signature("b", "ss", 2, 2, "text, 'pattern'", lambda _, text, pattern: matches(text, pattern)),
    "round": Signature("n", "nn", 1, 2, "number, decimals", _round),
    "selected": Signature("b", "ss", 2, 2, "${question}, 'choice'", lambda _, items, name: name in tokens_of(items)),
    "selected-at": Signature("s", "sn", 2, 2, "${question}, place", _selected_at),
    "starts-with": Signature("b", "ss", 2, 2, "text, start", lambda _, text, start: text.startswith(start)),
    "string": Signature("s", "s", 1, 1, "value", lambda _, text: text),
    "string-length": Signature("n", "s", 1, 1, "text", lambda _, text: float(len(text))),
    "substr": Signature("s", "snn", 2, 3, "text, start, end", _substr),
    "substring-after": Signature("s", "ss", 2, 2, "text, mark", _after),
    "substring-before": Signature("s", "ss", 2, 2, "text, mark", _before),
    "sum": Signature("n", "N", 1, 1, "${question in a repeat}", _sum),
    "today": Signature("s", "", 0, 0, "", lambda scope: iso_today(scope.context)),
    "translate": Signature("s", "sss", 3, 3, "text, from, to", _translate),
    "true": Signature("b", "", 0, 0, "", lambda _: True),
    "weighted-checklist": Signature(
        "b", "nnvv", 2, None, "least, most, answer, weight, …", _weighted_checklist, cycle=2
    ),
}
"""Every supported function. Anything else is refused at publishing, by name."""

"""Which answers fit which question: one check for each type (docs/checklists.md §2).

`faultOf` in `pwa/src/engine/answers.ts` is the twin.
"""

import math
import re
from collections.abc import Callable
from typing import Final, Literal, TypeAlias, TypeGuard

from steppe.checklists.definition import Definition, Question
from steppe.checklists.expressions.dates import day_number
from steppe.checklists.expressions.sources import offered_labels
from steppe.checklists.expressions.values import text_of_number
from steppe.kit.ids import SHA256_HEX

WHOLE: Final = 2**53
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")
_POINT: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)? -?[0-9]+(?:\.[0-9]+)?(?: -?[0-9]+(?:\.[0-9]+)?){0,2}")
ROW: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

ATTACHED: Final = frozenset({"photo", "audio", "video", "file"})
"""The types whose answer is the hex SHA-256 of an attached file."""

Fault: TypeAlias = Literal["unknown_path", "wrong_type", "not_in_list", "repeated"]


Check: TypeAlias = Callable[[object], tuple[Fault, str] | None]
"""What is wrong with an answer, and what would fit; None when it fits."""


def check_of(definition: Definition, question: Question, named: dict[tuple[str | None, ...], frozenset[str]]) -> Check:
    """The check of a question's answers; `named` keeps the choices of questions that share a list or table."""
    if question.reference is not None:
        return _refers
    if question.rows is not None:
        return _typed("the answer of one row", lambda answer: isinstance(answer, str))
    if question.type in {"select_one", "select_multiple", "rank"}:
        choices = (question.list, question.table, question.value)
        if choices not in named:  # a table may have 20,000 rows, and several questions that choose from it
            named[choices] = frozenset(offered_labels(definition, question))
        names = named[choices]
        if question.type == "rank":
            return _ranking_of(names, is_whole=question.filter is None)
        return _one_of(names) if question.type == "select_one" else _some_of(names)
    return check_of_type(question)


def check_of_type(question: Question) -> Check:
    """The check of a question that is answered by no choices."""
    return _within(question) if question.type == "range" else _TYPE_CHECKS[question.type]


def _one_of(names: frozenset[str]) -> Check:
    def check(answer: object) -> tuple[Fault, str] | None:
        if not isinstance(answer, str):
            return "wrong_type", "the name of one choice"
        return None if answer in names else ("not_in_list", "the name of a choice of the list")

    return check


def _some_of(names: frozenset[str]) -> Check:
    def check(answer: object) -> tuple[Fault, str] | None:
        if not isinstance(answer, list) or not all(isinstance(item, str) for item in answer):
            return "wrong_type", "a list of choice names"
        if not names.issuperset(answer):
            return "not_in_list", "names of choices of the list"
        return None if len(set(answer)) == len(answer) else ("repeated", "each choice once")

    return check


def _refers(answer: object) -> tuple[Fault, str] | None:
    """Choices the phone supplied: nobody else can list them, so only their form is looked at."""
    if not isinstance(answer, list) or not all(isinstance(item, str) and ROW.fullmatch(item) for item in answer):
        return "wrong_type", "a list of codes of entries"
    return None if len(set(answer)) == len(answer) else ("repeated", "each entry once")


def _ranking_of(names: frozenset[str], *, is_whole: bool) -> Check:
    """`is_whole`: a ranking names every choice; under a filter, which of them are offered is not looked at."""
    some = _some_of(names)

    def check(answer: object) -> tuple[Fault, str] | None:
        found = some(answer)
        if found is None and is_whole and isinstance(answer, list) and len(answer) != len(names):
            return "wrong_type", "every choice once"
        return found

    return check


def _within(question: Question) -> Check:
    """The bounds of a range (`start`, `end` and `step`: 1, 10 and 1) and whether it takes fractions."""
    given = question.parameters or {}
    start, end, step = (float(given.get(name, other)) for name, other in (("start", 1), ("end", 10), ("step", 1)))
    least, most = min(start, end), max(start, end)
    is_whole = all(number.is_integer() for number in (start, end, step))

    def fits(answer: object) -> bool:
        return _is_number(answer) and least <= answer <= most and (not is_whole or answer == int(answer))

    return _typed(f"a number from {text_of_number(least)} to {text_of_number(most)}", fits)


def check_rows(answer: object) -> tuple[Fault, str] | None:
    """The check of a repeat's rows."""
    if not isinstance(answer, list) or not all(isinstance(row, str) and ROW.fullmatch(row) for row in answer):
        return "wrong_type", "a list of row ids"
    return None if len(set(answer)) == len(answer) else ("repeated", "each row once")


def _typed(expected: str, fits: Callable[[object], bool]) -> Check:
    return lambda answer: None if fits(answer) else ("wrong_type", expected)


def _is_number(answer: object) -> TypeGuard[int | float]:
    return isinstance(answer, int | float) and not isinstance(answer, bool) and -1e300 < answer < 1e300


def _is_whole(answer: object) -> bool:
    return _is_number(answer) and -WHOLE < answer < WHOLE and answer == int(answer)


def _is_point(answer: object) -> bool:
    if not isinstance(answer, str) or not _POINT.fullmatch(answer):
        return False
    latitude, longitude = answer.split(" ")[:2]
    return abs(float(latitude)) <= 90 and abs(float(longitude)) <= 180


def _is_trace(answer: object) -> bool:
    return isinstance(answer, str) and len(_points(answer)) >= 2 and all(map(_is_point, _points(answer)))


def _is_shape(answer: object) -> bool:
    """A closed line around an area: three corners at least, and the first again at the end."""
    if not isinstance(answer, str):
        return False
    points = _points(answer)
    return len(points) >= 4 and all(map(_is_point, points)) and points[0] == points[-1]


def _points(answer: str) -> list[str]:
    """The points of a trace: `lat lon alt acc; lat lon alt acc; …`, a semicolon at the end allowed."""
    return re.split(";[ ]*", re.sub(";[ ]*$", "", answer))


def _is_like(pattern: re.Pattern[str], answer: object) -> bool:
    return isinstance(answer, str) and pattern.fullmatch(answer) is not None


def _is_day(pattern: re.Pattern[str] | None, answer: object) -> bool:
    if not isinstance(answer, str) or math.isnan(day_number(answer, None)):
        return False
    return pattern.fullmatch(answer) is not None if pattern else "T" in answer


_TYPE_CHECKS: Final[dict[str, Check]] = {
    "text": _typed("text", lambda answer: isinstance(answer, str)),
    "integer": _typed("a whole number", _is_whole),
    "decimal": _typed("a number", _is_number),
    "date": _typed("a date such as 2021-01-10", lambda answer: _is_day(_DATE, answer)),
    "time": _typed("a time such as 14:05", lambda answer: _is_day(_TIME, answer)),
    "datetime": _typed("a moment such as 2021-01-10T14:05+06:00", lambda answer: _is_day(None, answer)),
    **dict.fromkeys(ATTACHED, _typed("the SHA-256 of the file", lambda answer: _is_like(SHA256_HEX, answer))),
    "geopoint": _typed("latitude and longitude", _is_point),
    "geotrace": _typed("two points or more, each latitude and longitude", _is_trace),
    "geoshape": _typed("three points or more and the first again", _is_shape),
    "barcode": _typed("text", lambda answer: isinstance(answer, str)),
    "metadata": _typed("text", lambda answer: isinstance(answer, str)),
    "calculate": _typed("text or a number", lambda answer: isinstance(answer, str) or _is_number(answer)),
    "hidden": _typed("text or a number", lambda answer: isinstance(answer, str) or _is_number(answer)),
    "acknowledge": _typed("OK", lambda answer: answer == "OK"),
}

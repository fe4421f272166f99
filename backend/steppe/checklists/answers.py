"""Answers as they are stored and sent: flat, path → value (docs/checklists.md §2).

``pwa/src/checklists/answers.ts`` is the twin of the checks and of :func:`answer_of_value`.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias, TypeGuard

from steppe.checklists.dates import day_number
from steppe.checklists.definition import Definition, Question
from steppe.checklists.values import Value, number_of, text_of, tokens_of

Answer: TypeAlias = str | int | float | list[str]
Answers: TypeAlias = Mapping[str, object]
"""Path → answer; None clears an answer in a patch and counts as no answer elsewhere."""

_WHOLE: Final = 2**53
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_POINT: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)? -?[0-9]+(?:\.[0-9]+)?(?: -?[0-9]+(?:\.[0-9]+)?){0,2}")
_ROW: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

Fault: TypeAlias = Literal["unknown_path", "wrong_type", "not_in_list", "repeated"]


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """An answer that does not fit its question. ``expected`` says what would, in plain English."""

    path: str
    fault: Fault
    expected: str


_Check: TypeAlias = Callable[[object], tuple[Fault, str] | None]


def is_empty(answer: object) -> bool:
    """Whether an answer says nothing: None, the empty string, an empty list."""
    return answer in (None, "", [])


def check_answers(definition: Definition, patch: Answers) -> list[AnswerProblem]:
    """Every answer of a patch that does not fit the definition, in the patch's order; a cleared answer always fits.

    Relevance and constraints are not looked at: this asks only whether the values can be read.
    """
    checks = _checks_of(definition)
    problems: list[AnswerProblem] = []
    for path, answer in patch.items():
        check = checks.get(path)
        if check is None and "/" in path:
            repeat, row, question = (*path.split("/", 2), "", "")[:3]
            check = checks.get(f"{repeat}/{question}") if _ROW.fullmatch(row) else None
        if check is None:
            problems.append(AnswerProblem(path, "unknown_path", "a question of this checklist"))
        elif answer is not None and (found := check(answer)) is not None:
            problems.append(AnswerProblem(path, *found))
    return problems


@lru_cache(maxsize=128)
def _checks_of(definition: Definition) -> dict[str, _Check]:
    checks: dict[str, _Check] = {repeat.id: _check_rows for _, repeat in definition.repeats()}
    for _, repeat, question in definition.questions():
        if question.type != "note":
            key = f"{repeat.id}/{question.id}" if repeat else question.id
            checks[key] = _check_of(definition, question)
    return checks


def _check_of(definition: Definition, question: Question) -> _Check:
    if question.type in {"select_one", "select_multiple"}:
        if question.reference is not None:
            return _refers
        names = frozenset(choice.name for choice in definition.choices.get(question.list or "", ()))
        return _one_of(names) if question.type == "select_one" else _some_of(names)
    return _TYPE_CHECKS[question.type]


def _one_of(names: frozenset[str]) -> _Check:
    def check(answer: object) -> tuple[Fault, str] | None:
        if not isinstance(answer, str):
            return "wrong_type", "the name of one choice"
        return None if answer in names else ("not_in_list", "the name of a choice of the list")

    return check


def _some_of(names: frozenset[str]) -> _Check:
    def check(answer: object) -> tuple[Fault, str] | None:
        if not isinstance(answer, list) or not all(isinstance(item, str) for item in answer):
            return "wrong_type", "a list of choice names"
        if not names.issuperset(answer):
            return "not_in_list", "names of choices of the list"
        return None if len(set(answer)) == len(answer) else ("repeated", "each choice once")

    return check


def _refers(answer: object) -> tuple[Fault, str] | None:
    """Choices the phone supplied: nobody else can list them, so only their form is looked at."""
    if not isinstance(answer, list) or not all(isinstance(item, str) and _ROW.fullmatch(item) for item in answer):
        return "wrong_type", "a list of codes of entries"
    return None if len(set(answer)) == len(answer) else ("repeated", "each entry once")


def _check_rows(answer: object) -> tuple[Fault, str] | None:
    if not isinstance(answer, list) or not all(isinstance(row, str) and _ROW.fullmatch(row) for row in answer):
        return "wrong_type", "a list of row ids"
    return None if len(set(answer)) == len(answer) else ("repeated", "each row once")


def _typed(expected: str, fits: Callable[[object], bool]) -> _Check:
    return lambda answer: None if fits(answer) else ("wrong_type", expected)


def _is_number(answer: object) -> TypeGuard[int | float]:
    return isinstance(answer, int | float) and not isinstance(answer, bool) and -1e300 < answer < 1e300


def _is_whole(answer: object) -> bool:
    return _is_number(answer) and -_WHOLE < answer < _WHOLE and answer == int(answer)


def _is_point(answer: object) -> bool:
    if not isinstance(answer, str) or not _POINT.fullmatch(answer):
        return False
    latitude, longitude = answer.split(" ")[:2]
    return abs(float(latitude)) <= 90 and abs(float(longitude)) <= 180


def _is_like(pattern: re.Pattern[str], answer: object) -> bool:
    return isinstance(answer, str) and pattern.fullmatch(answer) is not None


def _is_day(pattern: re.Pattern[str] | None, answer: object) -> bool:
    if not isinstance(answer, str) or math.isnan(day_number(answer, 0)):
        return False
    return pattern.fullmatch(answer) is not None if pattern else "T" in answer


_TYPE_CHECKS: Final[dict[str, _Check]] = {
    "text": _typed("text", lambda answer: isinstance(answer, str)),
    "integer": _typed("a whole number", _is_whole),
    "decimal": _typed("a number", _is_number),
    "date": _typed("a date such as 2021-01-10", lambda answer: _is_day(_DATE, answer)),
    "time": _typed("a time such as 14:05", lambda answer: _is_day(_TIME, answer)),
    "datetime": _typed("a moment such as 2021-01-10T14:05+06:00", lambda answer: _is_day(None, answer)),
    "photo": _typed("the SHA-256 of the photo", lambda answer: _is_like(_SHA256, answer)),
    "geopoint": _typed("latitude and longitude", _is_point),
    "calculate": _typed("text or a number", lambda answer: isinstance(answer, str) or _is_number(answer)),
    "acknowledge": _typed("OK", lambda answer: answer == "OK"),
}


def answer_of_value(
    question: Question, value: Value, list_order: Mapping[str, Mapping[str, int]], offset: int
) -> Answer | None:
    """An expression's value as an answer of the question's type; None when it says nothing.

    Numbers that JSON cannot hold (NaN, infinities) are no answer. A ``calculate`` keeps the kind of its value.
    ``list_order`` is question id → choice name → place; ``offset`` the mission's minutes east of Greenwich.
    """
    if question.type in {"integer", "decimal"} or (question.type == "calculate" and isinstance(value, float)):
        number = number_of(value, offset)
        if not math.isfinite(number):
            return None
        return number_answer(float(math.trunc(number)) if question.type == "integer" else number)
    text = text_of(value)
    if question.type == "select_multiple":
        return in_list_order(tokens_of(text), list_order.get(question.id, {})) or None
    return text or None


def number_answer(number: float) -> int | float:
    """A finite double as JSON writes it: whole numbers without a fraction, never minus zero."""
    return int(number) if number == math.trunc(number) and abs(number) < _WHOLE else number


def in_list_order(names: Iterable[str], places: Mapping[str, int]) -> list[str]:
    """Known choice names once each, in the order of their list."""
    return sorted({name for name in names if name in places}, key=lambda name: places[name])


def nested(definition: Definition, answers: Answers) -> dict[str, object]:
    """Answers by question id, each repeat a list of rows with their ``id``: the shape reports and exports read.

    Unanswered questions are absent; answers of unknown questions and of rows that no longer exist are left out.
    """
    whole: dict[str, object] = {}
    for _, repeat, question in definition.questions():
        if repeat is None and not is_empty(answers.get(question.id)):
            whole[question.id] = answers[question.id]
    for _, repeat in definition.repeats():
        rows = answers.get(repeat.id)
        if isinstance(rows, list) and rows:
            asked = [question.id for question in repeat.questions]
            whole[repeat.id] = [_row(repeat.id, row, asked, answers) for row in rows]
    return whole


def _row(repeat: str, row: str, questions: list[str], answers: Answers) -> dict[str, object]:
    held: dict[str, object] = {"id": row}
    for question in questions:
        answer = answers.get(f"{repeat}/{row}/{question}")
        if not is_empty(answer):
            held[question] = answer
    return held


def flat(definition: Definition, whole: Mapping[str, object]) -> dict[str, object]:
    """The inverse of :func:`nested`."""
    answers: dict[str, object] = {}
    repeats = {repeat.id for _, repeat in definition.repeats()}
    for name, value in whole.items():
        if name not in repeats or not isinstance(value, list):
            answers[name] = value
            continue
        answers[name] = [row["id"] for row in value]
        for row in value:
            answers.update({f"{name}/{row['id']}/{key}": held for key, held in row.items() if key != "id"})
    return answers

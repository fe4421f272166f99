"""Answers as they are stored and sent: flat, path → value (docs/checklists.md §2).

`pwa/src/engine/answers.ts` is the twin of the checks and of `answer_of_value`.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from steppe.checklists.definition import Definition, Question, Repeat
from steppe.checklists.evaluation.fitting import ROW, WHOLE, Check, Fault, check_of, check_rows
from steppe.checklists.expressions.dates import Context, in_kind
from steppe.checklists.expressions.values import Value, number_of, text_of, tokens_of

Answer: TypeAlias = str | int | float | list[str]
Answers: TypeAlias = Mapping[str, object]
"""Path → answer; None clears an answer in a patch and counts as no answer elsewhere."""


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """An answer that does not fit its question. `expected` says what would, in plain English."""

    path: str
    fault: Fault
    expected: str


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
            parts = path.split("/")
            check = checks.get("/".join(parts[::2])) if all(ROW.fullmatch(row) for row in parts[1::2]) else None
            if len(parts) % 2 == 0:
                check = None
        if check is None:
            problems.append(AnswerProblem(path, "unknown_path", "a question of this checklist"))
        elif answer is not None and (found := check(answer)) is not None:
            problems.append(AnswerProblem(path, *found))
    return problems


@lru_cache(maxsize=128)
def _checks_of(definition: Definition) -> dict[str, Check]:
    """Path without its rows → check: `outer/inner/q` for a question of a nested repeat."""
    places: dict[str, str] = {}
    for _, repeat in definition.repeats():
        places[repeat.id] = f"{places[repeat.inside]}/{repeat.id}" if repeat.inside else repeat.id
    checks: dict[str, Check] = {}
    checks.update(dict.fromkeys(places.values(), check_rows))
    named: dict[tuple[str | None, ...], frozenset[str]] = {}
    for _, within, question in definition.questions():
        if question.type != "note":
            key = question.id if within is None else f"{places[within.id]}/{question.id}"
            checks[key] = check_of(definition, question, named)
    return checks


def answer_of_value(
    question: Question, value: Value, list_order: Mapping[str, Mapping[str, int]], context: Context
) -> Answer | None:
    """An expression's value as an answer of the question's type; None when it says nothing.

    Numbers that JSON cannot hold (NaN, infinities) are no answer. A `calculate` keeps the kind of its value. A date,
    time or date-time becomes the one of them that is asked; a moment without a clock begins at midnight.
    `list_order` is question id → choice name → place; `context` the clock dates go by.
    """
    keeps_numbers = question.type in {"calculate", "hidden"} and isinstance(value, float)
    if question.type in {"integer", "decimal", "range"} or keeps_numbers:
        number = number_of(value, context)
        if not math.isfinite(number):
            return None
        return number_answer(float(math.trunc(number)) if question.type == "integer" else number)
    text = text_of(value)
    if question.type == "select_multiple":
        return in_list_order(tokens_of(text), list_order.get(question.id, {})) or None
    if question.type == "rank":
        return [name for name in dict.fromkeys(tokens_of(text)) if name in list_order.get(question.id, {})] or None
    if question.type in {"date", "time", "datetime"}:
        text = in_kind(question.type, text, number_of(value, context), context)
    return text or None


def number_answer(number: float) -> int | float:
    """A finite double as JSON writes it: whole numbers without a fraction, never minus zero."""
    return int(number) if number == math.trunc(number) and abs(number) < WHOLE else number


def in_list_order(names: Iterable[str], places: Mapping[str, int]) -> list[str]:
    """Known choice names once each, in the order of their list."""
    return sorted({name for name in names if name in places}, key=lambda name: places[name])


def nested(definition: Definition, answers: Answers) -> dict[str, object]:
    """Answers by question id, each repeat a list of rows with their `id`: the shape reports and exports read.

    A nested repeat is such a list among the answers of its row. Unanswered questions are absent; answers of unknown
    questions and of rows that no longer exist are left out.
    """
    whole: dict[str, object] = {}
    for _, repeat, question in definition.questions():
        if repeat is None and not is_empty(answers.get(question.id)):
            whole[question.id] = answers[question.id]
    return whole | _rows_in(None, "", _repeats_by_outer(definition), answers)


def _repeats_by_outer(definition: Definition) -> dict[str | None, list[Repeat]]:
    found: dict[str | None, list[Repeat]] = {}
    for _, repeat in definition.repeats():
        found.setdefault(repeat.inside, []).append(repeat)
    return found


def _rows_in(
    outer: str | None, prefix: str, repeats: Mapping[str | None, list[Repeat]], answers: Answers
) -> dict[str, object]:
    found: dict[str, object] = {}
    for repeat in repeats.get(outer, ()):
        path = prefix + repeat.id
        rows = answers.get(path)
        if isinstance(rows, list) and rows:
            found[repeat.id] = [_row(repeat, f"{path}/{row}/", row, repeats, answers) for row in rows]
    return found


def _row(
    repeat: Repeat, prefix: str, row: str, repeats: Mapping[str | None, list[Repeat]], answers: Answers
) -> dict[str, object]:
    held: dict[str, object] = {"id": row}
    for question in repeat.questions:
        answer = answers.get(prefix + question.id)
        if not is_empty(answer):
            held[question.id] = answer
    return held | _rows_in(repeat.id, prefix, repeats, answers)


def flat(definition: Definition, whole: Mapping[str, object]) -> dict[str, object]:
    """The inverse of `nested`."""
    answers: dict[str, object] = {}
    _flatten("", whole, {repeat.id for _, repeat in definition.repeats()}, answers)
    return answers


def _flatten(prefix: str, held: Mapping[str, object], repeats: set[str], answers: dict[str, object]) -> None:
    for name, value in held.items():
        if name not in repeats or not isinstance(value, list):
            answers[prefix + name] = value
            continue
        answers[prefix + name] = [row["id"] for row in value]
        for row in value:
            inside = {key: held for key, held in row.items() if key != "id"}
            _flatten(f"{prefix}{name}/{row['id']}/", inside, repeats, answers)

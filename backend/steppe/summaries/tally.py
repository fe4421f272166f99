"""What a submission adds to its region's tally, and exact adding and subtracting. Pure.

Counts have one written form for each content: zeros are left out, sums of decimals are rounded to six places after
every step. So adding and subtracting in any order ends at the very counts a recount makes, and the two can be
compared as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

from steppe.checklists.definition import Definition

FLAGS: Final = "flags"
SEEN: Final = "seen"
DOCUMENT: Final = "document"
SAID: Final = "said"
BASES: Final = (SEEN, DOCUMENT, SAID)
"""What a flag rests on: seen by the observers (where nothing else is said), read in a document, said by somebody."""
BEYOND: Final = "beyond"
LARGEST: Final = 1_000_000_000
"""Numbers beyond are counted under `beyond`, not summed: they are slips of the finger, and 64 bits hold the sum."""
PLACES: Final = 6
"""Decimals are summed to six places: up to `LARGEST` a double holds such sums exactly enough to be rounded back."""

Counts = dict[str, Any]
_NOTHING: Final[Counts] = {}
Kind = Literal["choice", "choices", "rank", "number", "acknowledge"]
_KINDS: Final[dict[str, Kind]] = {
    "select_one": "choice",
    "select_multiple": "choices",
    "rank": "rank",
    "integer": "number",
    "decimal": "number",
    "range": "number",
    "calculate": "number",
    "acknowledge": "acknowledge",
}


def delta(
    definition: Definition, answers: Mapping[str, Any], flags: Sequence[Mapping[str, Any]], sign: Literal[1, -1] = 1
) -> Counts:
    """Return what one submission adds to (`sign` 1) or takes from (-1) the counts of its tally.

    Sealed questions are never counted, nor are their flags. Every row of a repeat counts by itself. `not_observed` and
    `not_applicable` are counted under their names like other choices: whoever shows a denominator leaves them out.
    Of a ranking each choice is counted by its place: `{"roads": {"1": 7, "2": 3}}`.
    """
    counts: Counts = {}
    accumulate(counts, definition, answers, flags, sign)
    return counts


def accumulate(
    counts: Counts,
    definition: Definition,
    answers: Mapping[str, Any],
    flags: Sequence[Mapping[str, Any]],
    sign: Literal[1, -1] = 1,
) -> None:
    """Add `delta` into `counts`. Zeros may be left behind until `settled`."""
    kinds = _counted(definition)
    for path, answer in answers.items():
        question = path.rpartition("/")[2] if "/" in path else path
        kind = kinds.get(question)
        if kind is None:
            continue
        held = counts.get(question)
        if held is None:
            held = counts[question] = {}
        if kind == "choice":
            held[answer] = held.get(answer, 0) + sign
        elif kind == "choices":
            for name in answer:
                held[name] = held.get(name, 0) + sign
        elif kind == "rank":
            _accumulate_places(held, answer, sign)
        elif kind == "acknowledge":
            held["n"] = held.get("n", 0) + sign
        else:
            _accumulate_number(held, answer, sign)
    if flags:
        _accumulate_flags(counts, _tallied_flags(definition), flags, sign)


def _accumulate_flags(
    counts: Counts, tallied: Collection[str], flags: Sequence[Mapping[str, Any]], sign: Literal[1, -1]
) -> None:
    for flag in flags:
        if flag["question"] in tallied:
            by_question = counts.setdefault(FLAGS, {}).setdefault(flag.get("basis", SEEN), {})
            held = by_question.setdefault(flag["question"], {})
            severity = str(flag["severity"])
            held[severity] = held.get(severity, 0) + sign


def _accumulate_places(held: dict[str, Any], answer: Sequence[str], sign: Literal[1, -1]) -> None:
    for place, name in enumerate(answer, start=1):
        places = held.setdefault(name, {})
        places[str(place)] = places.get(str(place), 0) + sign


def _accumulate_number(held: dict[str, Any], answer: Any, sign: Literal[1, -1]) -> None:
    if answer.__class__ is not int and answer.__class__ is not float:
        return
    held["n"] = held.get("n", 0) + sign
    if -LARGEST <= answer <= LARGEST:
        held["sum"] = _sum(held.get("sum", 0), sign * answer)
    else:
        held[BEYOND] = held.get(BEYOND, 0) + sign


def _sum(one: Any, other: Any) -> Any:
    if one.__class__ is int and other.__class__ is int:
        return one + other
    total = round(round(one, PLACES) + round(other, PLACES), PLACES)
    return int(total) if total == int(total) else total


def added(counts: Mapping[str, Any], change: Mapping[str, Any]) -> Counts:
    """Return `counts` plus `change`, zeros left out. Both stay as they are."""
    total = dict(counts)
    for key, value in change.items():
        # An exact class test: this runs for every question of every row, and isinstance with an ABC took most of it.
        if value.__class__ is dict:
            total[key] = added(total.get(key, _NOTHING), value)
        else:
            total[key] = _sum(total.get(key, 0), value)
    return {key: value for key, value in total.items() if value}


def settled(counts: Mapping[str, Any]) -> Counts:
    """Return counts in their one written form: without zeros and without what is empty."""
    return added({}, counts)


@lru_cache(maxsize=128)
def _counted(definition: Definition) -> dict[str, Kind]:
    return {
        question.id: _KINDS[question.type]
        for _, _, question in definition.questions()
        # A question called `flags` would be counted in the place of the flags; it is not counted at all.
        if question.type in _KINDS
        and not question.sealed
        and question.location is None
        # Codes of single entries are no categories: each would be a count of one.
        and question.reference is None
        and question.id != FLAGS
    }


@lru_cache(maxsize=128)
def _tallied_flags(definition: Definition) -> frozenset[str]:
    return frozenset(question.id for _, _, question in definition.questions() if not question.sealed)

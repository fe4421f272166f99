"""From added-up tallies and definitions to what a region page shows, question by question."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from steppe.checklists.comparing import choices_of, meaning
from steppe.checklists.definition import SELECT_TYPES, Definition, Question, Repeat, Section
from steppe.checklists.marks import plain
from steppe.checklists.question_reading import UNREAD, FormReading
from steppe.summaries.counts import add, flags_of_question
from steppe.summaries.schemas import ChoiceCountOut, QuestionSummaryOut
from steppe.summaries.tally import BASES, FLAGS, PLACES

NOT_OBSERVED: Final = "not_observed"
NOT_APPLICABLE: Final = "not_applicable"
_ASIDE: Final = frozenset({NOT_OBSERVED, NOT_APPLICABLE})
_NUMBERS: Final = frozenset({"integer", "decimal", "range", "calculate"})
_COUNTED: Final = SELECT_TYPES | _NUMBERS | {"rank", "acknowledge"}


@dataclass(frozen=True, slots=True)
class CountedVersion:
    """One checklist version with its added-up counts, and how they are read (see `readable_counts`)."""

    definition: Definition
    counts: Mapping[str, Any]
    reading: FormReading = field(default_factory=dict)
    sees_protection: bool = False


def is_counted(question: Question) -> bool:
    """Say whether answers of a question may appear as counts. What may identify a source never does."""
    is_category = question.location is None and question.reference is None and question.rows is None
    return not question.sealed and is_category and question.type in _COUNTED


def _severity(question: Question, choice: str) -> int:
    negative = question.negative or {}
    return negative.get(choice, 0)


def question_summaries(versions: Sequence[CountedVersion]) -> list[QuestionSummaryOut]:
    """Return the questions of a form, newest version's order first.

    Versions are given newest first. A question of two versions is one line when id, type and choices are the same;
    otherwise adding its counts would mix answers to different questions, so each stands on its own line.
    """
    merged: dict[Hashable, QuestionSummaryOut] = {}
    tabled: set[str] = set()
    for version in versions:
        for section, repeat, question in version.definition.questions():
            counts = version.counts.get(question.id, {})
            flags = flags_of_question(version.counts.get(FLAGS, {}), question.id)
            if not is_counted(question) or (question.type == "calculate" and not counts):
                continue
            reading = version.reading.get(question.id, UNREAD)
            if not (reading.is_counted or version.sees_protection):
                continue
            key = meaning(version.definition, question)
            if question.table is not None:
                tabled.add(question.id)
            if key not in merged:
                merged[key] = _empty(version.definition, section, repeat, question, is_summed=reading.is_summed)
            _add(merged[key], version.definition.version, counts, flags)
    for line in merged.values():
        if line.id in tabled:
            line.choices = [choice for choice in line.choices if choice.n or any(choice.places)]
    return list(merged.values())


def _empty(
    definition: Definition, section: Section, repeat: Repeat | None, question: Question, *, is_summed: bool
) -> QuestionSummaryOut:
    choices = [
        ChoiceCountOut(name=choice.name, label=plain(choice.label), n=0, severity=_severity(question, choice.name))
        for choice in choices_of(definition, question)
        if choice.name not in _ASIDE
    ]
    return QuestionSummaryOut(
        id=question.id,
        type=question.type,
        label=plain(question.label),
        theme=question.theme,
        section=plain(section.title),
        repeat=plain(repeat.label) if repeat else None,
        versions=[],
        n=None,
        choices=choices,
        not_observed=0,
        not_applicable=0,
        total=0 if is_summed and question.type in _NUMBERS else None,
        flags={"1": 0, "2": 0, "3": 0},
    )


def _add(line: QuestionSummaryOut, version: str, counts: Mapping[str, Any], flags: Mapping[str, int]) -> None:
    line.versions.append(version)
    if line.type in SELECT_TYPES:
        for choice in line.choices:
            choice.n += counts.get(choice.name, 0)
        line.not_observed += counts.get(NOT_OBSERVED, 0)
        line.not_applicable += counts.get(NOT_APPLICABLE, 0)
        if line.type == "select_one":
            line.n = sum(choice.n for choice in line.choices)
    elif line.type == "rank":
        for choice in line.choices:
            places = {int(place): n for place, n in counts.get(choice.name, {}).items()}
            width = max([len(choice.places), *places])
            choice.places = [held + places.get(place, 0) for place, held in enumerate(_padded(choice.places, width), 1)]
            choice.n = next(iter(choice.places), 0)
        line.n = sum(choice.n for choice in line.choices)
    else:
        line.n = (line.n or 0) + counts.get("n", 0)
        if line.total is not None:
            line.total = round(line.total + counts.get("sum", 0), PLACES)
    for severity, count in flags.items():
        line.flags[severity] = line.flags.get(severity, 0) + count


def _padded(places: list[int], width: int) -> list[int]:
    return places + [0] * (width - len(places))


def flag_totals(counts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return flags by severity over all questions of all versions."""
    totals = {"1": 0, "2": 0, "3": 0}
    for by_basis in flags_by_basis(counts).values():
        add(totals, by_basis)
    return totals


def flags_by_basis(counts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Return flags by what they rest on and severity, over all questions of all versions."""
    bases = {basis: {"1": 0, "2": 0, "3": 0} for basis in BASES}
    for one in counts:
        for basis, questions in one.get(FLAGS, {}).items():
            for by_severity in questions.values():
                add(bases[basis], by_severity)
    return bases

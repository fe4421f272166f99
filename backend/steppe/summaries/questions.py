"""From added-up tallies and definitions to what a region page shows, question by question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from steppe.checklists.definition import Definition, Question, Repeat, Section
from steppe.summaries.schemas import ChoiceCountOut, QuestionSummaryOut
from steppe.summaries.tally import FLAGS, PLACES

NOT_OBSERVED: Final = "not_observed"
NOT_APPLICABLE: Final = "not_applicable"
_ASIDE: Final = frozenset({NOT_OBSERVED, NOT_APPLICABLE})
_SELECTS: Final = frozenset({"select_one", "select_multiple"})
_NUMBERS: Final = frozenset({"integer", "decimal", "calculate"})
_COUNTED: Final = _SELECTS | _NUMBERS | {"acknowledge"}


@dataclass(frozen=True, slots=True)
class CountedVersion:
    """One checklist version with its added-up counts."""

    definition: Definition
    counts: Mapping[str, Any]


def is_counted(question: Question) -> bool:
    """Say whether answers of a question may appear as counts. What may identify a source never does."""
    return not question.sealed and question.location is None and question.type in _COUNTED


def _choice_names(definition: Definition, question: Question) -> tuple[str, ...]:
    return tuple(choice.name for choice in definition.choices.get(question.list or "", ()))


def _severity(question: Question, choice: str) -> int:
    negative = question.negative or {}
    return negative.get(choice, 0)


def question_summaries(versions: Sequence[CountedVersion]) -> list[QuestionSummaryOut]:
    """Return the questions of a form, newest version's order first.

    Versions are given newest first. A question of two versions is one line when id, type and choices are the same;
    otherwise adding its counts would mix answers to different questions, so each stands on its own line.
    """
    merged: dict[tuple[Any, ...], QuestionSummaryOut] = {}
    for version in versions:
        for section, repeat, question in version.definition.questions():
            counts = version.counts.get(question.id, {})
            flags = version.counts.get(FLAGS, {}).get(question.id, {})
            if not is_counted(question) or (question.type == "calculate" and not counts):
                continue
            key = (question.id, question.type, _choice_names(version.definition, question))
            if key not in merged:
                merged[key] = _empty(version.definition, section, repeat, question)
            _add(merged[key], version.definition.version, counts, flags)
    return list(merged.values())


def _empty(definition: Definition, section: Section, repeat: Repeat | None, question: Question) -> QuestionSummaryOut:
    choices = [
        ChoiceCountOut(name=choice.name, label=choice.label, n=0, severity=_severity(question, choice.name))
        for choice in definition.choices.get(question.list or "", ())
        if choice.name not in _ASIDE
    ]
    return QuestionSummaryOut(
        id=question.id,
        type=question.type,
        label=question.label,
        theme=question.theme,
        section=section.title,
        repeat=repeat.label if repeat else None,
        versions=[],
        n=None,
        choices=choices,
        not_observed=0,
        not_applicable=0,
        total=0 if question.type in _NUMBERS else None,
        flags={"1": 0, "2": 0, "3": 0},
    )


def _add(line: QuestionSummaryOut, version: str, counts: Mapping[str, Any], flags: Mapping[str, int]) -> None:
    line.versions.append(version)
    if line.type in _SELECTS:
        for choice in line.choices:
            choice.n += counts.get(choice.name, 0)
        line.not_observed += counts.get(NOT_OBSERVED, 0)
        line.not_applicable += counts.get(NOT_APPLICABLE, 0)
        if line.type == "select_one":
            line.n = sum(choice.n for choice in line.choices)
    else:
        line.n = (line.n or 0) + counts.get("n", 0)
        if line.total is not None:
            line.total = round(line.total + counts.get("sum", 0), PLACES)
    for severity, count in flags.items():
        line.flags[severity] = line.flags.get(severity, 0) + count


def flag_totals(counts: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return flags by severity over all questions of all versions."""
    totals = {"1": 0, "2": 0, "3": 0}
    for one in counts:
        for by_severity in one.get(FLAGS, {}).values():
            for severity, count in by_severity.items():
                totals[severity] = totals.get(severity, 0) + count
    return totals

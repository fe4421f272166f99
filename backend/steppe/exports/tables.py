"""The columns of an export and how a report fills them. Sealed answers, positions and photos have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from steppe.checklists.definition import Definition, Question
from steppe.exports.cells import Cell, cell

_LEFT_OUT: Final = frozenset({"note", "photo", "geopoint"})
FACTS: Final = ("report", "region", "district", "place", "team", "observed_on", "received_at", "status")
ROW_FACTS: Final = ("report", "row")


@dataclass(frozen=True, slots=True)
class Line:
    """One report of an export: its facts in the order of `FACTS`, and its answers."""

    facts: tuple[str, ...]
    answers: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The short code that links rows of repeats to their report."""
        return self.facts[0]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one checklist (over one or more versions), or of one of its repeats. `labels` are in one language."""

    repeat: str | None
    questions: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns: facts, then question ids."""
        return (*(ROW_FACTS if self.repeat else FACTS), *self.questions)

    def rows(self, line: Line, whole: Mapping[str, Any]) -> Iterator[list[Cell]]:
        """Yield what a report adds: a row, or one per row of the repeat numbered from 1. `whole`: `nested` answers."""
        if self.repeat is None:
            yield [*line.facts, *(cell(whole.get(question)) for question in self.questions)]
            return
        held = whole.get(self.repeat)
        for number, row in enumerate(held if isinstance(held, list) else (), start=1):
            yield [line.code, number, *(cell(row.get(question)) for question in self.questions)]


def is_exported(question: Question) -> bool:
    """Say whether a question has a column: never one that may identify a source, hold a position or a picture."""
    return not question.sealed and question.type not in _LEFT_OUT


def tables(versions: Sequence[Definition], language: str) -> list[Table]:
    """Return the tables of a form: its own first, then one per repeat. Columns are the versions' union."""
    columns: dict[str | None, dict[str, str]] = {None: {}}
    for definition in versions:
        for _, repeat, question in definition.questions():
            if is_exported(question):
                own = columns.setdefault(repeat.id if repeat else None, {})
                own.setdefault(question.id, question.label.get(language) or question.label[definition.default_language])
    return [Table(repeat, tuple(own), tuple(own.values())) for repeat, own in columns.items()]

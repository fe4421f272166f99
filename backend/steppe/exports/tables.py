"""The columns of an export and how a report fills them. Sealed answers, positions and media have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from steppe.checklists.definition import Definition, Question
from steppe.checklists.marks import plain_text
from steppe.exports.cells import Cell, cell

POSITIONS: Final = frozenset({"geopoint", "geotrace", "geoshape"})
MEDIA: Final = frozenset({"photo", "audio", "video", "file"})
_LEFT_OUT: Final = POSITIONS | MEDIA | {"note", "metadata"}
"""Notes hold nothing; what the phone notes by itself (device, times of filling) is about the observer."""
FACTS: Final = (
    "report",
    "region",
    "district",
    "place",
    "team",
    "origin",
    "observed_on",
    "received_at",
    "status",
    "late",
)
ROW_FACTS: Final = ("report", "row")


@dataclass(frozen=True, slots=True)
class Line:
    """One report of an export: its facts in the order of `FACTS`, and its answers.

    `media`: media type by the SHA-256 of the plain bytes, where an export asks for it.
    """

    id: UUID
    facts: tuple[str, ...]
    answers: Mapping[str, Any]
    received_at: datetime
    media: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The short code that links rows of repeats to their report."""
        return self.facts[0]

    @property
    def origin(self) -> str:
        """Whose observers the report is of."""
        return self.facts[FACTS.index("origin")]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one checklist (over one or more versions), or of one of its repeats. `labels` are in one language.

    `outer`: the repeats this one is nested in, outermost first; a column of row numbers each.
    """

    repeat: str | None
    outer: tuple[str, ...]
    questions: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the columns that say what a row belongs to: of a repeat the report and the rows it is in."""
        return FACTS if self.repeat is None else (ROW_FACTS[0], *self.outer, ROW_FACTS[1])

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns: keys, then question ids."""
        return (*self.keys, *self.questions)

    def rows(self, line: Line, definition: Definition, whole: Mapping[str, Any]) -> Iterator[list[Cell]]:
        """Yield what a report adds: a row, or one per row of the repeat numbered from 1 in its outer row.

        `whole`: the report's answers by `nested`.
        """
        if self.repeat is None:
            yield [*line.facts, *self._answers(whole)]
            return
        for numbers, row in _rows([*outer_repeats(definition, self.repeat), self.repeat], whole, {}):
            outer = (numbers.get(repeat) for repeat in self.outer)
            yield [line.code, *outer, numbers[self.repeat], *self._answers(row)]

    def _answers(self, held: Mapping[str, Any]) -> Iterator[Cell]:
        return (cell(held.get(question)) for question in self.questions)


def _rows(
    chain: Sequence[str], held: Mapping[str, Any], numbers: dict[str, int]
) -> Iterator[tuple[dict[str, int], Mapping[str, Any]]]:
    """Yield the rows of the last repeat of a chain, each with the numbers of the rows it stands in."""
    if not chain:
        yield numbers, held
        return
    rows = held.get(chain[0])
    for number, row in enumerate(rows if isinstance(rows, list) else (), start=1):
        yield from _rows(chain[1:], row, {**numbers, chain[0]: number})


def outer_repeats(definition: Definition, repeat: str) -> tuple[str, ...]:
    """Return the repeats that a repeat is nested in, outermost first."""
    inside = {one.id: one.inside for _, one in definition.repeats()}
    chain: list[str] = []
    outer = inside.get(repeat)
    while outer is not None:
        chain.insert(0, outer)
        outer = inside.get(outer)
    return tuple(chain)


def is_exported(question: Question) -> bool:
    """Say whether a question has a column: never one that may identify a source, hold a position or a picture."""
    return not question.sealed and question.type not in _LEFT_OUT


def tables(versions: Sequence[Definition], language: str) -> list[Table]:
    """Return the tables of a form: its own first, then one per repeat. Columns are the versions' union."""
    columns: dict[str | None, dict[str, str]] = {None: {}}
    outer: dict[str | None, tuple[str, ...]] = {None: ()}
    for definition in versions:
        for _, repeat, question in definition.questions():
            if is_exported(question):
                key = repeat.id if repeat else None
                own = columns.setdefault(key, {})
                label = question.label.get(language) or question.label[definition.default_language]
                own.setdefault(question.id, plain_text(label))
                if key is not None and key not in outer:
                    outer[key] = outer_repeats(definition, key)
    return [Table(repeat, outer[repeat], tuple(own), tuple(own.values())) for repeat, own in columns.items()]

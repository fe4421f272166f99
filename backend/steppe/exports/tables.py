"""The columns of an export and how a report fills them.

Sealed answers, positions and media have none; of photos, recordings and files is told how many there are.
"""

from __future__ import annotations

from collections import defaultdict
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
FILES: Final = "files"
FILES_LABEL: Final = "how many photos, recordings and files; they are shown in the report at the desk"


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

    `outer`: the repeats this one is nested in, outermost first; a column of row numbers each. `media`: questions whose
    files are counted, of a checklist those in its repeats too; without any there is no such column.
    """

    repeat: str | None
    outer: tuple[str, ...]
    questions: tuple[str, ...]
    labels: tuple[str, ...]
    media: frozenset[str]

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the columns that say what a row belongs to: of a repeat the report and the rows it is in."""
        return FACTS if self.repeat is None else (ROW_FACTS[0], *self.outer, ROW_FACTS[1])

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns: keys, how many files there are, then question ids."""
        return (*self.keys, *((FILES,) if self.media else ()), *self.questions)

    @property
    def code_book(self) -> list[tuple[str, str]]:
        """What the columns after the keys hold."""
        files = [(FILES, FILES_LABEL)] if self.media else []
        return files + list(zip(self.questions, self.labels, strict=True))

    def rows(self, line: Line, definition: Definition, whole: Mapping[str, Any]) -> Iterator[list[Cell]]:
        """Yield what a report adds: a row, or one per row of the repeat numbered from 1 in its outer row.

        `whole`: the report's answers by `nested`.
        """
        if self.repeat is None:
            yield [*line.facts, *self._files(line.answers), *self._answers(whole)]
            return
        for numbers, row in _rows([*outer_repeats(definition, self.repeat), self.repeat], whole, {}):
            outer = (numbers.get(repeat) for repeat in self.outer)
            yield [line.code, *outer, numbers[self.repeat], *self._files(row), *self._answers(row)]

    def _files(self, held: Mapping[str, Any]) -> list[Cell]:
        """Count the files among a report's answers by path, or among those of a row."""
        count = sum(1 for path, answer in held.items() if answer and path.rpartition("/")[2] in self.media)
        return [count] if self.media else []

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
    media: dict[str | None, set[str]] = defaultdict(set)
    outer: dict[str | None, tuple[str, ...]] = {None: ()}
    for definition in versions:
        for _, repeat, question in definition.questions():
            key = repeat.id if repeat else None
            is_media = question.type in MEDIA and not question.sealed
            if is_media:
                media[None].add(question.id)
                media[key].add(question.id)
            if is_media or is_exported(question):
                own = columns.setdefault(key, {})
                if key is not None and key not in outer:
                    outer[key] = outer_repeats(definition, key)
                if not is_media:
                    label = question.label.get(language) or question.label[definition.default_language]
                    own.setdefault(question.id, plain_text(label))
    return [
        Table(repeat, outer[repeat], tuple(own), tuple(own.values()), frozenset(media[repeat]))
        for repeat, own in columns.items()
    ]

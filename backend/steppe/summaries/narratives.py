"""What observers wrote in their own words: which answers are quoted across reports, and under which themes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from steppe.checklists.definition import Definition, Question
from steppe.checklists.question_reading import UNREAD, FormReading

PATH_SEPARATOR = "/"
NO_THEME: Final = "none"
"""Asked for instead of a theme: the entries that have none yet."""


def question_of(path: str) -> str:
    """Return the question id of an answer's path: its last part (docs/checklists.md §2)."""
    return path.rpartition(PATH_SEPARATOR)[2]


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of one report. `path` tells it from all others of the report, whatever they say."""

    path: str
    question: Question
    themes: tuple[str, ...]
    text: str

    def has_theme(self, theme: str) -> bool:
        """Say whether the entry belongs to a theme; to `NO_THEME` when it has none, to the empty one always."""
        return not theme or theme in (self.themes or (NO_THEME,))


class QuotedQuestions:
    """The questions of one checklist version whose texts are quoted: those the sheet marks, never a sealed one."""

    def __init__(self, definition: Definition, reading: FormReading) -> None:
        """Find them once; then `entries` is called for report after report."""
        self._reading = reading
        self._quoted: dict[str, tuple[int, Question]] = {}
        named = {one.theme_from for one in reading.values()}
        # What says the theme of some rows by standing outside them says it of every text that has no other.
        self._themes_of_report: list[str] = []
        for place, (_, repeat, question) in enumerate(definition.questions()):
            if question.sealed:
                continue
            if question.type == "text" and reading.get(question.id, UNREAD).is_quoted:
                self._quoted[question.id] = (place, question)
            if repeat is None and question.id in named:
                self._themes_of_report.append(question.id)

    def may_hold(self, theme: str) -> bool:
        """Say whether some report of this version could have an entry of a theme (the empty one: any entry)."""
        return any(not theme or question.theme in {None, theme} for _, question in self._quoted.values())

    def entries(self, answers: Mapping[str, Any]) -> Iterator[Entry]:
        """Yield the texts of one report in the order of the checklist, rows of repeats in theirs."""
        found: list[tuple[int, tuple[int, ...], str, Question, str]] = []
        for path, text in answers.items():
            quoted = self._quoted.get(question_of(path))
            if quoted is not None and isinstance(text, str) and text.strip():
                place, question = quoted
                found.append((place, _rows(path, answers), path, question, text))
        for _, _, path, question, text in sorted(found, key=lambda one: one[:3]):
            yield Entry(path, question, self._themes(path, question, answers), text)

    def _themes(self, path: str, question: Question, answers: Mapping[str, Any]) -> tuple[str, ...]:
        """The question's own theme; else what its row or one around says; else what the report says of all of it."""
        if question.theme is not None:
            return (question.theme,)
        theme_from = self._reading[question.id].theme_from
        row = path
        while theme_from is not None and row:
            row = row.rpartition(PATH_SEPARATOR)[0]
            if themes := _chosen(answers.get(f"{row}{PATH_SEPARATOR}{theme_from}" if row else theme_from)):
                return themes
        said = [theme for name in self._themes_of_report for theme in _chosen(answers.get(name))]
        return tuple(dict.fromkeys(said))


def _chosen(answer: Any) -> tuple[str, ...]:
    if isinstance(answer, list):
        return tuple(str(choice) for choice in answer)
    return (str(answer),) if answer else ()


def _rows(path: str, answers: Mapping[str, Any]) -> tuple[int, ...]:
    """The numbers of the rows an answer stands in, outermost first: rows are in the order of their list, not by id."""
    parts = path.split(PATH_SEPARATOR)
    numbers: list[int] = []
    for at in range(1, len(parts) - 1, 2):
        order = answers.get(PATH_SEPARATOR.join(parts[:at]))
        known = order if isinstance(order, list) else []
        numbers.append(known.index(parts[at]) if parts[at] in known else len(known))
    return tuple(numbers)

"""What observers wrote in their own words, picked out of the answers by theme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from steppe.checklists.definition import Definition, Question

PATH_SEPARATOR = "/"


def question_of(path: str) -> str:
    """Return the question id of an answer's path: its last part (docs/checklists.md §2)."""
    return path.rpartition(PATH_SEPARATOR)[2]


def is_narrative(question: Question) -> bool:
    """Say whether a question's text belongs to a theme and may be read across reports. Sealed ones never."""
    return question.type == "text" and question.theme is not None and not question.sealed


def narratives(definition: Definition, answers: Mapping[str, Any]) -> Iterator[tuple[Question, str]]:
    """Yield the narrative answers of one report in the order of the checklist, rows of repeats one after another."""
    by_question: dict[str, list[str]] = {}
    for path, value in answers.items():
        if isinstance(value, str) and value.strip():
            by_question.setdefault(question_of(path), []).append(value)
    for _, _, question in definition.questions():
        if is_narrative(question):
            for text in by_question.get(question.id, ()):
                yield question, text

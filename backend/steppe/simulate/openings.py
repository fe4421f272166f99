"""Which answers make further questions apply, read from the form's own conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from steppe.checklists.definition import Definition

Openings = dict[str, frozenset[str]]
"""Question → its choices that some condition asks for; a name with `!` in front is one that a condition refuses."""


def openings_of(definition: Definition) -> Openings:
    """Return the choices that relevances of questions, repeats and sections are about."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    conditions = [question.relevant for _, _, question in definition.questions()]
    conditions += [repeat.relevant for _, repeat in definition.repeats()]
    conditions += [section.relevant for section in definition.sections]
    for condition in conditions:
        for question, choice in _asked(condition, is_wanted=True):
            found[question].add(choice)
    return {question: frozenset(choices) for question, choices in found.items()}


def _asked(ast: Any, *, is_wanted: bool) -> Iterator[tuple[str, str]]:
    match ast:
        case ["=" | "!=", ["ref", question], ["s", choice]] | ["=" | "!=", ["s", choice], ["ref", question]]:
            yield question, choice if is_wanted == (ast[0] == "=") else f"!{choice}"
        case ["call", "selected", ["ref", question], ["s", choice]]:
            yield question, choice if is_wanted else f"!{choice}"
        case ["call", "not", inner]:
            yield from _asked(inner, is_wanted=not is_wanted)
        case [str(), *parts]:
            for part in parts:
                yield from _asked(part, is_wanted=is_wanted)

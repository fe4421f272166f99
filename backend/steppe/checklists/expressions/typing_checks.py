"""Comparisons that cannot come out as their author thinks, found without any answers.

A select compared with a choice it does not have, a number with a text that is none, a date with a word: XPath answers
all of them, always the same. They are warnings, because a form with one still works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, TypeAlias

from steppe.checklists.definition import Ast, Definition, Question
from steppe.checklists.expressions.dates import day_number
from steppe.checklists.expressions.paths import nodes_of_ast
from steppe.checklists.expressions.reads import expressions_of

Mismatch: TypeAlias = tuple[str, str]
"""What is odd, and what was probably meant."""

_COMPARING: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_NUMBERS: Final = frozenset({"integer", "decimal", "range"})
_DAYS: Final = frozenset({"date", "datetime"})
_SELECTS: Final = frozenset({"select_one", "select_multiple", "rank"})
_NUMBER: Final = re.compile(r"\s*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*")


@dataclass(frozen=True, slots=True)
class TypeWarning:
    """An odd comparison in a column of a question or container, or of a group around it: `literal` tells which."""

    id: str
    column: str
    literal: str
    message: str
    suggestion: str


def type_warnings(definition: Definition) -> Iterator[TypeWarning]:
    """Every odd comparison of a definition, in document order."""
    asked = {question.id: question for _, _, question in definition.questions()}
    for section in definition.sections:
        yield from _warnings(definition, asked, section.id, None, [("relevant", section.relevant)])
    for _, repeat in definition.repeats():
        columns = [("relevant", repeat.relevant), ("repeat_count", repeat.count)]
        yield from _warnings(definition, asked, repeat.id, None, columns)
    for question in asked.values():
        yield from _warnings(definition, asked, question.id, question, list(expressions_of(question)))


def _warnings(
    definition: Definition,
    asked: dict[str, Question],
    id_: str,
    own: Question | None,
    columns: list[tuple[str, Ast | None]] | list[tuple[str, Ast]],
) -> Iterator[TypeWarning]:
    for column, ast in columns:
        if ast is None:
            continue
        for node in nodes_of_ast(ast):
            for left, right in _pairs(node):
                question = own if left[0] == "self" else asked.get(left[1]) if left[0] == "ref" else None
                mismatch = None if question is None else _mismatch(definition, question, node, right)
                if mismatch is not None:
                    yield TypeWarning(id_, column, str(right[1]), *mismatch)


def _pairs(node: Ast) -> list[tuple[Ast, Ast]]:
    """(what is compared, the literal it is compared with)."""
    if node[0] in _COMPARING:
        pairs = [(node[1], node[2]), (node[2], node[1])]
    elif node[:2] == ["call", "selected"]:
        pairs = [(node[2], node[3])]
    else:
        pairs = []
    return [(one, other) for one, other in pairs if other[0] in {"s", "n"}]


def _mismatch(definition: Definition, question: Question, node: Ast, literal: Ast) -> Mismatch | None:
    text = str(literal[1])
    if literal[0] == "s" and text == "":
        return None
    if question.type in _SELECTS:
        return _of_select(definition, question, node, text)
    if question.type in _NUMBERS and literal[0] == "s" and not _NUMBER.fullmatch(text):
        return f"'{question.id}' is a number, never '{text}'.", "Compare it with a number."
    if question.type in _DAYS and literal[0] == "s" and day_number(text, None) != day_number(text, None):
        return f"'{question.id}' is a date, never '{text}'.", "Compare it with date('2021-01-10')."
    if question.type == "acknowledge" and text != "OK":
        return f"'{question.id}' is 'OK' or empty, never '{text}'.", "Compare it with 'OK'."
    return None


def _of_select(definition: Definition, question: Question, node: Ast, text: str) -> Mismatch | None:
    if question.list is None or question.reference is not None or question.location is not None:
        return None
    if node[0] not in {"=", "!=", "call"}:
        return None
    names = [choice.name for choice in definition.choices.get(question.list, ())]
    if question.type != "select_one" and " " in text:
        return None
    if text not in names:
        near = get_close_matches(text, names, n=1)
        labelled = [choice.name for choice in definition.choices[question.list] if text in choice.label.values()]
        meant = labelled or near
        return f"'{question.id}' has no choice '{text}'.", (
            f"Did you mean '{meant[0]}'?" if meant else f"Its choices: {', '.join(names[:8])}."
        )
    if question.type == "select_multiple" and node[0] == "=":
        return (
            f"'{question.id}' may hold several choices; this is true when '{text}' is the only one.",
            f"Write selected(${{{question.id}}}, '{text}').",
        )
    return None

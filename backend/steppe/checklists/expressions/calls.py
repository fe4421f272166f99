"""Function calls whose arguments mean more than their values: rewritten, or checked while the form is compiled."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from steppe.checklists.definition import Ast
from steppe.checklists.expressions.chains import chain
from steppe.checklists.expressions.paths import Lookup, Reference
from steppe.checklists.expressions.pattern_reader import PatternError
from steppe.checklists.expressions.pattern_words import in_plain_words
from steppe.checklists.expressions.patterns import compile_pattern
from steppe.checklists.expressions.sources import CHOSEN_FILES, FILE
from steppe.checklists.expressions.tokens import NAME, ExpressionError, Token

_ADDED_UP: Final = frozenset({"count", "count-non-empty", "sum"})
_SPREAD: Final = frozenset({"min", "max", "concat", "join"})
_NO_ITEXT: Final = "Texts follow the reader's language by themselves: name the column 'label'."


def _pulldata(name: Token, arguments: list[Ast], places: list[int], lookups: list[Lookup]) -> Ast:
    """`pulldata('file', 'wanted', 'key', value)` → the wanted column of the first row whose key has the value.

    A file that an answer names is looked for among all that are attached.
    """
    texts = [argument[1] for argument in arguments[:3] if argument[0] == "s"]
    if len(arguments) == 4 and arguments[0][0] != "s" and len(texts) == 2:
        wanted, key = (str(text).strip() for text in texts)
        lookups.append(Lookup(CHOSEN_FILES, places[0], [(wanted, places[1]), (key, places[2])]))
        of_file: Ast = ["=", ["col", FILE], arguments[0]]
        return ["call", "string", ["items", CHOSEN_FILES, [of_file, ["=", ["col", key], arguments[3]]], wanted]]
    if len(arguments) != 4 or len(texts) != 3:
        raise ExpressionError(
            "pulldata() takes a file, two of its columns and a value.",
            name.position,
            "Write pulldata('file', 'wanted_column', 'key_column', ${question}).",
        )
    file, wanted, key = (str(text).strip() for text in texts)
    file = file.removesuffix(".csv")
    lookups.append(Lookup(file, places[0], [(wanted, places[1]), (key, places[2])]))
    return ["call", "string", ["items", file, [["=", ["col", key], arguments[3]]], wanted]]


def _indexed_repeat(name: Token, arguments: list[Ast], _: list[int], __: list[Lookup]) -> Ast:
    """`indexed-repeat(${question}, ${repeat}, row, …)`: a repeat and a row number for every level."""
    pairs = len(arguments) >= 3 and len(arguments) % 2 == 1
    if not pairs or any(argument[0] != "ref" for argument in (arguments[0], *arguments[1::2])):
        raise ExpressionError(
            "indexed-repeat() takes a question, then a repeat and a row number for every level.",
            name.position,
            "Write indexed-repeat(${question}, ${repeat}, 1).",
        )
    return ["call", "indexed-repeat", *arguments]


def _itext(name: Token, arguments: list[Ast], _: list[int], lookups: list[Lookup]) -> Ast:
    """`jr:itext(instance('list')/root/item[…]/itextId)` → the label of the first choice found; no other texts."""
    if len(arguments) == 1 and arguments[0][0] == "items" and arguments[0][3] == "itextId":
        arguments[0][3] = "label"
        lookups[-1].columns[-1] = ("label", lookups[-1].columns[-1][1])
        return ["call", "string", arguments[0]]
    raise ExpressionError("jr:itext() is not supported.", name.position, _NO_ITEXT)


def _difference(days: int, months: int) -> Callable[[Token, list[Ast], list[int], list[Lookup]], Ast]:
    """`cht:difference-in-…(from, to)`: whole days, weeks, months or years between two days; one of both is the unit."""

    def rewritten(name: Token, arguments: list[Ast], _: list[int], __: list[Lookup]) -> Ast:
        if len(arguments) != 2:
            raise ExpressionError(
                f"{name.text}() takes two days.", name.position, f"Write {name.text}(${{a}}, ${{b}})."
            )
        earlier, later = arguments
        if months:
            # A month is whole when its day of the month has come.
            count: Ast = ["-", _months_of(later), _months_of(earlier)]
            count = ["-", count, ["call", "number", [">", _part(earlier, "%d"), _part(later, "%d")]]]
            return _whole(count, months)
        return _whole(["-", _whole(_day_of(later), 1), _whole(_day_of(earlier), 1)], days)

    return rewritten


def _whole(number: Ast, unit: int) -> Ast:
    return ["call", "int", ["div", number, ["n", unit]] if unit > 1 else number]


def _day_of(moment: Ast) -> Ast:
    return ["call", "decimal-date-time", moment]


def _part(moment: Ast, sign: str) -> Ast:
    return ["call", "number", ["call", "format-date", moment, ["s", sign]]]


def _months_of(moment: Ast) -> Ast:
    return ["+", ["*", _part(moment, "%Y"), ["n", 12]], _part(moment, "%m")]


REWRITTEN: Final[dict[str, Callable[[Token, list[Ast], list[int], list[Lookup]], Ast]]] = {
    "cht:difference-in-days": _difference(1, 0),
    "cht:difference-in-weeks": _difference(7, 0),
    "cht:difference-in-months": _difference(0, 1),
    "cht:difference-in-years": _difference(0, 12),
    "indexed-repeat": _indexed_repeat,
    "jr:itext": _itext,
    "pulldata": _pulldata,
}
"""Functions that are calls in the spreadsheet only."""


_WAY_OUT: Final = "Write a condition for each thing wanted: regex(., '.*[0-9].*') and regex(., '.{4,}')."


def checked_call(
    name: Token, arguments: list[tuple[Ast, int]], references: list[Reference], lookups: list[Lookup]
) -> Ast:
    """The AST of a call whose number of arguments is right.

    Raises:
        ExpressionError: for a pattern that is none, a question that is not named, a union that cannot be taken apart.
    """
    asts, places = [argument for argument, _ in arguments], [place for _, place in arguments]
    if name.text in REWRITTEN:
        return REWRITTEN[name.text](name, asts, places, lookups)
    if name.text in {"true", "false"}:
        return ["b", name.text == "true"]
    if name.text == "regex":
        _check_pattern(asts[1], places[1])
    if name.text == "jr:choice-name":
        asts[1] = _named_question(asts[1], places[1], references)
    if any(argument[0] == "|" for argument in asts):
        return _without_unions(name.text, asts)
    return ["call", name.text, *asts]


def _without_unions(function: str, arguments: list[Ast]) -> Ast:
    """`sum(a | b)` → `sum(a) + sum(b)`, `max(a | b)` → `max(a, b)`; others stay, to be refused."""
    if function in _ADDED_UP:
        return chain("+", [["call", function, part] for part in _parts(arguments[0])])
    if function in _SPREAD:
        return ["call", function, *(part for argument in arguments for part in _parts(argument))]
    return ["call", function, *arguments]


def _parts(argument: Ast) -> list[Ast]:
    return [*_parts(argument[1]), *_parts(argument[2])] if argument[0] == "|" else [argument]


def _named_question(argument: Ast, position: int, references: list[Reference]) -> Ast:
    """`jr:choice-name(${q}, '${q}')`: the second argument names the question whose choices are meant."""
    text = argument[1].strip() if argument[0] in {"s", "ref"} else ""
    name = text.removeprefix("${").removesuffix("}").strip().rsplit("/", 1)[-1]
    if not re.fullmatch(NAME, name):
        raise ExpressionError(
            "jr:choice-name() needs the question's name as its second argument.", position, "Write '${question}'."
        )
    node: Ast = ["s", name]
    references.append(Reference(name, position, node))
    return node


def _check_pattern(argument: Ast, position: int) -> None:
    if argument[0] != "s":
        raise ExpressionError("The pattern of regex() must be a text in quotes.", position, "Write regex(., '[0-9]+').")
    written = argument[1]
    try:
        argument[1] = in_plain_words(written)
        compile_pattern(argument[1])
    except PatternError as error:
        place = error.position if argument[1] == written else 0
        raise ExpressionError(f"The pattern is not supported: {error}", position + 1 + place, _WAY_OUT) from error

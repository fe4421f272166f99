"""What other tools call otherwise: SurveyCTO's functions and types, and types that only their own server understands.

A function with a twin is written anew before the cell is read, with a warning; what only tells of a device or a call is
empty here; what reckons with something Steppe does not have is a problem. Each of the three is told once for the whole
form, with its rows. Source: docs.surveycto.com, "Using expressions in your forms" and "Field types".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from steppe.checklists.expressions.tokens import ExpressionError, Token, tokens_of_expression
from steppe.checklists.problems import CellProblem
from steppe.checklists.xlsform.xlsform import Row, Sheet

_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯӘҒҚҢӨҰҮҺІ"
_SMALL: Final = _CAPITALS.lower()
_SPACE: Final = frozenset({"' '", '" "'})


@dataclass(frozen=True, slots=True)
class Twin:
    """How a function of `count` arguments is written in XLSForm: `{0}`, `{1}` … are its arguments."""

    count: int
    written: str
    by_spaces: bool = False
    """Whether it is a twin only where its first argument, what stands between items, is a space."""


TWINS: Final[dict[str, Twin]] = {
    "trim": Twin(1, "normalize-space({0})"),
    "index": Twin(0, "position(..)"),
    "date-time": Twin(1, "string({0})"),
    "lower": Twin(1, f"translate({{0}}, '{_CAPITALS}', '{_SMALL}')"),
    "upper": Twin(1, f"translate({{0}}, '{_SMALL}', '{_CAPITALS}')"),
    "linebreak": Twin(0, "'\n'"),
    "choice-label": Twin(2, "jr:choice-name({1}, '{0}')"),
    "empty": Twin(1, "(string({0}) = '')"),
    "format-number": Twin(1, "string({0})"),
    "item-at": Twin(3, "selected-at({1}, {2})", by_spaces=True),
    "count-items": Twin(2, "count-selected({1})", by_spaces=True),
    "item-present": Twin(3, "selected({1}, {2})", by_spaces=True),
}
"""SurveyCTO's function → its twin."""
EMPTY: Final = frozenset(
    {"collect-is-phone-app", "device-info", "duration", "enumerator-id", "enumerator-name", "phone-call-duration"}
    | {"phone-call-log", "plug-in-metadata"}
)
"""SurveyCTO's functions that tell of the device, the call or the time spent: nobody is watched while observing."""
UNKNOWN: Final = frozenset(
    {"count-if", "de-duplicate", "distance-between", "geo-scatter", "hash", "item-index", "join-if", "max-if", "min-if"}
    | {"rank-index", "rank-index-if", "rank-value", "short-geopoint", "sum-if"}
)
"""SurveyCTO's functions without a twin."""
_COLUMNS: Final = ("relevant", "constraint", "calculation", "required", "default", "repeat_count", "choice_filter")
_MOST_CALLS: Final = 200

FOREIGN_TYPES: Final[dict[str, tuple[str, str]]] = {
    "db:": (
        "'{0}' is a record of the Community Health Toolkit's database; Steppe keeps none.",
        "Write text, or select_one_from_file with a table of the records.",
    ),
    "begin_score": ("'{0}' opens KoboToolbox's rating matrix.", "Write a group with the appearance table-list."),
    "score__row": ("'{0}' is a row of KoboToolbox's rating matrix.", "Write select_one in a table-list group."),
    "begin_rank": ("'{0}' opens KoboToolbox's ranking.", "Write one row: rank list_name."),
    "rank__level": ("'{0}' is a line of KoboToolbox's ranking.", "Write one row: rank list_name."),
    "begin_kobomatrix": ("'{0}' opens KoboToolbox's matrix.", "Write a repeat, or a group for every row."),
    "enumerator": ("'{0}' is SurveyCTO's list of enumerators.", "A report carries its team's code: write username."),
    "signature": ("'{0}' is no type of its own.", "Write image with the appearance signature."),
}
"""How a type begins that other tools have → what it is, and what to write."""


def foreign_type(written: str) -> tuple[str, str] | None:
    """Return what a type of another tool is, and what to write instead; None for one nobody has."""
    key = written.strip().lower().replace(" ", "_")
    for begin, (message, suggestion) in FOREIGN_TYPES.items():
        if key == begin or (begin.endswith(":") and key.startswith(begin)):
            return message.format(written), suggestion
    return None


def translate_calls(survey: Sheet, problems: list[CellProblem]) -> None:
    """Write SurveyCTO's functions as XLSForm does, in the rows themselves; what was found is noted once a kind."""
    found: defaultdict[str, dict[int, None]] = defaultdict(dict)
    for row in survey.rows:
        for column in _COLUMNS:
            if column in row.cells:
                _translate(row, column, found)
    kinds = ("twin", "empty", "unknown")
    calls = {kind: [name for name in found if _kind(name) == kind] for kind in kinds}
    if calls["twin"]:
        problems.append(_note(f"SurveyCTO's functions are taken as their twins: {_named(calls['twin'], found)}.", ""))
    if calls["empty"]:
        message = f"SurveyCTO's functions that are always empty here: {_named(calls['empty'], found)}."
        problems.append(_note(message, "Nobody is watched while observing; leave them out."))
    if calls["unknown"]:
        message = f"SurveyCTO's functions that have no twin here: {_named(calls['unknown'], found)}."
        suggestion = "Write them with the functions of docs/checklists.md §9, or leave those rows out."
        problems.append(CellProblem("survey", 0, "", message, suggestion))


def _kind(name: str) -> str:
    return "twin" if name in TWINS else "empty" if name in EMPTY else "unknown"


def _note(message: str, suggestion: str) -> CellProblem:
    return CellProblem("survey", 0, "", message, suggestion, severity="warning")


def _named(names: Iterable[str], found: dict[str, dict[int, None]]) -> str:
    def rows(name: str) -> str:
        numbers = [str(number) for number in found[name]]
        return f"row{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"

    return "; ".join(f"{name}() ({rows(name)})" for name in sorted(names))


def _translate(row: Row, column: str, found: defaultdict[str, dict[int, None]]) -> None:
    text = row.cells[column]
    for _ in range(_MOST_CALLS):
        try:
            tokens = tokens_of_expression(text)
        except ExpressionError:
            return
        # The last call first: one inside another stands after it.
        call = next((call for call in _calls(tokens, text) if call.is_ours()), None)
        if call is None:
            return
        found[call.name][row.number] = None
        text = text[: call.begin] + call.rewritten() + text[call.end :]
        row.cells[column] = text
        row.rewritten.add(column)


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    begin: int
    end: int
    arguments: tuple[str, ...]

    def is_ours(self) -> bool:
        """Whether this is a call to write anew: of the right number of arguments."""
        twin = TWINS.get(self.name)
        if twin is None:
            return self.name in EMPTY or self.name in UNKNOWN
        return len(self.arguments) == twin.count and (not twin.by_spaces or self.arguments[0] in _SPACE)

    def rewritten(self) -> str:
        twin = TWINS.get(self.name)
        return "''" if twin is None else twin.written.format(*self.arguments)


def _calls(tokens: list[Token], text: str) -> Iterator[_Call]:
    for at in range(len(tokens) - 2, -1, -1):
        name, opened = tokens[at], tokens[at + 1]
        if name.kind != "name" or (opened.kind, opened.text) != ("op", "("):
            continue
        depth, commas = 0, [opened.position]
        for token in tokens[at + 1 :]:
            if token.kind != "op":
                continue
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
            if token.text == "," and depth == 1:
                commas.append(token.position)
            if depth == 0:
                ends = [*commas[1:], token.position]
                inside = tuple(text[begin + 1 : end].strip() for begin, end in zip(commas, ends, strict=True))
                arguments = () if inside == ("",) else inside
                yield _Call(name.text, name.position, token.position + 1, arguments)
                break

"""Single cells of the survey sheet and what they mean: types, yes or no, negative indicators, expressions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, get_args

from steppe.checklists.definition import Ast, QuestionType, Severity
from steppe.checklists.parser import ExpressionError, Reference, parse
from steppe.checklists.problems import CellProblem
from steppe.checklists.xlsform import Row, Sheet

_YES: Final = frozenset({"yes", "true", "true()", "1"})
_NO: Final = frozenset({"no", "false", "false()", "0"})
_TYPES: Final[dict[str, QuestionType]] = {
    **{name: name for name in get_args(QuestionType)},
    "string": "text",
    "int": "integer",
    "datetime": "datetime",
    "image": "photo",
    "location": "geopoint",
    "trigger": "acknowledge",
}
_SELECT: Final = re.compile(
    r"(?P<kind>select_one|select one from|select one|select1|select_multiple|select all that apply from|"
    r"select all that apply)\s+(?P<list>\S+)(?P<rest>.*)",
    re.IGNORECASE,
)
RECORDED: Final = frozenset(
    {"start", "end", "today", "deviceid", "username", "phonenumber", "email", "simserial", "subscriberid", "audit"}
    | {"start-geopoint", "background-audio"}
)
"""XLSForm's metadata rows. Every report carries its own times, team and device, so they add no question."""
_ADVICE: Final = {
    "range": "Use integer with a constraint.",
    "rank": "Use select_multiple.",
    "audio": "Use a photo or a text.",
    "video": "Use a photo or a text.",
    "file": "Use a photo.",
    "barcode": "Use text.",
    "hidden": "Use calculate.",
    "geotrace": "Use geopoint.",
    "geoshape": "Use geopoint.",
    "select_one_from_file": "Put the choices on the choices sheet.",
    "select_multiple_from_file": "Put the choices on the choices sheet.",
    "select_one_external": "Put the choices on the choices sheet.",
}
_NEGATIVE: Final = re.compile(r"(?P<answer>\S+?):(?P<severity>[0-9]+)")
_SEVERITIES: Final[dict[str, Severity]] = {"1": 1, "2": 2, "3": 3}


@dataclass(slots=True)
class Cells:
    """Reads the cells of one row and notes each fault at its place."""

    sheet: Sheet
    row: Row
    problems: list[CellProblem]
    references: list[tuple[str, Reference]] = field(default_factory=list)
    """(column, reference) of every expression read from this row."""

    def text(self, name: str) -> str:
        """A plain cell; the empty string when it is empty."""
        return self.row.cells.get(name, "")

    def fault(self, column: str, message: str, suggestion: str = "", position: int = 0) -> None:
        """Notes a problem in a column of this row."""
        self.problems.append(
            CellProblem(self.sheet.name, self.row.number, self.sheet.header(column), message, suggestion, position)
        )

    @staticmethod
    def nearest(name: str, names: Iterable[str]) -> str:
        """The known name most like a wrong one; the empty string when none is."""
        return next(iter(get_close_matches(name, list(names), n=1)), "")

    def expression(self, column: str) -> Ast | None:
        """The AST of an expression cell; None when the cell is empty or cannot be read."""
        written = self.text(column)
        if written == "":
            return None
        return self.parsed(column, written)

    def parsed(self, column: str, written: str) -> Ast | None:
        """The AST of an expression written in a column."""
        try:
            parsed = parse(written)
        except ExpressionError as error:
            self.fault(column, error.message, error.suggestion, error.position + 1)
            return None
        self.references += [(column, reference) for reference in parsed.references]
        return parsed.ast

    def condition(self, column: str) -> Ast | None:
        """A yes-or-expression cell: ``["b", true]`` for a plain yes, None for a no."""
        written = self.text(column).lower()
        if written in _YES:
            return ["b", True]
        return None if written in _NO else self.expression(column)

    def is_yes(self, column: str) -> bool:
        """A yes-or-no cell; an empty one is a no."""
        written = self.text(column).lower()
        if written not in _YES | _NO | {""}:
            self.fault(column, f"'{self.text(column)}' is neither yes nor no.", "Write yes or leave the cell empty.")
        return written in _YES

    def question_type(self) -> tuple[QuestionType, str] | None:
        """The type and choice list of a question row; None, with a fault noted, for an unsupported one."""
        written = self.text("type")
        select = _SELECT.fullmatch(written)
        if select is not None:
            if select["rest"].strip():
                self._after_list(select["rest"].strip())
            one = select["kind"].lower() in {"select_one", "select one from", "select one", "select1"}
            return ("select_one" if one else "select_multiple"), select["list"]
        found = _TYPES.get(written.lower())
        if found is not None and not found.startswith("select"):
            return found, ""
        self._unknown_type(written)
        return None

    def _after_list(self, rest: str) -> None:
        if "other" in rest:
            self.fault(
                "type",
                "'or_other' is not supported: its texts could not be translated.",
                "Add a choice 'other' and a text question relevant when it is selected.",
            )
        else:
            self.fault("type", f"'{rest}' after the list's name is not understood.")

    def _unknown_type(self, written: str) -> None:
        word = written.split(" ", 1)[0].lower()
        if word in _ADVICE:
            self.fault("type", f"The type '{word}' is not supported.", _ADVICE[word])
            return
        if word in {"select_one", "select_multiple"}:
            self.fault("type", f"'{written}' names no choice list.", f"Write '{word} list_name'.")
            return
        near = get_close_matches(word, [*_TYPES, "begin_group", "end_group", "begin_repeat", "end_repeat"], n=1)
        self.fault("type", f"There is no question type '{written}'.", f"Did you mean '{near[0]}'?" if near else "")

    def negative(self, kind: QuestionType, choices: frozenset[str], *, has_soft: bool) -> dict[str, Severity] | None:
        """The negative indicators of a question, each key checked against what can be answered."""
        written = self.text("negative")
        found: dict[str, Severity] = {}
        for part in written.split():
            match = _NEGATIVE.fullmatch(part)
            if match is None or match["severity"] not in _SEVERITIES:
                self.fault(
                    "negative", f"'{part}' is no negative indicator.", "Write answer:severity, such as no:2 yes:3."
                )
                continue
            answer = match["answer"]
            fault = _negative_fault(answer, kind, choices, has_soft=has_soft)
            if fault is None:
                found[answer] = _SEVERITIES[match["severity"]]
            else:
                self.fault("negative", *fault)
        return found or None


def _negative_fault(
    answer: str, kind: QuestionType, choices: frozenset[str], *, has_soft: bool
) -> tuple[str, str] | None:
    if answer == "fail":
        return None if has_soft else ("'fail' needs a soft check in this row.", "Fill the soft column or remove fail.")
    if answer == ">0":
        if kind in {"integer", "decimal", "calculate"}:
            return None
        return ("'>0' counts numbers, this question has none.", "")
    if kind not in {"select_one", "select_multiple"}:
        return (f"'{answer}' is no choice: this question has no list.", "")
    if answer == "any" or answer in choices:
        return None
    near = get_close_matches(answer, choices, n=1)
    return (f"'{answer}' is not in the list.", f"Did you mean '{near[0]}'?" if near else "")

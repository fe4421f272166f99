"""Single cells of the survey sheet and what they mean: texts, yes or no, expressions with their references resolved."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePath
from typing import Final, Literal, TypeAlias

from steppe.checklists.definition import Ast, Media, Texts
from steppe.checklists.evaluation.volatile import GIVEN
from steppe.checklists.expressions.graph import calls_of
from steppe.checklists.expressions.parser import ExpressionError, Parsed, parse
from steppe.checklists.expressions.paths import NOTHING, Reference
from steppe.checklists.expressions.reads import OUTPUT
from steppe.checklists.expressions.sources import CHOSEN_FILES
from steppe.checklists.expressions.tokens import CURLY, STRAIGHT, UNCLOSED
from steppe.checklists.problems import CellProblem
from steppe.checklists.question_reading import QuestionReading
from steppe.checklists.xlsform.attachments import MediaFiles
from steppe.checklists.xlsform.choice_sources import Fault, Sources
from steppe.checklists.xlsform.outline import (
    YES,
    Outline,
    PathToNothing,
    Place,
    Unresolved,
    answers_in_rows,
    choose_rows,
)
from steppe.checklists.xlsform.texts import Languages
from steppe.checklists.xlsform.xlsform import Row, Sheet

Severity: TypeAlias = Literal["problem", "warning", "missing"]
_NO: Final = frozenset({"no", "false", "false()", "0"})
_EARLIER: Final = "last-saved#"
_AT_START: Final = frozenset({"default", "calculation"})
"""Columns whose result is kept as an answer: only there the report before may be read."""


@dataclass(slots=True)
class Compiling:
    """What the readers of one form share: its survey sheet and outline, languages, lists, files and faults so far.

    `choice_names` are the questions that `jr:choice-name` needs choices of, each with the cells that say so;
    `carried` maps a question to the hidden one that holds its answer of the report before; `readings` are those
    of the questions whose row says how headquarters reads them.
    """

    sheet: Sheet
    languages: Languages
    outline: Outline
    sources: Sources
    media: MediaFiles
    problems: list[CellProblem]
    choice_names: list[tuple["Cells", str, str]] = field(default_factory=list)
    carried: dict[str, str] = field(default_factory=dict)
    readings: dict[str, QuestionReading] = field(default_factory=dict)


@dataclass(slots=True)
class Cells:
    """Reads the cells of one survey row, resolves what they refer to, and notes each fault at its place."""

    form: Compiling
    row: Row
    place: Place

    def text(self, name: str) -> str:
        """A plain cell; the empty string when it is empty."""
        return self.row.cells.get(name, "")

    def fault(self, column: str, message: str, suggestion: str = "", position: int = 0) -> None:
        """Notes a problem in a column of this row."""
        self._note(column, message, suggestion, position, "problem")

    def attach(self, column: str, name: str) -> None:
        """Reads a table that this row names, and notes what is wrong with its file."""
        self._note_source(column, PurePath(name).stem, self.form.sources.attach(name))

    def choose_file(self, column: str, columns: list[str], position: int = 0) -> None:
        """Gathers the rows of every attached file that an answer may choose: those that have these columns."""
        chosen = self.form.sources.choose_file(columns)
        self._note_source(column, CHOSEN_FILES, chosen.fault, position)
        for message, suggestion in chosen.left_out:
            self.warn(column, f"{message} No answer can choose it.", suggestion, position)
        if chosen.fault is None:
            self.warn(
                column,
                f"An answer chooses the file: {', '.join(chosen.files)} can be chosen, as they are attached now.",
                "Publish the form again when a file is added.",
                position,
            )

    def _note_source(self, column: str, stem: str, fault: Fault | None, position: int = 0) -> None:
        if fault is not None:
            is_absent = stem in self.form.sources.absent
            self._note(column, *fault, position, "missing" if is_absent else "problem")

    def warn(self, column: str, message: str, suggestion: str = "", position: int = 0) -> None:
        """Notes a warning in a column of this row."""
        self._note(column, message, suggestion, position, "warning")

    def _note(self, column: str, message: str, suggestion: str, position: int, severity: Severity) -> None:
        self.form.problems.append(self.problem(column, message, suggestion, position, severity))

    def problem(
        self,
        column: str,
        message: str,
        suggestion: str = "",
        position: int = 0,
        severity: Severity = "problem",
    ) -> CellProblem:
        """What is wrong in a column of this row, noted nowhere yet."""
        sheet = self.form.sheet
        if column in self.row.rewritten:
            position = 0
        return CellProblem(sheet.name, self.row.number, sheet.header(column), message, suggestion, position, severity)

    @staticmethod
    def nearest(name: str, names: Iterable[str]) -> str:
        """The known name most like a wrong one; the empty string when none is."""
        return next(iter(get_close_matches(name, list(names), n=1)), "")

    def expression(self, column: str, *, in_rows: bool = False) -> Ast | None:
        """The AST of an expression cell; None when the cell is empty or cannot be read."""
        written = self.text(column)
        return None if written == "" else self.parsed(column, written, in_rows=in_rows)

    def parsed(self, column: str, written: str, *, in_rows: bool = False) -> Ast | None:
        """The AST of an expression written in a column, its references resolved; None when it cannot be read."""
        parsed = self.read(column, written, in_rows=in_rows)
        return None if parsed is None else parsed.ast

    def read(self, column: str, written: str, *, in_rows: bool = False) -> Parsed | None:
        """As `parsed`, with the columns that a filter reads, which the caller has to check."""
        parsed = self._parse(column, written, in_rows=in_rows)
        if parsed is None:
            return None
        for message, suggestion, position in parsed.notes:
            self.warn(column, message, suggestion, position + 1)
        for reference in parsed.references:
            try:
                self._resolve(column, reference)
            except PathToNothing as nothing:
                reference.node[:] = NOTHING
                self.warn(column, nothing.message, nothing.suggestion, reference.position + 1)
            except Unresolved as unresolved:
                self.fault(column, unresolved.message, unresolved.suggestion, reference.position + 1)
        for lookup in parsed.lookups:
            if lookup.source == CHOSEN_FILES:
                self.choose_file(column, [name for name, _ in lookup.columns], lookup.position + 1)
                continue
            fault = self.form.sources.look_up(lookup.source)
            self._note_source(column, lookup.source, fault, lookup.position + 1)
            is_list = lookup.source in self.form.sources.lists
            self.check_columns(column, lookup.source, lookup.columns, of_list=is_list)
        if column not in _AT_START:
            self._refuse_given(column, parsed.ast)
        return parsed

    def _parse(self, column: str, written: str, *, in_rows: bool) -> Parsed | None:
        try:
            return parse(written, in_rows=in_rows)
        except ExpressionError as error:
            fault = error
        if written[fault.position : fault.position + 1] in CURLY:
            # Word processors put them in; where straight ones make sense of the cell, they were meant.
            curly = fault
            try:
                parsed = parse(written.translate(STRAIGHT), in_rows=in_rows)
            except ExpressionError as error:
                fault = curly if error.message == UNCLOSED else error
            else:
                self.warn(column, "Curly quotes are taken as straight ones.", curly.suggestion, curly.position + 1)
                return parsed
        self.fault(column, fault.message, fault.suggestion, fault.position + 1)
        return None

    def _refuse_given(self, column: str, ast: Ast) -> None:
        """Notes what only a phone can answer: it would come out otherwise at headquarters."""
        for name in sorted(GIVEN.intersection(calls_of(ast)) - {"last-saved"}):
            self.fault(
                column,
                f"{name}() gives another answer wherever it is asked.",
                "Calculate it in a row of its own and refer to that.",
            )

    def check_columns(self, column: str, source: str, wanted: Iterable[tuple[str, int]], *, of_list: bool) -> None:
        """Notes the columns that a list or table does not have: a problem in a table, a warning in a list."""
        for name, position in wanted:
            if of_list:
                odd = self.form.sources.list_column(source, name)
                if odd is not None:
                    self.warn(column, *odd, position + 1)
            else:
                fault = self.form.sources.table_column(source, name)
                if fault is not None:
                    self.fault(column, *fault, position + 1)

    def _resolve(self, column: str, reference: Reference) -> None:
        node = reference.node
        place = self.form.outline.find(reference, self.place)
        if node[:2] == ["call", "position"]:
            self._number_rows(column, reference, place)
            return
        if place.kind not in {"question", "repeat"}:
            raise Unresolved(f"'{place.name or 'The form'}' is a group, not a question.", "Name a question.")
        if node[0] == "s":
            self.form.choice_names.append((self, column, place.id))
        if reference.is_earlier:
            at_start = column in _AT_START
            node[:] = ["call", "last-saved", ["ref", place.id]] if at_start else ["ref", self.carried(place)]
            return
        node[1] = place.id
        repeat = next(iter(place.repeats()), None)
        if reference.is_over_rows and reference.route is None and repeat in self.place.repeats():
            self.warn(
                column,
                f"Of '{place.name}' the answers in all rows of '{repeat.name}' are taken.",
                f"Write ../{place.name} for the answer in this row.",
                reference.position + 1,
            )
            node[:] = answers_in_rows(repeat, place)
        choose_rows(reference, place, self.form.outline)

    def carried(self, place: Place) -> str:
        """The hidden question that holds what a question answered in the report before, for all but defaults.

        The server does not know that report: what is read from it has to be an answer of this one.
        """
        if place.kind != "question" or place.repeats():
            raise Unresolved("Only questions outside repeats are known from the report before.", "Name another one.")
        return self.form.carried.setdefault(place.id, f"last-saved.{place.id}")

    def _number_rows(self, column: str, reference: Reference, container: Place) -> None:
        """`position(..)` → how many repeats further out the row is than this one's; outside repeats it is 1."""
        around = self.place.repeats()
        row = container if container.kind == "repeat" else next(iter(container.repeats()), None)
        if row is not None and row in around:
            depth = around.index(row)
            reference.node[2:] = [["n", depth]] if depth else []
            return
        reference.node[:] = ["n", 1]
        self.warn(
            column,
            "position(..) has a meaning only inside a repeat: here it is always 1.",
            "Remove it.",
            reference.position + 1,
        )

    def condition(self, column: str) -> Ast | None:
        """A yes-or-expression cell: `["b", true]` for a plain yes, None for a no."""
        written = self.text(column).lower()
        if written in YES:
            return ["b", True]
        return None if written in _NO else self.expression(column)

    def is_yes(self, column: str) -> bool:
        """A yes-or-no cell; an empty one is a no."""
        written = self.text(column).lower()
        if written not in YES | _NO | {""}:
            self.fault(column, f"'{self.text(column)}' is neither yes nor no.", "Write yes or leave the cell empty.")
        return written in YES

    def texts(self, column: str) -> Texts | None:
        """The texts of a translated cell, the `${question}` in them checked; None when the row has none."""
        found = self.form.languages.texts(self.form.sheet, self.row, column, self.form.problems)
        return None if found is None else self.with_outputs(column, found)

    def with_outputs(self, column: str, texts: Texts) -> Texts:
        """The texts with every `${question}` resolved; faults are noted once."""
        faults: dict[tuple[str, str], None] = {}

        def resolved(match: re.Match[str]) -> str:
            name = match[1].strip()
            try:
                place = self.form.outline.named(name.removeprefix(_EARLIER))
                if name.startswith(_EARLIER):
                    return f"${{{self.carried(place)}}}"
            except Unresolved as unresolved:
                faults[unresolved.message, unresolved.suggestion] = None
                return match[0]
            if place.kind not in {"question", "repeat"}:
                faults[f"'{name}' is a group, not a question.", "Name a question."] = None
            return f"${{{place.id}}}"

        whole = {language: OUTPUT.sub(resolved, text) for language, text in texts.items()}
        for message, suggestion in faults:
            self.fault(column, message, suggestion)
        return whole

    def beside(self) -> Media | None:
        """The pictures, sounds and films beside the row's label."""
        languages = self.form.languages
        return self.form.media.of_row(self.form.sheet, self.row, languages.codes, languages.default, self.form.problems)

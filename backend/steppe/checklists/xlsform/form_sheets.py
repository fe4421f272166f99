"""A form's spreadsheet as a grid of texts, whole: every sheet, also those and the columns no program reads.

What pyxform reads for compiling drops unknown sheets and trims cells; this keeps all of it, so that a form can be
handed back to its author as .xlsx.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, Final, TypeAlias

import xlsxwriter
from openpyxl import load_workbook
from pyxform.xls2json_backends import _md_table_to_ss_structure, xlsx_value_to_str

from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.checklists.xlsform.includes import INCLUDE
from steppe.kit.problems import Problem
from steppe.kit.slim_workbook import slim_workbook
from steppe.kit.xls_workbook import NO_TIME, as_xlsx

Grid: TypeAlias = list[list[str]]
"""Rows of a sheet, the header first; absent cells are empty texts."""
Sheets: TypeAlias = dict[str, Grid]
"""Sheet name → its rows, in the file's order."""

XLSX_CELL_LIMIT: Final = 32_767
SHEET_NAME_LIMIT: Final = 31
FORBIDDEN_IN_SHEET_NAMES: Final = re.compile(r"[\[\]:*?/\\']")
SHEET_CELLS: Final = 2_000_000
"""Cells of the rectangle that a sheet's texts stand in; the largest forms come to some ten thousand."""
_SPACES: Final = re.compile(r" +")
SURVEY: Final = "survey"
CHOICES: Final = "choices"
SETTINGS: Final = "settings"


class CellTooLong(Problem):
    """A text of the form is longer than a cell of a spreadsheet can be."""

    slug = "cell-too-long"
    title = "The form does not fit into a spreadsheet"
    next = "Take the form as it was published instead."


def read_sheets(content: bytes, name: str) -> Sheets:
    """Return every sheet of an `.xlsx`, `.xls` or `.md` file that compiled; cells as pyxform writes them, untrimmed.

    Raises ChecklistProblems for a sheet whose texts stand too far apart; what its readers raise, for what is none.
    """
    if PurePath(name).suffix.lower() == ".md":
        read: Mapping[str, Iterable[Iterable[str | None]]] = _md_table_to_ss_structure(content.decode("utf-8"))
        return {sheet: _squared(sheet, ([cell or "" for cell in row] for row in rows)) for sheet, rows in read.items()}
    book = load_workbook(io.BytesIO(slim_workbook(as_xlsx(content))), read_only=True, data_only=True)
    try:
        return {sheet.title: _squared(sheet.title, _rows(sheet)) for sheet in book.worksheets}
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[list[str]]:
    # How far the sheet reaches by its own word is no reason to make so many cells.
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        yield ["" if value is None else _text(value) for value in row]


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(xlsx_value_to_str(value))


def _squared(title: str, rows: Iterable[list[str]]) -> Grid:
    """Return rows of one width, empty ones and columns at the end left out. Raises ChecklistProblems."""
    grid: Grid = []
    height, width = 0, 0
    for row in rows:
        while row and not row[-1]:
            row.pop()
        grid.append(row)
        if row:
            height, width = len(grid), max(width, len(row))
        if len(grid) * width > SHEET_CELLS:
            message = f"The texts of the sheet stand too far apart: over {SHEET_CELLS:,} cells lie between them."
            raise ChecklistProblems(
                [CellProblem(title, len(grid), "", message, "Delete the rows and columns between.")]
            )
    return [[*row, *[""] * (width - len(row))] for row in grid[:height]]


def sheet_named(sheets: Sheets, name: str) -> Grid:
    """Return the rows of a sheet of XLSForm, whatever the case of its name; [] when the file has none.

    A file of one sheet is a survey, unless it says to be choices or settings: a shared part may hold lists alone.
    """
    for title, rows in sheets.items():
        if title.lower() == name:
            return rows
    is_survey = name == SURVEY and len(sheets) == 1 and not {title.lower() for title in sheets} & {CHOICES, SETTINGS}
    return next(iter(sheets.values())) if is_survey else []


def column_of(rows: Grid, *names: str) -> int | None:
    """Return the number of the first column whose header is one of these names, whatever its case and spaces."""
    header = [_key(cell).lower() for cell in rows[0]] if rows else []
    return next((number for number, cell in enumerate(header) if cell in names), None)


def _key(header: str) -> str:
    return _SPACES.sub(" ", header.strip())


def includes_of(sheets: Sheets) -> list[str]:
    """Return the names of the shared parts the survey asks for, in order."""
    rows = sheet_named(sheets, SURVEY)
    kind, name = column_of(rows, "type", "command"), column_of(rows, "name")
    if kind is None or name is None:
        return []
    return [row[name].strip() for row in rows[1:] if row[kind].strip() == INCLUDE]


def resolved(sheets: Sheets, parts: Mapping[str, Sheets]) -> Sheets:
    """Return the sheets with the rows of shared parts in place of the rows that ask for them, as compiling does."""
    if not includes_of(sheets):
        return sheets
    rows = sheet_named(sheets, SURVEY)
    kind, name = column_of(rows, "type", "command"), column_of(rows, "name")
    survey, choices = [rows[0]], sheet_named(sheets, CHOICES)
    for row in rows[1:]:
        if kind is None or name is None or row[kind].strip() != INCLUDE:
            survey.append(row)
            continue
        shared = parts[row[name].strip()]
        survey = _joined(survey, sheet_named(shared, SURVEY))
        choices = _joined(choices, sheet_named(shared, CHOICES))
    replaced = {SURVEY: survey, CHOICES: choices}
    whole = {title: replaced.pop(title.lower(), grid) for title, grid in sheets.items()}
    return {**whole, **{title: grid for title, grid in replaced.items() if grid}}


def _joined(rows: Grid, more: Grid) -> Grid:
    if not more:
        return rows
    header = list(rows[0]) if rows else []
    known = [_key(cell) for cell in header]
    header += [cell for cell in more[0] if cell and _key(cell) not in known]
    places = {_key(cell): number for number, cell in enumerate(header)}
    joined = [header, *(_widened(row, len(header)) for row in rows[1:])]
    for row in more[1:]:
        line = [""] * len(header)
        for written, cell in zip(more[0], row, strict=True):
            if written:
                line[places[_key(written)]] = cell
        joined.append(line)
    return joined


def _widened(row: list[str], width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))]


def with_setting(sheets: Sheets, names: tuple[str, ...], value: str) -> Sheets:
    """Return the sheets with a setting the file left to chance; a setting that is written stays. `names[0]` is new."""
    rows = [list(row) for row in sheet_named(sheets, SETTINGS)] or [[]]
    rows += [[""] * len(rows[0])] if len(rows) == 1 else []
    column = column_of(rows, *names)
    if column is not None and rows[1][column].strip():
        return sheets
    if column is None:
        rows = [[*row, ""] for row in rows]
        rows[0][-1] = names[0]
        column = -1
    rows[1][column] = value
    title = next((title for title in sheets if title.lower() == SETTINGS), SETTINGS)
    return {**sheets, title: rows}


def write_sheets(sheets: Sheets) -> bytes:
    """Return an .xlsx with these sheets, every cell text: nothing in it is ever run as a formula.

    Raises CellTooLong.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        # The same form gives the same bytes, whenever it is written.
        book.set_properties({"created": NO_TIME})
        bold = book.add_format({"bold": True})
        names: set[str] = set()
        for title, rows in sheets.items():
            sheet = book.add_worksheet(_unique(title, names))
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if len(cell) > XLSX_CELL_LIMIT:
                        msg = f"sheet {title}, row {number + 1}: a text of {len(cell)} characters"
                        raise CellTooLong(msg)
                    if cell:
                        sheet.write_string(number, column, cell, bold if number == 0 else None)
            sheet.freeze_panes(1, 0)
    return file.getvalue()


def _unique(title: str, taken: set[str]) -> str:
    name = FORBIDDEN_IN_SHEET_NAMES.sub("_", title)[:SHEET_NAME_LIMIT]
    number = 2
    while name.lower() in taken:
        name, number = f"{name[: SHEET_NAME_LIMIT - 3]}~{number}", number + 1
    taken.add(name.lower())
    return name

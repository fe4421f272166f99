"""XLSForm files as rows that know their place, and pyxform's own verdict on them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import DefinitionData
from pyxform.xls2xform import convert

from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.checklists.xlsform.headers import TRANSLATED, Column, column_of, misspelt
from steppe.checklists.xlsform.includes import SUFFIXES, Origins, UnreadableForm, definition_data, resolve
from steppe.checklists.xlsform.question_types import pyxform_type
from steppe.checklists.xlsform.support import COLUMNS, SHEETS, STEPPE_COLUMNS, STEPPE_SETTINGS, is_note

_BAR: Final = re.compile(r"(?<!\\)\|")
_ROW_IN_MESSAGE: Final = re.compile(
    r"^\[row ?: ?(\d+)\] ?(?:On the '(\w+)' sheet, the '([^']+)' value [^.]*\. ?)?", re.DOTALL
)
_STUMBLES: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What pyxform raises where it did not expect a form: its own slip, such as a search() on choices from a file."""
_WORTH_SAYING: Final = "to suppress this message"
"""Words of those pyxform warnings that nothing here says better: sheets whose names look misspelt."""


@dataclass(slots=True)
class Row:
    """One row of a sheet.

    Attributes:
        number: as a spreadsheet shows it.
        cells: by meaning, those of translated columns left out.
        texts: translated cells: meaning → language code → text.
        raw: every cell by its header as written.
        rewritten: columns whose expression was written anew: places in the file's own cell are not those of `cells`.
    """

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    rewritten: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Sheet:
    """A sheet's columns and non-empty rows, in order."""

    name: str
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def header(self, name: str, language: str = "") -> str:
        """How the file writes a column, for messages; its XLSForm name when the file has none."""
        names = {name, "count"} if name == "repeat_count" else {name}
        written = sorted((column for column in self.columns if column.name in names), key=lambda one: one.name != name)
        exact = [column.header for column in written if language in {"", column.language}]
        return (exact or [column.header for column in written] or [name])[0]


@dataclass(slots=True)
class Workbook:
    """An XLSForm as read: its sheets, what pyxform needs to judge it, and where included rows came from."""

    survey: Sheet
    choices: Sheet
    external: Sheet
    settings: Row
    settings_sheet: Sheet
    data: DefinitionData
    origins: Origins


def read_workbook(content: bytes, filename: str, folder: Path | None = None) -> Workbook:
    """The sheets of an `.xlsx`, `.xls` or `.md` file.

    Raises:
        ChecklistProblems: when the file cannot be read as one at all.
    """
    suffix = PurePath(filename).suffix.lower()
    if suffix not in SUFFIXES:
        message = f"'{filename}' is no .xlsx, .xls or .md file."
        raise ChecklistProblems([CellProblem("survey", 0, "", message, "Save it as .xlsx.")])
    if suffix == ".md":
        _check_lines(content)
    try:
        data = definition_data(content, suffix)
    except UnreadableForm as error:
        raise ChecklistProblems([CellProblem("survey", 0, "", f"The file cannot be read: {error}")]) from error
    origins = resolve(data, folder)
    settings = _sheet("settings", data.settings, data.settings_header)
    return Workbook(
        survey=_sheet("survey", data.survey, data.survey_header),
        choices=_sheet("choices", data.choices, data.choices_header),
        external=_sheet("external_choices", data.external_choices, data.external_choices_header),
        settings=settings.rows[0] if settings.rows else Row(2),
        settings_sheet=settings,
        data=data,
        origins=origins,
    )


def _check_lines(content: bytes) -> None:
    """Find the row of a Markdown table that has more cells than its header. Raises ChecklistProblems."""
    sheet, header, row = "survey", 0, 0
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if not line.lstrip().startswith("|") or not line.strip("|- \t"):
            continue
        first, *cells = [cell.strip() for cell in _BAR.split(line.strip())[1:]]
        if first:
            sheet, header, row = first, 0, 0
            continue
        row += 1
        width = max((place for place, cell in enumerate(cells, 1) if cell), default=0)
        if row == 1:
            header = len(cells)
        elif width > header - 1:
            message = f"Line {number} has {width} cells, its header {header - 1}."
            suggestion = "Write \\| for a | inside a cell."
            raise ChecklistProblems([CellProblem(sheet, row, "", message, suggestion)])


def _sheet(name: str, rows: Iterable[Mapping[str, str]] | None, header: Iterable[Mapping[str, object]] | None) -> Sheet:
    columns = {written: column_of(written) for names in header or [] for written in names if written}
    sheet = Sheet(name, list(columns.values()))
    for number, cells in enumerate(rows or [], 2):
        row = Row(number)
        for written, value in cells.items():
            column = columns.get(written) or column_of(written)
            text = str(value).strip()
            if text == "":
                continue
            row.raw[written] = text
            if column.name == "count" and _is_repeat(cells):
                row.cells.setdefault("repeat_count", text)
                continue
            if column.name in TRANSLATED:
                row.texts.setdefault(column.name, {})[column.language] = text
            else:
                row.cells[column.name] = text
        if row.raw:
            sheet.rows.append(row)
    return sheet


def _is_repeat(cells: Mapping[str, object]) -> bool:
    """Whether a row opens a repeat: there, and only there, `count` is XLSForm's older word for `repeat_count`."""
    written = (str(value) for header, value in cells.items() if column_of(header).name == "type")
    return next(written, "").strip().lower().replace(" ", "_") == "begin_repeat"


def column_problems(sheet: Sheet) -> list[CellProblem]:
    """Headers that look like a known column misspelt, and known ones that Steppe leaves aside.

    Other unknown columns are the author's own notes.
    """
    problems: list[CellProblem] = []
    known = COLUMNS[sheet.name]
    for column in sheet.columns:
        held = known.get(column.name)
        if held is not None and held.verdict == "no":
            problems.append(
                CellProblem(
                    sheet.name,
                    1,
                    column.header,
                    "This column is left aside.",
                    held.note,
                    severity="warning",
                )
            )
        near = "" if held is not None else misspelt(column.name, known)
        if near:
            message, suggestion = "There is no such column: it is left aside.", f"Did you mean '{near}'?"
            problems.append(CellProblem(sheet.name, 1, column.header, message, suggestion, severity="warning"))
    return problems


def sheet_warnings(workbook: Workbook) -> list[CellProblem]:
    """Sheets that XLSForm knows and Steppe leaves aside."""
    return [
        CellProblem(name, 0, "", "This sheet is left aside.", support.note, severity="warning")
        for name, support in SHEETS.items()
        if support.verdict == "no" and getattr(workbook.data, name)
    ]


def pyxform_problems(workbook: Workbook) -> list[CellProblem]:
    """What pyxform, the sector's own compiler, has against the form; it stops at the first fault.

    Its warnings are passed on where they say what nothing here says: sheets with misspelt names.
    """
    data = workbook.data
    sheets = {name: getattr(data, name) for name in data.__slots__}
    counts = _counting_rows(sheets)
    sheets["survey"] = [_in_pyxform(row) for row in sheets["survey"] or []]
    for part in ("survey", "survey_header"):
        sheets[part] = _without(
            sheets[part], lambda header: _is_ours(header, STEPPE_COLUMNS - counts) or is_note(header)
        )
    for part in ("settings", "settings_header"):
        sheets[part] = _without(sheets[part], lambda header: _is_ours(header, STEPPE_SETTINGS | {"form_title::"}))
    warnings: list[str] = []
    try:
        convert(sheets, warnings=warnings)
    except PyXFormError as error:
        return [_placed(str(error))]
    except _STUMBLES as error:
        message = f"pyxform gives up on this form ({type(error).__name__}): other tools may not open it."
        return [CellProblem("survey", 0, "", message, "Look at its odd rows.", severity="warning")]
    return [
        CellProblem("survey", 0, "", warning, severity="warning") for warning in warnings if _WORTH_SAYING in warning
    ]


def _in_pyxform(row: dict[str, str]) -> dict[str, str]:
    """Return a row whose type pyxform does not know, and Steppe takes, with one that pyxform knows."""
    header = next((header for header in row if column_of(header).name == "type"), None)
    known = pyxform_type(str(row[header]).strip().lower()) if header else None
    return row if header is None or known is None else {**row, header: known}


def _counting_rows(sheets: dict[str, list[dict[str, str]]]) -> frozenset[str]:
    """Leave `count` cells to rows that open a repeat; `{"count"}` when one has it: then pyxform needs the column."""
    rows = sheets["survey"] or []
    sheets["survey"] = [
        row
        if _is_repeat(row)
        else {header: value for header, value in row.items() if column_of(header).name != "count"}
        for row in rows
    ]
    is_used = any(column_of(header).name == "count" for row in sheets["survey"] for header in row)
    return frozenset({"count"}) if is_used else frozenset()


def _without(
    rows: Iterable[Mapping[str, object]] | None, leaves_out: Callable[[str], bool]
) -> list[dict[str, object]] | None:
    if rows is None:
        return None
    return [{header: value for header, value in row.items() if not leaves_out(header)} for row in rows]


def _is_ours(header: str, names: frozenset[str]) -> bool:
    column = column_of(header)
    return column.name in names or (f"{column.name}::" in names and column.language != "")


def _placed(message: str) -> CellProblem:
    match = _ROW_IN_MESSAGE.match(message)
    if match is None:
        return CellProblem("survey", 0, "", message)
    return CellProblem(match[2] or "survey", int(match[1]), match[3] or "", message[match.end() :])

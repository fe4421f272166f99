"""Parts that several checklists share, written once: a survey row of type `include`.

`| | include | common | …` takes in the survey rows of `_common.md` (or `_common.xlsx`) of the same folder there, and
its choice lists. XLSForm has no such row; it is resolved before pyxform reads the form. An included file includes
nothing itself.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias
from zipfile import BadZipFile

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import DefinitionData, get_xlsform

from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.kit.slim_workbook import WorkbookTooLarge, slim_workbook
from steppe.kit.xls_workbook import UnreadableWorkbook, as_xlsx

INCLUDE: Final = "include"
SUFFIXES: Final = (".md", ".xlsx", ".xls")
FIRST_ROW: Final = 2

Cells: TypeAlias = Mapping[str, str]
Place: TypeAlias = tuple[str, int]
"""A file (empty: the form itself) and a row in it, as a spreadsheet counts."""


class UnreadableForm(ValueError):
    """A file that is no spreadsheet of a form; the message says why."""


class Origins:
    """Where every row of the resolved form came from, so that a problem names the file an author has to open."""

    def __init__(self) -> None:
        """Begin with no rows."""
        self.survey: list[Place] = []
        self.choices: list[Place] = []

    def place(self, problem: CellProblem) -> CellProblem:
        """Return the problem at the row of the file where it was written."""
        rows = {"survey": self.survey, "choices": self.choices}.get(problem.sheet, [])
        index = problem.row - FIRST_ROW
        if not 0 <= index < len(rows):
            return problem
        file, number = rows[index]
        return replace(problem, sheet=f"{problem.sheet} of {file}" if file else problem.sheet, row=number)


def definition_data(content: bytes, suffix: str) -> DefinitionData:
    """Return the sheets of an `.xlsx`, `.xls` or `.md` file as pyxform reads them. Raises UnreadableForm."""
    try:
        if suffix == ".md":
            return get_xlsform(content, file_type=suffix)
        return get_xlsform(slim_workbook(as_xlsx(content)), file_type=".xlsx")
    except (
        PyXFormError,
        UnicodeDecodeError,
        IndexError,
        BadZipFile,
        zlib.error,
        WorkbookTooLarge,
        UnreadableWorkbook,
    ) as error:
        raise UnreadableForm(str(error)) from error


def resolve(data: DefinitionData, folder: Path | None) -> Origins:
    """Put included rows in place of the rows that ask for them, in `data` itself; returns where each row came from.

    Args:
        data: the sheets as read.
        folder: where the form lies; None when it came as bytes, from an upload: then nothing can be included.

    Raises:
        ChecklistProblems: for an include without its file, or a file that cannot be read.
    """
    origins = Origins()
    problems: list[CellProblem] = []
    survey: list[Cells] = []
    choices: list[Cells] = list(data.choices or [])
    origins.choices = [("", number) for number in range(FIRST_ROW, FIRST_ROW + len(choices))]
    headers = {"survey": _headers(data.survey_header), "choices": _headers(data.choices_header)}
    for number, row in enumerate(data.survey or [], FIRST_ROW):
        if str(row.get("type", "")).strip() != INCLUDE:
            survey.append(row)
            origins.survey.append(("", number))
            continue
        part, problem = _part(str(row.get("name", "")).strip(), folder, number)
        if part is None:
            problems += [problem] if problem else []
            continue
        path, shared = part
        survey += shared.survey or []
        choices += shared.choices or []
        origins.survey += _places(path, shared.survey)
        origins.choices += _places(path, shared.choices)
        headers["survey"] |= _headers(shared.survey_header)
        headers["choices"] |= _headers(shared.choices_header)
    if problems:
        raise ChecklistProblems(problems)
    data.survey, data.choices = survey, choices
    data.survey_header, data.choices_header = [dict(headers["survey"])], [dict(headers["choices"])]
    return origins


def _headers(rows: Iterable[Mapping[str, object]] | None) -> dict[str, None]:
    return {name: None for row in rows or [] for name in row}


def _places(path: Path, rows: Sequence[Cells] | None) -> list[Place]:
    return [(path.name, number) for number in range(FIRST_ROW, FIRST_ROW + len(rows or []))]


def _part(name: str, folder: Path | None, number: int) -> tuple[tuple[Path, DefinitionData] | None, CellProblem | None]:
    if folder is None:
        what = "An uploaded form cannot include another file."
        return None, CellProblem("survey", number, "type", what, "Copy the shared rows into it.")
    files = [folder / f"_{name}{suffix}" for suffix in SUFFIXES]
    found = next((path for path in files if path.is_file()), None)
    if found is None:
        what = f"There is no file '_{name}.md' beside the form."
        known = ", ".join(sorted(path.stem[1:] for path in folder.glob("_*") if path.suffix in SUFFIXES))
        return None, CellProblem("survey", number, "name", what, f"Files to include: {known or 'none'}.")
    try:
        return (found, definition_data(found.read_bytes(), found.suffix)), None
    except UnreadableForm as error:
        return None, CellProblem("survey", number, "name", f"'{found.name}' cannot be read: {error}")

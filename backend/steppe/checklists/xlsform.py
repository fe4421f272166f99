"""XLSForm files as rows that know their place, and pyxform's own verdict on them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path, PurePath
from typing import Final

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import DefinitionData, get_xlsform
from pyxform.xls2xform import convert

from steppe.checklists.includes import Origins, resolve
from steppe.checklists.problems import CellProblem, ChecklistProblems

_ALIASES: Final = {
    "relevance": "relevant",
    "calculate": "calculation",
    "readonly": "read_only",
    "requiredmsg": "required_message",
    "constraining_message": "constraint_message",
    "caption": "label",
    "command": "type",
    "repeat_count": "repeat_count",
    "jr:count": "repeat_count",
    "count": "repeat_count",
    "list name": "list_name",
    "set_form_title": "form_title",
    "title": "form_title",
    "set_form_id": "form_id",
    "id_string": "form_id",
}
STEPPE_COLUMNS: Final = frozenset(
    {"theme", "negative", "soft", "soft_message", "sealed", "location", "short_form", "figure", "reference"}
)
"""Columns of the survey sheet that Steppe adds to XLSForm."""
STEPPE_SETTINGS: Final = frozenset({"short_title", "kind", "location"})
"""Columns of the settings sheet that Steppe adds to XLSForm."""
TRANSLATED: Final = frozenset(
    {"label", "hint", "constraint_message", "required_message", "soft_message", "form_title", "short_title"}
)
"""Columns that hold one text per language."""
UNSUPPORTED: Final = {
    "choice_filter": "Make a question per group of choices, each with its own relevance.",
    "repeat_count": "Observers add rows themselves: remove the count.",
    "trigger": "Calculations follow their questions by themselves: remove the trigger.",
    "guidance_hint": "Put the guidance into the hint.",
    "image": "Describe the picture in the label.",
    "big-image": "Describe the picture in the label.",
    "audio": "Write the text into the label.",
    "video": "Write the text into the label.",
    "media": "Write the text into the label.",
    "save_to": "Entities are not supported: remove the column.",
}
_KNOWN: Final[dict[str, frozenset[str]]] = {
    "survey": frozenset({"type", "name", "relevant", "required", "constraint", "calculation", "default", "read_only"})
    | {"appearance", "parameters", "label", "hint", "constraint_message", "required_message"}
    | STEPPE_COLUMNS
    | frozenset(UNSUPPORTED),
    "choices": frozenset({"list_name", "name", "label", "image", "audio", "video", "media"}),
    "settings": frozenset({"form_title", "form_id", "version", "default_language", "style", "instance_name"})
    | {"allow_choice_duplicates", "public_key", "submission_url"}
    | STEPPE_SETTINGS,
}
_ROW_IN_MESSAGE: Final = re.compile(r"^\[row ?: ?(\d+)\] ?(?:On the '(\w+)' sheet, the '([^']+)' value [^.]*\. ?)?")
_CODE: Final = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Column:
    """A header understood: its meaning, its language code (empty when it names none) and how it was written."""

    name: str
    language: str
    header: str


@dataclass(slots=True)
class Row:
    """One row of a sheet: ``number`` as a spreadsheet shows it; ``cells`` by meaning, ``texts`` by language too."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Sheet:
    """A sheet's columns and non-empty rows, in order."""

    name: str
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def header(self, name: str, language: str = "") -> str:
        """How the file writes a column, for messages; its XLSForm name when the file has none."""
        written = [column for column in self.columns if column.name == name]
        exact = [column.header for column in written if language in {"", column.language}]
        return (exact or [column.header for column in written] or [name])[0]


@dataclass(slots=True)
class Workbook:
    """An XLSForm as read: its three sheets, what pyxform needs to judge it, and where included rows came from."""

    survey: Sheet
    choices: Sheet
    settings: Row
    settings_sheet: Sheet
    data: DefinitionData
    origins: Origins


def read_workbook(content: bytes, filename: str, folder: Path | None = None) -> Workbook:
    """The sheets of an ``.xlsx`` or ``.md`` file.

    Raises:
        ChecklistProblems: when the file cannot be read as one at all.
    """
    suffix = PurePath(filename).suffix.lower()
    if suffix not in {".xlsx", ".md"}:
        raise ChecklistProblems(
            [CellProblem("survey", 0, "", f"'{filename}' is no .xlsx and no .md file.", "Save it as .xlsx.")]
        )
    try:
        data = get_xlsform(content, file_type=suffix)
    except (PyXFormError, UnicodeDecodeError, IndexError) as error:
        raise ChecklistProblems([CellProblem("survey", 0, "", f"The file cannot be read: {error}")]) from error
    origins = resolve(data, folder)
    settings = _sheet("settings", data.settings, data.settings_header)
    return Workbook(
        survey=_sheet("survey", data.survey, data.survey_header),
        choices=_sheet("choices", data.choices, data.choices_header),
        settings=settings.rows[0] if settings.rows else Row(2),
        settings_sheet=settings,
        data=data,
        origins=origins,
    )


def _sheet(name: str, rows: Iterable[Mapping[str, str]] | None, header: Iterable[Mapping[str, object]] | None) -> Sheet:
    columns = {written: _column(written) for names in header or [] for written in names if written}
    sheet = Sheet(name, list(columns.values()))
    for number, cells in enumerate(rows or [], 2):
        row = Row(number)
        for written, value in cells.items():
            column = columns.get(written) or _column(written)
            text = str(value).strip()
            if text == "":
                continue
            if column.name in TRANSLATED:
                row.texts.setdefault(column.name, {})[column.language] = text
            else:
                row.cells[column.name] = text
        if row.cells or row.texts:
            sheet.rows.append(row)
    return sheet


def _column(header: str) -> Column:
    parts = [part.strip() for part in header.split("::")]
    if len(parts) == 1 and ":" in header and not header.lower().startswith("jr:"):
        parts = [part.strip() for part in header.split(":", 1)]
    name = parts[0].lower()
    if name in {"jr", "bind", "body", "instance"}:
        return Column(header, "", header)
    name = _ALIASES.get(name, name.replace(" ", "_"))
    return Column(name, language_code(parts[-1]) if len(parts) > 1 else "", header)


def language_code(written: str) -> str:
    """The code of a language as XLSForm writes it: ``Russian (ru)`` → ``ru``, ``fr`` → ``fr``, ``Manx`` → ``manx``."""
    match = _CODE.search(written)
    return match[1].lower() if match else re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")


def unknown_columns(sheet: Sheet) -> list[CellProblem]:
    """Headers that look like a known column misspelt. Other unknown columns are the author's own notes."""
    problems: list[CellProblem] = []
    known = _KNOWN[sheet.name]
    for column in sheet.columns:
        if column.name in known:
            continue
        near = get_close_matches(column.name, known, n=1, cutoff=0.8)
        if near:
            problems.append(
                CellProblem(sheet.name, 1, column.header, "There is no such column.", f"Did you mean '{near[0]}'?")
            )
    return problems


def pyxform_problems(workbook: Workbook) -> list[CellProblem]:
    """What pyxform, the sector's own compiler, has against the form; it stops at the first fault."""
    data = workbook.data
    stripped = DefinitionData(
        survey=_without(data.survey, STEPPE_COLUMNS),
        survey_header=_without(data.survey_header, STEPPE_COLUMNS),
        choices=data.choices,
        choices_header=data.choices_header,
        settings=_without(data.settings, STEPPE_SETTINGS | {"form_title::"}),
        settings_header=_without(data.settings_header, STEPPE_SETTINGS | {"form_title::"}),
        sheet_names=data.sheet_names,
        fallback_form_name=data.fallback_form_name,
    )
    sheets = {name: getattr(stripped, name) for name in stripped.__slots__}
    try:
        convert(sheets, warnings=[])
    except PyXFormError as error:
        return [_placed(str(error))]
    return []


def _without(rows: Iterable[Mapping[str, object]] | None, names: frozenset[str]) -> list[dict[str, object]] | None:
    if rows is None:
        return None

    def ours(header: str) -> bool:
        column = _column(header)
        return column.name in names or (f"{column.name}::" in names and column.language != "")

    return [{header: value for header, value in row.items() if not ours(header)} for row in rows]


def _placed(message: str) -> CellProblem:
    match = _ROW_IN_MESSAGE.match(message)
    if match is None:
        return CellProblem("survey", 0, "", message)
    return CellProblem(match[2] or "survey", int(match[1]), match[3] or "", message[match.end() :])

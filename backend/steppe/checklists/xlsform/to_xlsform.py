"""The way back: a published form as the spreadsheet it came from, and as an ODK XForm for other tools.

Nothing is reconstructed from the definition: the source that was published is kept, and what is handed back is that
source whole, with shared parts put in and, where the file left them to chance, its id and version written down.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import PurePath
from typing import Final

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from steppe.checklists.xlsform.form_sheets import (
    SETTINGS,
    SURVEY,
    Grid,
    Sheets,
    includes_of,
    read_sheets,
    resolved,
    sheet_named,
    with_setting,
    write_sheets,
)
from steppe.checklists.xlsform.includes import SUFFIXES
from steppe.checklists.xlsform.support import STEPPE_COLUMNS, STEPPE_SETTINGS, is_note
from steppe.kit.problems import Problem

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The same files give the same zip: entries carry no time."""


class NoXForm(Problem):
    """pyxform refuses a form that Steppe took."""

    slug = "no-xform"
    status = HTTPStatus.CONFLICT
    title = "This form cannot be written as an ODK XForm"
    next = "Take the spreadsheet instead, and correct there what the detail names."


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A published form as it was kept: the source with its file's name, and the files beside it by name."""

    form: str
    version: str
    source_name: str
    source: bytes
    includes: Mapping[str, bytes] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Pictures, sounds and tables."""


def whole_sheets(kept: KeptForm) -> Sheets:
    """Return every sheet of the form, shared parts in their places, id and version in the settings."""
    sheets = read_sheets(kept.source, kept.source_name)
    parts: dict[str, Sheets] = {}
    for part in includes_of(sheets):
        name = next(f"_{part}{suffix}" for suffix in SUFFIXES if f"_{part}{suffix}" in kept.includes)
        parts[part] = read_sheets(kept.includes[name], name)
    sheets = resolved(sheets, parts)
    sheets = with_setting(sheets, ("form_id", "id_string", "set form id", "set_form_id"), kept.form)
    return with_setting(sheets, ("version",), kept.version)


def spreadsheet(kept: KeptForm) -> bytes:
    """Return the form as .xlsx: publishing it again gives the same definition.

    A form published as .xlsx that needs nothing added is handed back as it came, formats and remarks included.
    Raises CellTooLong.
    """
    sheets = read_sheets(kept.source, kept.source_name)
    whole = whole_sheets(kept)
    if PurePath(kept.source_name).suffix.lower() == ".xlsx" and whole == sheets:
        return kept.source
    return write_sheets(whole)


def xform(kept: KeptForm) -> str:
    """Return the form as ODK XForm XML, as pyxform makes it; Steppe's own columns, which ODK has not, are left out.

    Raises NoXForm, CellTooLong.
    """
    sheets = whole_sheets(kept)
    survey = sheet_named(sheets, SURVEY)
    for title, rows in sheets.items():
        if rows and (title.lower() == SETTINGS or rows is survey):
            sheets[title] = _for_odk(rows, _is_our_setting if title.lower() == SETTINGS else _is_our_column)
    try:
        return str(convert(write_sheets(sheets), file_type=".xlsx", warnings=[]).xform)
    except PyXFormError as error:
        raise NoXForm(str(error)) from error


def _for_odk(rows: Grid, leaves_out: Callable[[str], bool]) -> Grid:
    kept = [number for number, header in enumerate(rows[0]) if not leaves_out(header)]
    return [[row[number] for number in kept] for row in rows]


def _is_our_column(header: str) -> bool:
    return _name_of(header) in STEPPE_COLUMNS or is_note(header)


def _is_our_setting(header: str) -> bool:
    # XLSForm has one form_title; one per language is ours.
    return _name_of(header) in STEPPE_SETTINGS or (":" in header and _name_of(header) == "form_title")


def _name_of(header: str) -> str:
    return header.partition(":")[0].strip().lower().replace(" ", "_")


def bundle(kept: KeptForm) -> bytes:
    """Return a zip of the spreadsheet and `<form>-media/` with its files: publishing the zip again changes nothing.

    Raises CellTooLong.
    """
    files = {f"{kept.form}.xlsx": spreadsheet(kept)}
    files |= {f"{kept.form}-media/{name}": content for name, content in sorted(kept.files.items())}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()

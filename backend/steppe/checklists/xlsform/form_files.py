"""A form with everything that came with it: spreadsheet, pictures and sounds, tables, shared parts."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final, Literal
from uuid import UUID

from steppe.checklists.definition import Definition
from steppe.checklists.expressions.sources import CHOSEN_FILES
from steppe.checklists.fence import fenced
from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.checklists.question_reading import FormReading
from steppe.checklists.xlsform.attachments import Beside
from steppe.checklists.xlsform.compiler import compile_form
from steppe.checklists.xlsform.form_sheets import includes_of, read_sheets
from steppe.checklists.xlsform.includes import SUFFIXES as FORM_SUFFIXES
from steppe.checklists.xlsform.tables import SUFFIXES as TABLE_SUFFIXES
from steppe.kit.packed_files import MEBIBYTE, BadUpload, Limits, check_packed, safe_name, unzipped
from steppe.kit.slim_workbook import SHEETS
from steppe.kit.xls_workbook import is_xls

Role = Literal["media", "table", "include"]

UPLOAD_LIMITS: Final = Limits(packed=32 * MEBIBYTE, unpacked=64 * MEBIBYTE, file=20 * MEBIBYTE, files=500)
"""What the desk takes at once: a form is some hundred kilobytes, its pictures are what is large."""
SHEET_LIMITS: Final = Limits(packed=8 * MEBIBYTE, unpacked=64 * MEBIBYTE, file=64 * MEBIBYTE, files=1000)
"""What a spreadsheet may say that it unpacks to, but for its sheets: `slim_workbook` has their limit."""
_TYPES: Final = {".csv": "text/csv", ".geojson": "application/geo+json", ".md": "text/markdown", ".webp": "image/webp"}


@dataclass(frozen=True)
class FormFile:
    """A file beside the spreadsheet, and what it is to the form."""

    name: str
    role: Role
    content: bytes

    @cached_property
    def sha256(self) -> str:
        """Hex SHA-256 of the bytes."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def type(self) -> str:
        """The media type the name says."""
        suffix = PurePosixPath(self.name).suffix.lower()
        return _TYPES.get(suffix) or mimetypes.guess_type(self.name)[0] or "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Form:
    """A form that compiled: its file's name and bytes, what it came to, and the files of it that are in use.

    `reading`: how headquarters reads its questions. `totals`: what a limited mission has against it, `missing`: files
    that publishing asks for; see `Compiled`.
    """

    name: str
    source: bytes
    definition: Definition
    warnings: tuple[CellProblem, ...]
    files: tuple[FormFile, ...]
    reading: FormReading = field(default_factory=dict)
    totals: tuple[CellProblem, ...] = ()
    missing: tuple[CellProblem, ...] = ()


def blob_name(mission_id: UUID, sha256: str) -> str:
    """Return where the bytes of a form's file are kept among the blobs."""
    return f"{mission_id}/checklists/{sha256}"


def read_form(path: Path, *, stands_in: bool = False) -> Form:
    """Compile a form with the files in `<stem>-media/` and beside it; `stands_in`: also without some of them.

    Raises ChecklistProblems, OSError.
    """
    source = path.read_bytes()
    compiled = compile_form(path, stands_in=stands_in)
    with fenced():
        files = tuple(_files(path, source, compiled.definition))
    return Form(
        path.name,
        source,
        compiled.definition,
        compiled.warnings,
        files,
        compiled.reading,
        compiled.totals,
        compiled.missing,
    )


def read_forms(paths: Sequence[Path]) -> list[Form]:
    """Compile several forms. Raises ChecklistProblems with the problems of all of them, each file named."""
    forms: list[Form] = []
    problems: list[CellProblem] = []
    for path in paths:
        try:
            forms.append(read_form(path))
        except ChecklistProblems as found:
            problems += [replace(problem, sheet=f"{problem.sheet} in {path.name}") for problem in found.problems]
    if problems:
        raise ChecklistProblems(problems)
    return forms


def _files(path: Path, source: bytes, definition: Definition) -> Iterator[FormFile]:
    """Yield the files that the form uses. Two names of one picture are two files: the spreadsheet names both."""
    beside = Beside.form(path)
    sheets = read_sheets(source, path.name)
    includes: dict[str, FormFile] = {}
    for part in includes_of(sheets):
        for name in (f"_{part}{suffix}" for suffix in FORM_SUFFIXES):
            shared = path.with_name(name)
            if shared.is_file():
                includes[part] = FormFile(name, "include", shared.read_bytes())
                break
    yield from includes.values()
    every = [sheets, *(read_sheets(part.content, part.name) for part in includes.values())]
    written = {_name(cell) for one in every for rows in one.values() for row in rows for cell in row}
    for name in sorted(written.intersection(beside.names())):
        file = FormFile(name, "media", beside.read(name) or b"")
        if file.sha256 in (definition.files or {}):
            yield file
    tables = definition.tables or {}
    chosen = [row[0] for row in tables[CHOSEN_FILES].rows] if CHOSEN_FILES in tables else []
    for name in (f"{table}{suffix}" for table in dict.fromkeys([*tables, *chosen]) for suffix in TABLE_SUFFIXES):
        held = beside.read(name)
        if held is not None:
            yield FormFile(name, "table", held)


def _name(cell: str) -> str:
    return PurePosixPath(cell.replace("\\", "/")).name


def upload_files(files: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
    """Return the name of the spreadsheet in an upload, which may be one zip, and every file by its name without folder.

    Raises BadUpload for what is no form with its files.
    """
    if len(files) == 1 and next(iter(files)).lower().endswith(".zip"):
        files = unzipped(next(iter(files.values())), UPLOAD_LIMITS)
    name = _form_name(files)
    flat: dict[str, bytes] = {}
    for path, content in files.items():
        own = safe_name(path)
        if own in flat:
            msg = f"two files are called {own}"
            raise BadUpload(msg)
        flat[own] = content
    for own, content in flat.items():
        if own.lower().endswith((".xlsx", ".xls")) and not is_xls(content):
            check_packed(content, own, SHEET_LIMITS, but=SHEETS)
    return safe_name(name), flat


def _form_name(files: Mapping[str, bytes]) -> str:
    forms = [path for path in files if PurePosixPath(path).suffix.lower() in FORM_SUFFIXES]
    forms = [path for path in forms if not PurePosixPath(path).name.startswith(("_", "~", "."))]
    depth = min((path.count("/") for path in forms), default=0)
    top = [path for path in forms if path.count("/") == depth]
    if not top:
        msg = "there is no form in it: an .xlsx or .xls, or a Markdown table with the ending .md"
        raise BadUpload(msg)
    if len(top) > 1:
        msg = f"there are several forms in it: {', '.join(sorted(top))}"
        raise BadUpload(msg)
    return top[0]

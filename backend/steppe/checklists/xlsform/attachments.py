"""The files beside a form: pictures, sounds and films for its texts, tables for its lookups."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Final

from steppe.checklists.definition import File, Media, Texts
from steppe.checklists.problems import CellProblem
from steppe.checklists.xlsform.headers import MEDIA
from steppe.checklists.xlsform.xlsform import Row, Sheet

_KINDS: Final = {"image": "image/", "big-image": "image/", "audio": "audio/", "video": "video/"}
_BY_ANSWER: Final = "A file named by an answer is not supported."
_NONE: Final = "-"
"""What authors of other tools write for: this language has no file."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The attached files by name, given as bytes or lying in folders (the first one that has a file wins)."""

    given: Mapping[str, bytes] = field(default_factory=dict)
    folders: tuple[Path, ...] = ()
    stands_in: bool = False
    """Whether something stands in for a file that is not there, so that a form can be looked at without it."""

    @classmethod
    def form(cls, path: Path, *, stands_in: bool = False) -> "Beside":
        """The files of a form on disk: those of `<stem>-media/` beside it, then those of its own folder."""
        return cls(folders=(path.with_name(f"{path.stem}-media"), path.parent), stands_in=stands_in)

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None when there is none of this name. A form names files, never folders."""
        if name != PurePosixPath(name).name or "\\" in name:
            return None
        if name in self.given:
            return self.given[name]
        for folder in self.folders:
            path = folder / name
            if path.is_file():
                return path.read_bytes()
        return None

    def names(self) -> list[str]:
        """Every name there is, for suggestions."""
        lying = {path.name for folder in self.folders if folder.is_dir() for path in folder.iterdir()}
        return sorted({*self.given, *lying})

    def missing(self, name: str) -> tuple[str, str]:
        """What to say about a file that is not there."""
        near = get_close_matches(name, self.names(), n=1, cutoff=0.7)
        advice = f"Did you mean '{near[0]}'?" if near else "Put it beside the form, or into its -media folder."
        return f"The file '{name}' is not attached.", advice


@dataclass(slots=True)
class MediaFiles:
    """Media that a form's texts name, each file kept once: hex SHA-256 → what it is, and its bytes."""

    beside: Beside
    files: dict[str, File] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def of_row(
        self, sheet: Sheet, row: Row, languages: tuple[str, ...], default: str, problems: list[CellProblem]
    ) -> Media | None:
        """The media of a survey or choices row; None when it names none. Files that are missing become problems.

        A language without a file of its own takes the default language's, else the first one written.
        """
        parts: dict[str, Texts] = {}
        for column in MEDIA:
            found: dict[str, str] = {}
            for language, written in row.texts.get(column, {}).items():
                header = sheet.header(column, language)
                kept = self._keep(written, column, CellProblem(sheet.name, row.number, header, ""), problems)
                if kept:
                    found[language or default] = kept
            if found:
                fallback = found.get(default) or next(iter(found.values()))
                parts[column.replace("-", "_")] = {code: found.get(code, fallback) for code in languages}
        return Media(**parts) if parts else None

    def _keep(self, written: str, column: str, place: CellProblem, problems: list[CellProblem]) -> str:
        name = PurePosixPath(written.replace("\\", "/")).name
        if name == _NONE:
            return ""
        if "${" in written:
            problems.append(replace(place, message=_BY_ANSWER, suggestion="Name the file itself."))
            return ""
        content = self.beside.read(name)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if content is None and not self.beside.stands_in:
            message, suggestion = self.beside.missing(name)
            problems.append(replace(place, message=message, suggestion=suggestion))
            return ""
        if not kind.startswith(_KINDS[column]):
            message, suggestion = f"'{name}' is no file of this kind.", f"Its type would have to be {_KINDS[column]}…"
            problems.append(replace(place, message=message, suggestion=suggestion))
            return ""
        if content is None:
            message, suggestion = self.beside.missing(name)
            problems.append(replace(place, message=message, suggestion=suggestion, severity="missing"))
            digest = hashlib.sha256(f"in place of {name}".encode()).hexdigest()
            self.files[digest] = File(name=name, type=kind, size=0)
            return digest
        digest = hashlib.sha256(content).hexdigest()
        self.files[digest] = File(name=name, type=kind, size=len(content))
        self.contents[digest] = content
        return digest

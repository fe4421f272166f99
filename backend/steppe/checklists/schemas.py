"""Checklists at the desk on the wire: what checking and publishing say, versions, their differences."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

Texts = dict[str, str]


class CellProblemOut(BaseModel):
    """A fault or a warning at its place in the spreadsheet."""

    sheet: str = Field(description="`survey`, `choices`, `settings`; for an included part `survey of _common.md`")
    row: int = Field(description="as a spreadsheet counts, the header is 1; 0 for the sheet as a whole")
    column: str = Field(description="header as the file writes it; empty for the whole row")
    position: int = Field(description="character within the cell, from 1; 0 for the whole cell")
    message: str
    suggestion: str
    severity: Literal["problem", "warning"]


class FormFileOut(BaseModel):
    """A file that came with the form and is used by it."""

    name: str
    role: Literal["media", "table", "include"]
    type: str
    size: int
    sha256: str


class DetailOut(BaseModel):
    """One thing about a question that differs; `before` and `after` in words, empty where it was not there."""

    part: str = Field(description="`label`, `hint`, `type`, `place`, `choice`, `choice_order`, `relevant` …")
    about: str = Field(description="language of a text, name of a choice, else empty")
    before: str
    after: str


class ChangeOut(BaseModel):
    """What happened to one question or repeat."""

    kind: Literal["added", "removed", "moved", "changed"]
    id: str
    label: Texts
    details: list[DetailOut]
    is_comparable: bool = Field(description="still counted together: same id, type and choices")


class VersionRefOut(BaseModel):
    """A version by its names."""

    id: UUID
    form: str
    version: str


class ComparisonOut(BaseModel):
    """Differences of two versions in the order of the newer one; `comparable`: question ids counted over both."""

    before: VersionRefOut
    after: VersionRefOut | None = Field(description="null when compared with a form that is not published yet")
    changes: list[ChangeOut]
    comparable: list[str]


Publishing: TypeAlias = Literal["new", "same", "reading", "taken", "missing", "problems"]


class CheckOut(BaseModel):
    """What checking a form came to. Nothing was saved.

    `publishing`: `new` makes a new version, `same` is published already, `reading`: published already, but headquarters
    would read its answers otherwise; `taken`: this version is published with other contents, `missing`: files
    have to be attached first, `problems` must be corrected first.
    """

    publishing: Publishing
    problems: list[CellProblemOut]
    missing: list[CellProblemOut] = Field(description="files to attach first; stand-ins are in `definition`")
    warnings: list[CellProblemOut]
    definition: dict[str, Any] | None = Field(description="the compiled checklist for a preview; null with problems")
    files: list[FormFileOut]
    comparison: ComparisonOut | None = Field(description="with the form's newest published version, if there is one")


class ChecklistVersionOut(BaseModel):
    """A published version."""

    id: UUID
    form: str
    version: str
    kind: str
    title: Texts
    short: Texts
    status: Literal["open", "closing", "retired"]
    is_offered: bool = Field(description="new reports begin with it: the newest open version of its form")
    is_readable: bool = Field(description="false: this program cannot read it; it is set aside, its reports stay")
    hash: str
    source_name: str
    published_at: datetime
    published_by: str = Field(description="function of the person, `command line`, or empty when nobody noted it")
    published_by_functions: dict[str, str] = Field(default_factory=dict, description="`published_by` by language")
    retired_at: datetime | None
    files: list[FormFileOut]


class CountedVersionOut(ChecklistVersionOut):
    """A published version with the reports made with it."""

    reports: int


class ChecklistsOut(BaseModel):
    """Every version of the mission, by form, newest first."""

    checklists: list[CountedVersionOut]
    small_cell: int | None = Field(
        default=None, description="numbers of reports move when so many have changed in a region; null: exact"
    )


class PublishedOut(BaseModel):
    """What publishing came to; `is_new` is false when the same contents were published before.

    `is_read_anew`: how headquarters reads the answers has changed, for reports already received too.
    """

    is_new: bool
    is_read_anew: bool
    checklist: ChecklistVersionOut
    warnings: list[CellProblemOut]


class StatusIn(BaseModel):
    """Another status for a version; a step back needs a reason."""

    status: Literal["open", "closing", "retired"]
    reason: str = Field(default="", max_length=500)

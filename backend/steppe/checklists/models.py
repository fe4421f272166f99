"""The tables of published checklist versions and of the files that came with them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from steppe.checklists.question_reading import SPEECHES
from steppe.kit.clock import now
from steppe.kit.columns import UtcDateTime, json_column, words
from steppe.kit.ids import uuid7


class ChecklistVersion(SQLModel, table=True):
    """One immutable version of a checklist, accepted for ever. `hash` is the hex SHA-256 of `definition`."""

    __tablename__ = "checklist_version"
    __table_args__ = (
        UniqueConstraint("mission_id", "form", "version"),
        words("status", "open", "closing", "retired"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    form: str
    version: str
    kind: str
    title: dict[str, str] = Field(sa_type=json_column())
    short: dict[str, str] = Field(sa_type=json_column())
    status: str = "open"
    hash: str
    definition: bytes = Field(sa_type=LargeBinary)
    source_name: str
    source: bytes = Field(sa_type=LargeBinary, description="the XLSForm as it was published")
    published_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    published_by: str = Field(
        default="",
        sa_column_kwargs={"server_default": ""},
        description="`person:<id>` or `command line`; empty when nobody noted it",
    )
    retired_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="while retired: reports received from then on are late"
    )


class ChecklistFile(SQLModel, table=True):
    """A file that came with a version's spreadsheet; its bytes are among the blobs under their SHA-256.

    `media` goes to phones; `table` is compiled into the definition and `include` into the spreadsheet: both are kept
    so that the form can be handed back whole.
    """

    __tablename__ = "checklist_file"
    __table_args__ = (words("role", "media", "table", "include"),)

    checklist_version_id: UUID = Field(primary_key=True, foreign_key="checklist_version.id")
    name: str = Field(primary_key=True)
    role: str
    sha256: str = Field(index=True, description="hex, of the bytes")
    type: str = Field(description="media type")
    size: int = Field(description="in bytes")


class FormQuestionReading(SQLModel, table=True):
    """How headquarters reads a question of a form, over all its versions; see `question_reading`.

    Outside the versions and their hashes: publishing the sheet again changes it, for reports already received too.
    A question that the newest sheet no longer asks keeps its row: older reports answered it.
    """

    __tablename__ = "form_question_reading"
    __table_args__ = (words("speech", *SPEECHES),)

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    form: str = Field(primary_key=True)
    question: str = Field(primary_key=True)
    is_counted: bool = Field(description="false: counts and flags of it are for co-ordinator and head only")
    is_summed: bool
    is_quoted: bool
    theme_from: str | None = Field(default=None, description="id of the question whose answer is the theme")
    speech: str | None = None
    short_title: dict[str, str] | None = Field(default=None, sa_type=json_column())

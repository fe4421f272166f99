"""The table of published checklist versions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

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

"""The table of uploads."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from steppe.kit.clock import now
from steppe.kit.columns import UtcDateTime


class Attachment(SQLModel, table=True):
    """Encrypted bytes addressed by their SHA-256 (hex), whole when `completed_at` is set."""

    __tablename__ = "attachment"

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    sha256: str = Field(primary_key=True)
    size: int
    offset: int = Field(default=0, description="bytes received and kept so far")
    begun_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

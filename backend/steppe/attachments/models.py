"""The tables of uploads and of their pieces."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint
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
    seq: int | None = Field(
        default=None,
        sa_type=BigInteger,
        description="the mission's number of its completion; null before it, and of what an earlier version completed",
    )


class AttachmentChunk(SQLModel, table=True):
    """A piece of an upload that counts: its bytes are among the blobs under its offset and its own SHA-256 (hex)."""

    __tablename__ = "attachment_chunk"
    __table_args__ = (ForeignKeyConstraint(["mission_id", "sha256"], ["attachment.mission_id", "attachment.sha256"]),)

    mission_id: UUID = Field(primary_key=True)
    sha256: str = Field(primary_key=True, description="of the whole attachment")
    offset: int = Field(primary_key=True)
    size: int
    digest: str = Field(description="SHA-256 of the piece")

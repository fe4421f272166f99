"""Tables about backups: to whom they are sealed, and which were made."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from steppe.kit.clock import now
from steppe.kit.columns import UtcDateTime, json_column
from steppe.kit.ids import uuid7


class RecoveryKey(SQLModel, table=True):
    """The public half of the key that backups are sealed to; the private half is words on paper. The newest counts."""

    __tablename__ = "recovery_key"

    public: str = Field(primary_key=True, description="an age recipient, `age1…`")
    made_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Backup(SQLModel, table=True):
    """A backup that was made, read back from where it lay, and found good."""

    __tablename__ = "backup"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    made_at: datetime = Field(sa_type=UtcDateTime, description="the moment it shows")
    name: str = Field(description="of the file, without its folder")
    sha256: str = Field(unique=True, description="hex, of the sealed file")
    size: int = Field(sa_type=BigInteger, description="bytes of the sealed file")
    heads: dict[str, Any] = Field(
        sa_type=json_column(),
        description="by mission: its epoch, and `safe_to`, the number up to which everything is in it, files too",
    )
    away_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="since when it lies off this machine; null: nobody said so"
    )


class Checkpoint(SQLModel, table=True):
    """What the mission signed of its past: heads of its tree of receipts and of the audit trail's, at a moment."""

    __tablename__ = "checkpoint"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id", index=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    receipts: int = Field(sa_type=BigInteger, description="how many receipts it covers")
    kid: str = Field(description="the receipt key that signed it")
    jws: str

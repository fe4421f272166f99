"""The audit trail's table."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from steppe.kit.clock import now
from steppe.kit.columns import UtcDateTime, json_column
from steppe.kit.ids import uuid7


class AuditEntry(SQLModel, table=True):
    """One act of a person, a device or the command line. `detail` never holds answers or names of sources."""

    __tablename__ = "audit_entry"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    mission_id: UUID | None = Field(default=None, index=True)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    actor: str = Field(description="`person:<id>`, `device:<id>` or `command line`")
    action: str = Field(description="`<domain>.<verb>`, e.g. `checklist.publish`")
    object_id: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=json_column())

"""The audit trail's table."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger
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
    tree_size: int | None = Field(
        default=None,
        sa_type=BigInteger,
        description="size of the trail's tree with this entry as its last; null: not entered yet (`audit.trail_tree`)",
    )
    tree_root: str | None = Field(default=None, description="root of that tree, hex")


class AuditTree(SQLModel, table=True):
    """The tree of the audit trail as far as it goes: one row for the whole server, once something was entered."""

    __tablename__ = "audit_tree"

    id: int = Field(default=1, primary_key=True)
    size: int = Field(default=0, sa_type=BigInteger, description="entries in it")
    peaks: str = Field(default="", description="roots of its whole subtrees, the largest first, in hex")

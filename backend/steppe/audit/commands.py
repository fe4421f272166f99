"""Appending to the audit trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from steppe.audit.models import AuditEntry
from steppe.kit.db import WriteSession

COMMAND_LINE = "command line"


def record(
    session: WriteSession,
    *,
    mission_id: UUID | None,
    actor: str,
    action: str,
    object_id: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Append one entry in the caller's transaction, so that an act and its trace stand or fall together."""
    session.add(
        AuditEntry(mission_id=mission_id, actor=actor, action=action, object_id=object_id, detail=detail or {}),
    )

"""Writes about backups: to whom they are sealed, which there are, and which lie off this machine."""

from __future__ import annotations

from steppe.audit import commands as audit
from steppe.backup.models import RecoveryKey
from steppe.backup.problems import KeyMade
from steppe.backup.queries import recovery_key
from steppe.kit.db import WriteSession


async def keep_recovery_key(session: WriteSession, public: str, *, is_replaced: bool, actor: str) -> None:
    """Seal backups to this age recipient from now on. Raises KeyMade when there is one, unless it `is_replaced`."""
    if not is_replaced and await recovery_key(session) is not None:
        raise KeyMade
    session.add(RecoveryKey(public=public))
    audit.record(session, mission_id=None, actor=actor, action="backup.key", object_id=public)

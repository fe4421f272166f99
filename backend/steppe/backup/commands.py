"""Writes about backups: to whom they are sealed, which there are, and which lie off this machine."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from steppe.audit import commands as audit
from steppe.backup.making import FinishedBackup
from steppe.backup.models import Backup, RecoveryKey
from steppe.backup.problems import KeyMade
from steppe.backup.queries import recovery_key
from steppe.kit.clock import now
from steppe.kit.db import WriteSession
from steppe.missions.safety import UnsafeNumber, raise_safe_seq


async def keep_recovery_key(session: WriteSession, public: str, *, is_replaced: bool, actor: str) -> None:
    """Seal backups to this age recipient from now on. Raises KeyMade when there is one, unless it `is_replaced`."""
    if not is_replaced and await recovery_key(session) is not None:
        raise KeyMade
    session.add(RecoveryKey(public=public))
    audit.record(session, mission_id=None, actor=actor, action="backup.key", object_id=public)


async def note_backup(session: WriteSession, made: FinishedBackup, *, is_away: bool, actor: str) -> Backup:
    """Note a backup that stood its check; what it holds is safe from now on when it lies off this machine."""
    held = Backup(
        made_at=made.manifest.made_at,
        name=made.path.name,
        sha256=made.sha256,
        size=made.size,
        heads={str(head.id): {"epoch": head.epoch, "safe_to": head.safe_to} for head in made.manifest.missions},
    )
    session.add(held)
    audit.record(session, mission_id=None, actor=actor, action="backup.make", object_id=made.sha256)
    if is_away:
        await note_away(session, held, actor=actor)
    return held


async def note_away(session: WriteSession, backup: Backup, *, actor: str) -> None:
    """Believe that a backup lies off this machine now: phones may let go of what is in it (docs/protocol.md §4).

    Of a mission that was restored since, nothing rises: its numbers are others.
    """
    backup.away_at = backup.away_at or now()
    session.add(backup)
    # Locks in key order, like everybody's.
    for mission, head in sorted(backup.heads.items()):
        with suppress(UnsafeNumber):
            await raise_safe_seq(session, UUID(mission), head["safe_to"], epoch=head["epoch"])
    audit.record(session, mission_id=None, actor=actor, action="backup.away", object_id=backup.sha256)

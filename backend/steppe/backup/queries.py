"""Reads about backups."""

from __future__ import annotations

from sqlmodel import col, select

from steppe.backup.models import RecoveryKey
from steppe.kit.db import ReadSession, WriteSession


async def recovery_key(session: ReadSession | WriteSession) -> str | None:
    """Return the age recipient that backups are sealed to; None before `steppe backup key`."""
    query = select(RecoveryKey.public).order_by(col(RecoveryKey.made_at).desc()).limit(1)
    return (await session.exec(query)).first()

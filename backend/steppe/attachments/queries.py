"""Reads of attachments."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, select

from steppe.attachments.models import Attachment
from steppe.kit.db import ReadSession, WriteSession


async def whole_attachments(session: ReadSession | WriteSession, mission_id: UUID, hashes: Collection[str]) -> set[str]:
    """Return which of these SHA-256 the mission holds whole and verified."""
    query = select(Attachment.sha256).where(
        Attachment.mission_id == mission_id,
        col(Attachment.sha256).in_(hashes),
        col(Attachment.completed_at).is_not(None),
    )
    return set((await session.exec(query)).all())

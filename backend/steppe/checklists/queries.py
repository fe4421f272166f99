"""Reads about checklists."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from steppe.checklists.models import ChecklistVersion
from steppe.kit.db import ReadSession
from steppe.kit.problems import NotFound


async def checklist_version(session: ReadSession, mission_id: UUID, version_id: UUID) -> ChecklistVersion:
    """Return one published version of the mission. Raises NotFound."""
    found = await session.get(ChecklistVersion, version_id)
    if found is None or found.mission_id != mission_id:
        raise NotFound
    return found


async def checklist_versions(session: ReadSession, mission_id: UUID) -> list[ChecklistVersion]:
    """Return every published version of the mission, by form and newest first."""
    query = (
        select(ChecklistVersion)
        .where(ChecklistVersion.mission_id == mission_id)
        .order_by(ChecklistVersion.form, col(ChecklistVersion.published_at).desc())
    )
    return list((await session.exec(query)).all())

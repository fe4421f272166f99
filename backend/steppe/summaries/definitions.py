"""Published definitions by version, parsed once per process: they never change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from steppe.checklists.definition import Definition
from steppe.checklists.models import ChecklistVersion
from steppe.kit.db import ReadSession

_KEPT = 256
_parsed: dict[tuple[UUID, str], Definition] = {}


@dataclass(frozen=True, slots=True)
class Published:
    """A checklist version and its parsed definition."""

    id: UUID
    form: str
    kind: str
    definition: Definition


async def published(session: ReadSession, mission_id: UUID, ids: Iterable[UUID] | None = None) -> dict[UUID, Published]:
    """Return the mission's versions by id, those named or all, newest first; reads only definitions new here."""
    query = (
        select(ChecklistVersion.id, ChecklistVersion.form, ChecklistVersion.kind, ChecklistVersion.hash)
        .where(ChecklistVersion.mission_id == mission_id)
        .order_by(col(ChecklistVersion.published_at).desc(), col(ChecklistVersion.version).desc())
    )
    if ids is not None:
        query = query.where(col(ChecklistVersion.id).in_(list(ids)))
    rows = (await session.exec(query)).all()
    await _parse(session, [(version_id, hashed) for version_id, _, _, hashed in rows])
    return {
        version_id: Published(version_id, form, kind, _parsed[version_id, hashed])
        for version_id, form, kind, hashed in rows
    }


async def _parse(session: ReadSession, keys: list[tuple[UUID, str]]) -> None:
    missing = {version_id: hashed for version_id, hashed in keys if (version_id, hashed) not in _parsed}
    if not missing:
        return
    if len(_parsed) + len(missing) > _KEPT:
        for key in [key for key in _parsed if key not in keys]:
            del _parsed[key]
    query = select(ChecklistVersion.id, ChecklistVersion.definition).where(col(ChecklistVersion.id).in_(missing))
    for version_id, content in (await session.exec(query)).all():
        _parsed[version_id, missing[version_id]] = Definition.model_validate_json(content)

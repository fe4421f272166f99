"""Writes about checklists: publishing."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from sqlmodel import select

from steppe.audit import commands as audit
from steppe.checklists.compiler import compile_checklist
from steppe.checklists.definition import definition_bytes, definition_hash
from steppe.checklists.models import ChecklistVersion
from steppe.kit.db import WriteSession
from steppe.kit.problems import Problem
from steppe.missions.feed import Changed, announce


class VersionTaken(Problem):
    """This version of the form is published with other contents."""

    slug = "version-taken"
    status = HTTPStatus.CONFLICT
    title = "A published version never changes"
    next = "Give the form a new version in its settings sheet and publish again."


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing came to: the version's row and whether it is new."""

    version: ChecklistVersion
    is_new: bool


async def publish(session: WriteSession, *, mission_id: UUID, path: Path, actor: str) -> Published:
    """Compile an XLSForm (`.xlsx`, `.md`) and keep it as an immutable version that phones fetch at their next contact.

    Publishing the same contents again changes nothing. Raises ChecklistProblems with every problem by sheet, row and column;
    VersionTaken when the form's version is published with other contents.
    """
    definition = compile_checklist(path)
    content, digest = definition_bytes(definition), definition_hash(definition)
    query = select(ChecklistVersion).where(
        ChecklistVersion.mission_id == mission_id,
        ChecklistVersion.form == definition.id,
        ChecklistVersion.version == definition.version,
    )
    kept = (await session.exec(query)).first()
    if kept is not None:
        if kept.hash != digest:
            msg = f"version {definition.version} of {definition.id} is published already, with other contents"
            raise VersionTaken(msg)
        return Published(kept, is_new=False)
    version = ChecklistVersion(
        mission_id=mission_id,
        form=definition.id,
        version=definition.version,
        kind=definition.kind,
        title=definition.title,
        short=definition.short,
        hash=digest,
        definition=content,
        source_name=path.name,
        source=path.read_bytes(),
    )
    session.add(version)
    await announce(session, mission_id, Changed("checklist", str(version.id)))
    audit.record(
        session,
        mission_id=mission_id,
        actor=actor,
        action="checklist.publish",
        object_id=str(version.id),
        detail={"form": version.form, "version": version.version, "hash": digest},
    )
    return Published(version, is_new=True)

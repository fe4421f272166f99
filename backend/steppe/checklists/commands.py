"""Writes about checklists: publishing."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from sqlmodel import select

from steppe.audit import commands as audit
from steppe.checklists.compiler import compile_checklist
from steppe.checklists.definition import Definition, definition_bytes, definition_hash
from steppe.checklists.models import ChecklistVersion
from steppe.checklists.problems import CellProblem, ChecklistProblems
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

    Publishing the same contents again changes nothing. Raises ChecklistProblems with every problem by sheet, row and
    column; VersionTaken when the form's version is published with other contents.
    """
    return await _keep(session, mission_id, path, compile_checklist(path), actor)


async def publish_all(session: WriteSession, *, mission_id: UUID, paths: Sequence[Path], actor: str) -> list[Published]:
    """Compile several XLSForms, then publish them: all or, when one has a problem, none.

    Raises ChecklistProblems with the problems of all files, each file named; VersionTaken.
    """
    definitions: list[Definition] = []
    problems: list[CellProblem] = []
    for path in paths:
        try:
            definitions.append(compile_checklist(path))
        except ChecklistProblems as found:
            problems += [replace(problem, sheet=f"{problem.sheet} in {path.name}") for problem in found.problems]
    if problems:
        raise ChecklistProblems(problems)
    pairs = zip(paths, definitions, strict=True)
    return [await _keep(session, mission_id, path, definition, actor) for path, definition in pairs]


async def _keep(session: WriteSession, mission_id: UUID, path: Path, definition: Definition, actor: str) -> Published:
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
        source=await to_thread(path.read_bytes),
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

"""Writes about checklists: publishing, opening and closing versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from sqlmodel import select

from steppe.audit import commands as audit
from steppe.checklists.definition import definition_bytes, definition_hash
from steppe.checklists.lifecycle import Status, check_step
from steppe.checklists.models import ChecklistFile, ChecklistVersion
from steppe.checklists.xlsform.form_files import Form, blob_name
from steppe.kit.blobs import Blobs
from steppe.kit.clock import now
from steppe.kit.db import WriteSession
from steppe.kit.problems import NotFound, Problem
from steppe.missions.feed import Changed, announce, take_numbers


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


async def keep_files(blobs: Blobs, mission_id: UUID, *forms: Form) -> None:
    """Keep the files of forms about to be published, before any session is open. Raises BlobsAway.

    A version whose files are not there yet must never be seen. They are named by their content: again is free.
    """
    for form in forms:
        for file in form.files:
            await blobs.put(blob_name(mission_id, file.sha256), file.content)


async def publish(session: WriteSession, *, mission_id: UUID, form: Form, actor: str) -> Published:
    """Keep a compiled form as an immutable version that phones fetch at their next contact; `keep_files` went before.

    Publishing the same contents again changes nothing. Raises VersionTaken when the form's version is published with
    other contents.
    """
    await take_numbers(session, mission_id, 0)
    definition = form.definition
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
        source_name=form.name,
        source=form.source,
        published_by=actor,
    )
    session.add(version)
    await session.flush()
    session.add_all(
        ChecklistFile(
            checklist_version_id=version.id,
            name=file.name,
            role=file.role,
            sha256=file.sha256,
            type=file.type,
            size=len(file.content),
        )
        for file in form.files
    )
    await announce(session, mission_id, Changed("checklist", str(version.id)))
    audit.record(
        session,
        mission_id=mission_id,
        actor=actor,
        action="checklist.publish",
        object_id=str(version.id),
        detail={"form": version.form, "version": version.version, "hash": digest, "files": len(form.files)},
    )
    return Published(version, is_new=True)


async def publish_all(session: WriteSession, *, mission_id: UUID, forms: Sequence[Form], actor: str) -> list[Published]:
    """Publish several compiled forms in one transaction; `keep_files` went before. Raises VersionTaken."""
    return [await publish(session, mission_id=mission_id, form=form, actor=actor) for form in forms]


async def set_status(
    session: WriteSession, *, mission_id: UUID, version_id: UUID, status: Status, reason: str, actor: str
) -> ChecklistVersion:
    """Open, close or retire a version; phones hear of it at their next contact. The status it has changes nothing.

    Raises NotFound; ReasonNeeded for a step back without a reason.
    """
    await take_numbers(session, mission_id, 0)
    version = await session.get(ChecklistVersion, version_id)
    if version is None or version.mission_id != mission_id:
        raise NotFound
    if version.status == status:
        return version
    check_step(version.status, status, reason)
    audit.record(
        session,
        mission_id=mission_id,
        actor=actor,
        action="checklist.status",
        object_id=str(version.id),
        detail={"from": version.status, "to": status, "reason": reason.strip()},
    )
    version.status = status
    version.retired_at = now() if status == "retired" else None
    session.add(version)
    await announce(session, mission_id, Changed("checklist", str(version.id)))
    return version

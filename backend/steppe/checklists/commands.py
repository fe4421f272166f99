"""Writes about checklists: publishing, opening and closing versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col, select

from steppe.audit import commands as audit
from steppe.checklists.definition import definition_bytes, definition_hash
from steppe.checklists.lifecycle import Status, check_step
from steppe.checklists.models import ChecklistFile, ChecklistVersion, FormQuestionReading
from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.question_reading import UNREAD, QuestionReading
from steppe.checklists.xlsform.form_files import Form, blob_name
from steppe.kit.blobs import Blobs
from steppe.kit.clock import now
from steppe.kit.db import WriteSession
from steppe.kit.problems import NotFound, Problem
from steppe.missions.feed import Changed, announce, take_numbers
from steppe.missions.models import LIMITED_TYPES, Mission


class VersionTaken(Problem):
    """This version of the form is published with other contents."""

    slug = "version-taken"
    status = HTTPStatus.CONFLICT
    title = "A published version never changes"
    next = "Give the form a new version in its settings sheet and publish again."


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing came to: the version's row, whether it is new, and whether its reading is another than before.

    `is_read_anew` without `is_new`: phones notice nothing, headquarters reads the same answers otherwise.
    """

    version: ChecklistVersion
    is_new: bool
    is_read_anew: bool


async def keep_files(blobs: Blobs, mission_id: UUID, *forms: Form) -> None:
    """Keep the files of forms about to be published, before any session is open. Raises BlobsAway.

    A version whose files are not there yet must never be seen. They are named by their content: again is free.
    """
    for form in forms:
        for file in form.files:
            await blobs.put(blob_name(mission_id, file.sha256), file.content)


def _refuse_missing(form: Form) -> None:
    if form.missing:
        raise ChecklistProblems(form.missing)


async def publish(session: WriteSession, *, mission_id: UUID, form: Form, actor: str) -> Publication:
    """Keep a compiled form as an immutable version that phones fetch at their next contact; `keep_files` went before.

    Publishing the same contents again changes nothing but how headquarters reads the answers, when the sheet says
    otherwise than before. Raises VersionTaken when the form's version is published with other contents;
    ChecklistProblems when files of it are not attached, or a limited mission would make totals of figures from visits.
    """
    _refuse_missing(form)
    mission = await session.get_one(Mission, mission_id)
    if form.totals and mission.type in LIMITED_TYPES:
        raise ChecklistProblems(form.totals)
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
        is_read_anew = await _keep_reading(session, mission_id, form)
        if is_read_anew:
            # The sheet too: handed back and published again, the older one would undo what this one says.
            kept.source_name, kept.source = form.name, form.source
            await session.execute(delete(ChecklistFile).where(col(ChecklistFile.checklist_version_id) == kept.id))
            session.add_all(_files(kept, form))
            audit.record(
                session,
                mission_id=mission_id,
                actor=actor,
                action="checklist.reading",
                object_id=str(kept.id),
                detail={"form": kept.form, "version": kept.version},
            )
        return Publication(kept, is_new=False, is_read_anew=is_read_anew)
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
    session.add_all(_files(version, form))
    is_read_anew = await _keep_reading(session, mission_id, form)
    await announce(session, mission_id, Changed("checklist", str(version.id)))
    audit.record(
        session,
        mission_id=mission_id,
        actor=actor,
        action="checklist.publish",
        object_id=str(version.id),
        detail={"form": version.form, "version": version.version, "hash": digest, "files": len(form.files)},
    )
    return Publication(version, is_new=True, is_read_anew=is_read_anew)


def _files(version: ChecklistVersion, form: Form) -> Iterator[ChecklistFile]:
    for file in form.files:
        yield ChecklistFile(
            checklist_version_id=version.id,
            name=file.name,
            role=file.role,
            sha256=file.sha256,
            type=file.type,
            size=len(file.content),
        )


async def _keep_reading(session: WriteSession, mission_id: UUID, form: Form) -> bool:
    """Keep how the sheet wants its questions read, and say whether that is another way than before.

    Questions the sheet does not ask any more keep theirs: what must not be counted for everybody stays so.
    """
    asked = {question.id for _, _, question in form.definition.questions()}
    query = select(FormQuestionReading).where(
        FormQuestionReading.mission_id == mission_id, FormQuestionReading.form == form.definition.id
    )
    held = {row.question: row for row in (await session.exec(query)).all()}
    is_other = False
    for question in sorted(asked):
        wanted = form.reading.get(question, UNREAD)
        row = held.get(question)
        before = row.model_dump(exclude={"mission_id", "form", "question"}) if row else {}
        if QuestionReading.model_validate(before) == wanted:
            continue
        is_other = True
        if row is None:
            row = FormQuestionReading(
                mission_id=mission_id, form=form.definition.id, question=question, **wanted.model_dump()
            )
        else:
            row.sqlmodel_update(wanted.model_dump())
        session.add(row)
    await session.flush()
    return is_other


async def publish_all(
    session: WriteSession, *, mission_id: UUID, forms: Sequence[Form], actor: str
) -> list[Publication]:
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

"""Reads about checklists: versions, who published them, which are offered, how two of them differ, their files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlmodel import col, select

from steppe.checklists.comparing import Comparison, compare
from steppe.checklists.definition import definition_hash
from steppe.checklists.lifecycle import offered
from steppe.checklists.models import ChecklistFile, ChecklistVersion, FormQuestionReading
from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.checklists.question_reading import UNREAD, FormReading, QuestionReading
from steppe.checklists.schemas import (
    CellProblemOut,
    ChangeOut,
    ChecklistVersionOut,
    CheckOut,
    ComparisonOut,
    FormFileOut,
    Publishing,
    VersionRefOut,
)
from steppe.checklists.stored import definition_of, read_definition
from steppe.checklists.xlsform.form_files import Form, blob_name
from steppe.checklists.xlsform.to_xlsform import KeptForm
from steppe.kit.blobs import Blobs
from steppe.kit.db import ReadSession, in_list
from steppe.kit.problems import NotFound, Problem
from steppe.missions.models import LIMITED_TYPES, Mission
from steppe.people.models import Person

PERSON = "person:"


class NoSuchVersion(Problem):
    """The mission has no such version."""

    slug = "no-such-version"
    title = "There is no such version"
    next = "Name a form and one of its versions, as in `visit@2021-01-05`."


async def checklist_version(session: ReadSession, mission_id: UUID, version_id: UUID) -> ChecklistVersion:
    """Return one published version of the mission. Raises NotFound."""
    found = await session.get(ChecklistVersion, version_id)
    if found is None or found.mission_id != mission_id:
        raise NotFound
    return found


async def definitions_of(
    session: ReadSession, mission_id: UUID, version_ids: Sequence[UUID]
) -> list[tuple[UUID, str, bytes]]:
    """Return id, hash and definition of published versions of the mission, in the order asked for. Raises NotFound."""
    version = ChecklistVersion
    query = select(version.id, version.hash, version.definition).where(
        version.mission_id == mission_id, col(version.id).in_(in_list(version_ids))
    )
    found = {row[0]: row for row in (await session.exec(query)).all()}
    if any(version_id not in found for version_id in version_ids):
        raise NotFound
    return [found[version_id] for version_id in version_ids]


async def checklist_versions(session: ReadSession, mission_id: UUID) -> list[ChecklistVersion]:
    """Return every published version of the mission, by form and newest first."""
    query = (
        select(ChecklistVersion)
        .where(ChecklistVersion.mission_id == mission_id)
        .order_by(ChecklistVersion.form, col(ChecklistVersion.published_at).desc())
    )
    return list((await session.exec(query)).all())


async def version_named(session: ReadSession, mission_id: UUID, form: str, version: str) -> ChecklistVersion:
    """Return a version by the words people use. Raises NoSuchVersion, which names those there are."""
    versions = [one for one in await checklist_versions(session, mission_id) if one.form == form]
    for one in versions:
        if one.version == version:
            return one
    held = ", ".join(one.version for one in versions)
    msg = f"{form} has the versions {held}" if held else f"there is no form {form}"
    raise NoSuchVersion(msg)


async def form_readings(session: ReadSession, mission_id: UUID) -> dict[str, FormReading]:
    """Return how headquarters reads the mission's forms: form → question → reading. What is not there is `UNREAD`."""
    query = select(FormQuestionReading).where(FormQuestionReading.mission_id == mission_id)
    readings: dict[str, dict[str, QuestionReading]] = defaultdict(dict)
    for row in (await session.exec(query)).all():
        readings[row.form][row.question] = QuestionReading.model_validate(
            row.model_dump(exclude={"mission_id", "form", "question"})
        )
    return dict(readings)


async def files_of(session: ReadSession, version_id: UUID) -> list[ChecklistFile]:
    """Return the files that came with a version, by name."""
    query = select(ChecklistFile).where(ChecklistFile.checklist_version_id == version_id).order_by(ChecklistFile.name)
    return list((await session.exec(query)).all())


async def kept_form(blobs: Blobs, version: ChecklistVersion, files: Sequence[ChecklistFile]) -> KeptForm:
    """Return a version's form as it was published, with every file that came with it; while no session is open.

    `files` are those of `files_of`. Raises BlobsAway, and NotFound when the store has lost one.
    """
    held = {file.name: (file.role, await file_bytes(blobs, version.mission_id, file.sha256)) for file in files}
    return KeptForm(
        form=version.form,
        version=version.version,
        source_name=version.source_name,
        source=version.source,
        includes={name: content for name, (role, content) in held.items() if role == "include"},
        files={name: content for name, (role, content) in held.items() if role != "include"},
    )


async def media_file(session: ReadSession, mission_id: UUID, sha256: str) -> ChecklistFile:
    """Return a picture, sound or film of one of the mission's versions. Raises NotFound."""
    query = (
        select(ChecklistFile)
        .join(ChecklistVersion, col(ChecklistVersion.id) == col(ChecklistFile.checklist_version_id))
        .where(ChecklistVersion.mission_id == mission_id, ChecklistFile.sha256 == sha256, ChecklistFile.role == "media")
        .limit(1)
    )
    found = (await session.exec(query)).first()
    if found is None:
        raise NotFound
    return found


async def file_bytes(blobs: Blobs, mission_id: UUID, sha256: str) -> bytes:
    """Return the bytes of a form's file. Raises NotFound when the store has lost them."""
    try:
        return await blobs.get(blob_name(mission_id, sha256))
    except FileNotFoundError as error:
        raise NotFound from error


async def versions_out(session: ReadSession, mission_id: UUID) -> list[ChecklistVersionOut]:
    """Return the mission's versions, by form and newest first."""
    versions = await checklist_versions(session, mission_id)
    now_offered = offered((one.id, one.form, one.status, one.published_at) for one in versions)
    files: dict[UUID, list[ChecklistFile]] = defaultdict(list)
    query = (
        select(ChecklistFile)
        .join(ChecklistVersion, col(ChecklistVersion.id) == col(ChecklistFile.checklist_version_id))
        .where(ChecklistVersion.mission_id == mission_id)
        .order_by(ChecklistFile.name)
    )
    for file in (await session.exec(query)).all():
        files[file.checklist_version_id].append(file)
    people = (await session.exec(select(Person).where(Person.mission_id == mission_id))).all()
    publishers = {f"{PERSON}{person.id}": person for person in people}
    return [
        ChecklistVersionOut(
            **one.model_dump(exclude={"mission_id", "definition", "source", "published_by"}),
            is_offered=one.id in now_offered,
            is_readable=read_definition(one.definition) is not None,
            published_by=by.function if (by := publishers.get(one.published_by)) else one.published_by,
            published_by_functions=by.functions if by else {},
            files=[FormFileOut(**file.model_dump()) for file in files[one.id]],
        )
        for one in versions
    ]


async def version_out(session: ReadSession, mission_id: UUID, version_id: UUID) -> ChecklistVersionOut:
    """Return one of the mission's versions, which is there."""
    return next(one for one in await versions_out(session, mission_id) if one.id == version_id)


async def comparison_of(session: ReadSession, mission_id: UUID, before: UUID, after: UUID) -> ComparisonOut:
    """Return how one version differs from another. Raises NotFound."""
    old = await checklist_version(session, mission_id, before)
    new = await checklist_version(session, mission_id, after)
    return _comparison_out(old, new, compare(definition_of(old), definition_of(new)))


def _comparison_out(old: ChecklistVersion, new: ChecklistVersion | None, found: Comparison) -> ComparisonOut:
    return ComparisonOut(
        before=_ref(old),
        after=_ref(new) if new else None,
        changes=[ChangeOut.model_validate(asdict(change)) for change in found.changes],
        comparable=list(found.comparable),
    )


def _ref(version: ChecklistVersion) -> VersionRefOut:
    return VersionRefOut(id=version.id, form=version.form, version=version.version)


def problems_out(problems: Iterable[CellProblem]) -> list[CellProblemOut]:
    """Return faults and warnings for the wire."""
    return [CellProblemOut.model_validate(asdict(problem)) for problem in problems]


async def checked(session: ReadSession, mission_id: UUID, form: Form | ChecklistProblems) -> CheckOut:
    """Return what publishing a form would come to."""
    if not isinstance(form, ChecklistProblems) and form.totals:
        mission = await session.get_one(Mission, mission_id)
        if mission.type in LIMITED_TYPES:
            form = ChecklistProblems(form.totals)
    if isinstance(form, ChecklistProblems):
        return CheckOut(
            publishing="problems",
            problems=problems_out(form.problems),
            missing=[],
            warnings=[],
            definition=None,
            files=[],
            comparison=None,
        )
    definition = form.definition
    versions = [one for one in await checklist_versions(session, mission_id) if one.form == definition.id]
    held = next((one for one in versions if one.version == definition.version), None)
    is_same = held is not None and held.hash == definition_hash(definition)
    newest = next(iter(versions), None)
    before = read_definition(newest.definition) if newest else None
    reading = (await form_readings(session, mission_id)).get(definition.id, {})
    is_read_alike = is_same and all(
        reading.get(question.id, UNREAD) == form.reading.get(question.id, UNREAD)
        for _, _, question in definition.questions()
    )
    publishing: Publishing = (
        "new" if held is None else "taken" if not is_same else "same" if is_read_alike else "reading"
    )
    return CheckOut(
        publishing="missing" if form.missing else publishing,
        problems=[],
        missing=problems_out(form.missing),
        warnings=problems_out(form.warnings),
        definition=definition.model_dump(mode="json", exclude_none=True),
        files=[
            FormFileOut(name=one.name, role=one.role, type=one.type, size=len(one.content), sha256=one.sha256)
            for one in form.files
        ],
        comparison=_comparison_out(newest, None, compare(before, definition)) if newest and before else None,
    )

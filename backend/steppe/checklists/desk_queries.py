"""What the desk reads about versions: who published them, which are offered, how two of them differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

from sqlmodel import col, select

from steppe.checklists.comparing import Comparison, compare
from steppe.checklists.definition import definition_hash
from steppe.checklists.form_files import Form
from steppe.checklists.lifecycle import offered
from steppe.checklists.models import ChecklistFile, ChecklistVersion
from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.checklists.queries import checklist_version, checklist_versions, definition_of
from steppe.checklists.schemas import (
    CellProblemOut,
    ChangeOut,
    ChecklistVersionOut,
    CheckOut,
    ComparisonOut,
    FormFileOut,
    VersionRefOut,
)
from steppe.kit.db import ReadSession
from steppe.people.models import Person

PERSON = "person:"


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
    people = dict((await session.exec(select(Person.id, Person.function).where(Person.mission_id == mission_id))).all())
    functions = {f"{PERSON}{key}": function for key, function in people.items()}
    return [
        ChecklistVersionOut(
            **one.model_dump(exclude={"mission_id", "definition", "source", "published_by"}),
            is_offered=one.id in now_offered,
            published_by=functions.get(one.published_by, one.published_by),
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
    if isinstance(form, ChecklistProblems):
        return CheckOut(
            publishing="problems",
            problems=problems_out(form.problems),
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
    return CheckOut(
        publishing="new" if held is None else "same" if is_same else "taken",
        problems=[],
        warnings=problems_out(form.warnings),
        definition=definition.model_dump(mode="json", exclude_none=True),
        files=[
            FormFileOut(name=one.name, role=one.role, type=one.type, size=len(one.content), sha256=one.sha256)
            for one in form.files
        ],
        comparison=_comparison_out(newest, None, compare(definition_of(newest), definition)) if newest else None,
    )

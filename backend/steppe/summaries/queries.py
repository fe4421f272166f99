"""What a region page reads: tallies for counts, scoped submissions for narratives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, func, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from steppe.checklists.models import ChecklistVersion
from steppe.checklists.queries import versions_out
from steppe.checklists.schemas import ChecklistsOut, CountedVersionOut
from steppe.kit.db import ReadSession
from steppe.kit.problems import NotFound
from steppe.missions.models import Mission, MissionCounter, Region
from steppe.people.access import DeskCaller
from steppe.people.models import Team
from steppe.people.policy import readable_levels
from steppe.submissions.models import Submission
from steppe.submissions.queries import definitions
from steppe.summaries.claims import READING_NOTE, frame_of
from steppe.summaries.counts import flags_of_severity
from steppe.summaries.filters import EVERYWHERE, NOWHERE, Filters, stored_region
from steppe.summaries.models import Tally
from steppe.summaries.narratives import narratives
from steppe.summaries.questions import flag_totals
from steppe.summaries.schemas import NarrativeOut, NarrativesOut, RegionOut, RegionsOut, SummaryOut
from steppe.summaries.sums import Published, VersionSum, days_out, forms
from steppe.summaries.tally import FLAGS

CRITICAL = 3
ALL_REGIONS = {"en": "All regions", "ru": "Все регионы", "kk": "Барлық өңірлер"}
NO_REGION = {"en": "Not placed in a region", "ru": "Без привязки к региону", "kk": "Өңірге байланбаған"}


def readable(caller: DeskCaller) -> SelectOfScalar[Submission]:
    """Select the submissions of the caller's mission whose answers their role may read: all reading begins here."""
    return select(Submission).where(
        Submission.mission_id == caller.mission_id, col(Submission.level).in_(readable_levels(caller.role))
    )


def narrowed(query: SelectOfScalar[Submission], filters: Filters) -> SelectOfScalar[Submission]:
    """Apply the desk's filters to a scoped statement."""
    if filters.region != EVERYWHERE:
        query = query.where(Submission.region_code == stored_region(filters.region))
    if filters.checklist:
        versions = select(ChecklistVersion.id).where(ChecklistVersion.form == filters.checklist)
        query = query.where(col(Submission.checklist_version_id).in_(versions))
    if filters.team:
        teams = select(Team.id).where(Team.code == filters.team, Team.mission_id == Submission.mission_id)
        query = query.where(col(Submission.team_id).in_(teams))
    if filters.text:
        query = query.where(
            col(Submission.code).icontains(filters.text, autoescape=True)
            | col(Submission.place).icontains(filters.text, autoescape=True)
        )
    if filters.severity:
        query = query.where(Submission.severity >= filters.severity)
    return query


async def published(session: ReadSession, mission_id: UUID) -> dict[UUID, Published]:
    """Return the mission's checklist versions by id, newest first."""
    query = (
        select(ChecklistVersion.id, ChecklistVersion.form, ChecklistVersion.kind, ChecklistVersion.retired_at)
        .where(ChecklistVersion.mission_id == mission_id)
        .order_by(col(ChecklistVersion.published_at).desc(), col(ChecklistVersion.version).desc())
    )
    rows = (await session.exec(query)).all()
    parsed = await definitions(session, mission_id, [version for version, *_ in rows])
    return {
        version: Published(version, form, kind, parsed[version], retired_at) for version, form, kind, retired_at in rows
    }


async def mission_number(session: ReadSession, mission_id: UUID) -> int:
    """Return the mission's last number: what is read after it in the same transaction is at least that new."""
    return (await session.exec(select(MissionCounter.n).where(MissionCounter.mission_id == mission_id))).first() or 0


async def mission_regions(session: ReadSession, mission_id: UUID) -> list[Region]:
    """Return the regions that existed in the mission's time, in the order of the map."""
    query = (
        select(Region)
        .join(Mission, col(Mission.id) == col(Region.mission_id))
        .where(Region.mission_id == mission_id, Region.valid_from <= Mission.closes_on)
        .where(col(Region.valid_to).is_(None) | (col(Region.valid_to) >= Mission.opens_on))
        .order_by(col(Region.tile_row), col(Region.tile_column), col(Region.code))
    )
    return list((await session.exec(query)).all())


async def region_name(session: ReadSession, mission_id: UUID, code: str) -> dict[str, str]:
    """Return the names of a region, of `all`, or of `none`. Raises NotFound for another code."""
    if code in {EVERYWHERE, NOWHERE}:
        return ALL_REGIONS if code == EVERYWHERE else NO_REGION
    region = await session.get(Region, (mission_id, code))
    if region is None:
        raise NotFound
    return region.name


@dataclass(slots=True)
class _Glance:
    """Counts of one region while the tallies are read."""

    reports: int = 0
    critical: int = 0
    kinds: dict[str, int] = field(default_factory=lambda: defaultdict(int))


async def regions(session: ReadSession, mission_id: UUID) -> RegionsOut:
    """Return the map: every region with its counts, and the reports by day. Reads tallies, no answers."""
    n = await mission_number(session, mission_id)
    kinds = {version.id: version.kind for version in (await published(session, mission_id)).values()}
    # Only the flags come out of the JSON: the counts beside them are most of its bytes and are not shown here.
    flags = type_coerce(col(Tally.counts)[FLAGS], JSON)
    query = select_columns(
        col(Tally.region_code), col(Tally.checklist_version_id), col(Tally.day), col(Tally.n), flags
    ).where(col(Tally.mission_id) == mission_id)
    glances: dict[str, _Glance] = defaultdict(_Glance)
    days: dict[date, int] = defaultdict(int)
    for code, version, day, reports, flagged in (await session.execute(query)).all():
        glance = glances[code]
        glance.reports += reports
        glance.critical += flags_of_severity(flagged or {}, CRITICAL)
        glance.kinds[kinds[version]] += reports
        days[day] += reports
    last = await _last_received(session, mission_id)
    return RegionsOut(
        n=n,
        reports=sum(glance.reports for glance in glances.values()),
        unplaced=glances[""].reports,
        critical=sum(glance.critical for glance in glances.values()),
        regions=[
            RegionOut(
                code=region.code,
                name=region.name,
                column=region.tile_column,
                row=region.tile_row,
                reports=glances[region.code].reports,
                kinds=glances[region.code].kinds,
                critical=glances[region.code].critical,
                last_received_at=last.get(region.code),
            )
            for region in await mission_regions(session, mission_id)
        ],
        days=days_out(days),
    )


async def _last_received(session: ReadSession, mission_id: UUID) -> dict[str, datetime]:
    # One step into ix_submission_mission_region_n per region, where GROUP BY would walk every submission.
    newest = (
        select(Submission.received_at)
        .where(Submission.mission_id == Region.mission_id, Submission.region_code == Region.code)
        .order_by(col(Submission.n).desc())
        .limit(1)
        .correlate(Region)
        .scalar_subquery()
    )
    query = select(Region.code, newest).where(Region.mission_id == mission_id)
    return {code: at for code, at in (await session.exec(query)).all() if at is not None}


async def region_summary(session: ReadSession, mission_id: UUID, code: str) -> SummaryOut:
    """Return the counts of one region (or `all`, or `none`), from its tallies. Raises NotFound for an unknown code."""
    name = await region_name(session, mission_id, code)
    n = await mission_number(session, mission_id)
    query = select_columns(
        col(Tally.checklist_version_id), col(Tally.day), col(Tally.status), col(Tally.n), col(Tally.counts)
    ).where(col(Tally.mission_id) == mission_id)
    if code != EVERYWHERE:
        query = query.where(col(Tally.region_code) == stored_region(code))
    sums: dict[UUID, VersionSum] = defaultdict(VersionSum)
    statuses: dict[str, int] = defaultdict(int)
    for version, day, status, reports, counts in (await session.execute(query)).all():
        sums[version].take(day, reports, counts)
        statuses[status] += reports
    versions = await published(session, mission_id)
    mission = await session.get_one(Mission, mission_id)
    return SummaryOut(
        n=n,
        region=code,
        name=name,
        frame=frame_of(mission.type),
        note=READING_NOTE,
        reports=sum(one.reports for one in sums.values()),
        statuses=statuses,
        flags=flag_totals(one.counts for one in sums.values()),
        forms=forms([version for version in versions.values() if version.id in sums], sums),
    )


async def counted_versions(session: ReadSession, mission_id: UUID) -> ChecklistsOut:
    """Return the mission's checklist versions with the number of their reports, from tallies alone."""
    query = (
        select_columns(col(Tally.checklist_version_id), func.sum(col(Tally.n)))
        .where(col(Tally.mission_id) == mission_id)
        .group_by(col(Tally.checklist_version_id))
    )
    reports = {version: int(n) for version, n in (await session.execute(query)).all()}
    versions = await versions_out(session, mission_id)
    return ChecklistsOut(
        checklists=[CountedVersionOut(**dict(one), reports=reports.get(one.id, 0)) for one in versions]
    )


async def region_narratives(
    session: ReadSession, caller: DeskCaller, filters: Filters, *, theme: str, before: int | None, limit: int
) -> NarrativesOut:
    """Return the narratives of up to `limit` readable reports, newest first, of one theme when it is given."""
    query = narrowed(readable(caller), filters).order_by(col(Submission.n).desc()).limit(limit)
    if before is not None:
        query = query.where(Submission.n < before)
    found = (await session.exec(query)).all()
    versions = await published(session, caller.mission_id)
    return NarrativesOut(
        narratives=[
            one
            for submission in found
            for one in _narratives_of(submission, versions[submission.checklist_version_id], theme)
        ],
        before=found[-1].n if len(found) == limit else None,
    )


def _narratives_of(submission: Submission, version: Published, theme: str) -> Iterable[NarrativeOut]:
    for question, text in narratives(version.definition, submission.answers):
        if not theme or question.theme == theme:
            yield NarrativeOut(
                submission=submission.id,
                code=submission.code,
                n=submission.n,
                form=version.form,
                region=submission.region_code,
                observed_on=submission.observed_on,
                question=question.id,
                label=question.label,
                theme=question.theme or "",
                text=text,
            )

"""What a region page reads: tallies for counts, scoped submissions for narratives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from steppe.kit.db import ReadSession
from steppe.kit.problems import NotFound
from steppe.missions.models import Mission, MissionCounter, Region
from steppe.people.access import DeskCaller
from steppe.submissions.models import Submission
from steppe.summaries.claims import READING_NOTE, frame_of
from steppe.summaries.counts import FLAGS, add, flags_of_severity
from steppe.summaries.definitions import Published, published
from steppe.summaries.models import Tally
from steppe.summaries.narratives import narratives
from steppe.summaries.questions import CountedVersion, flag_totals, question_summaries
from steppe.summaries.schemas import (
    DayOut,
    FormSummaryOut,
    NarrativeOut,
    NarrativesOut,
    RegionOut,
    RegionsOut,
    SummaryOut,
    VersionOut,
)
from steppe.summaries.scope import EVERYWHERE, NOWHERE, Filters, narrowed, readable, stored_region

CRITICAL = 3
ALL_REGIONS = {"en": "All regions", "ru": "Все регионы", "kk": "Барлық өңірлер"}
NO_REGION = {"en": "Not placed in a region", "ru": "Без привязки к региону", "kk": "Өңірге байланбаған"}


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
        days=_days(days),
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
    sums: dict[UUID, _VersionSum] = defaultdict(_VersionSum)
    statuses: dict[str, int] = defaultdict(int)
    for version, day, status, reports, counts in (await session.execute(query)).all():
        sums[version].take(day, reports, counts)
        statuses[status] += reports
    versions = await published(session, mission_id, sums)
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
        forms=_forms(versions, sums),
    )


@dataclass(slots=True)
class _VersionSum:
    """What the tallies of one checklist version add up to."""

    reports: int = 0
    days: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    counts: dict[str, Any] = field(default_factory=dict)

    def take(self, day: date, reports: int, counts: Mapping[str, Any]) -> None:
        self.reports += reports
        self.days[day] += reports
        add(self.counts, counts)


def _forms(versions: Mapping[UUID, Published], sums: Mapping[UUID, _VersionSum]) -> list[FormSummaryOut]:
    by_form: dict[str, list[Published]] = defaultdict(list)
    for version in versions.values():
        by_form[version.form].append(version)
    return [_form(form, newest_first, sums) for form, newest_first in sorted(by_form.items())]


def _form(form: str, newest_first: list[Published], sums: Mapping[UUID, _VersionSum]) -> FormSummaryOut:
    days: dict[date, int] = defaultdict(int)
    for version in newest_first:
        add(days, sums[version.id].days)  # type: ignore[arg-type] # a mapping of numbers whatever its keys
    return FormSummaryOut(
        form=form,
        kind=newest_first[0].kind,
        title=newest_first[0].definition.title,
        reports=sum(sums[version.id].reports for version in newest_first),
        versions=[
            VersionOut(id=version.id, version=version.definition.version, reports=sums[version.id].reports)
            for version in newest_first
        ],
        days=_days(days),
        questions=question_summaries(
            [CountedVersion(version.definition, sums[version.id].counts) for version in newest_first]
        ),
    )


def _days(days: Mapping[date, int]) -> list[DayOut]:
    return [DayOut(day=day, reports=days[day]) for day in sorted(days) if days[day]]


async def region_narratives(
    session: ReadSession, caller: DeskCaller, filters: Filters, *, theme: str, before: int | None, limit: int
) -> NarrativesOut:
    """Return the narratives of up to `limit` readable reports, newest first, of one theme when it is given."""
    query = narrowed(readable(caller), filters).order_by(col(Submission.n).desc()).limit(limit)
    if before is not None:
        query = query.where(Submission.n < before)
    found = (await session.exec(query)).all()
    versions = await published(session, caller.mission_id, {submission.checklist_version_id for submission in found})
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

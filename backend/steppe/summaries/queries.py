"""What a region page reads: tallies for counts, scoped submissions for narratives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from steppe.checklists.definition import Definition
from steppe.checklists.models import ChecklistVersion
from steppe.checklists.queries import form_readings, versions_out
from steppe.checklists.schemas import ChecklistsOut, CountedVersionOut
from steppe.checklists.stored import blank_definition
from steppe.decisions.warnings import CRITICAL
from steppe.kit.db import ReadSession
from steppe.kit.problems import NotFound
from steppe.missions.models import Mission, Region
from steppe.missions.texts import texts_of
from steppe.people.policy import Scope
from steppe.submissions.filters import EVERYWHERE, NOWHERE, stored_region
from steppe.submissions.queries import definitions
from steppe.submissions.scope import (
    flags_by_region,
    last_number,
    last_received,
    reports_by_version,
    scoped_snapshots,
    tallies_of,
)
from steppe.summaries.claims import guests_of
from steppe.summaries.counts import flags_of_severity, readable_counts, readable_flags
from steppe.summaries.questions import flag_totals, flags_by_basis
from steppe.summaries.schemas import RegionOut, RegionsOut, SummaryOut
from steppe.summaries.snapshot import small_cell_of, weeks_told
from steppe.summaries.sums import FormVersion, VersionSum, days_out, forms, origins_of
from steppe.summaries.tally import FLAGS


async def published(session: ReadSession, scope: Scope) -> dict[UUID, FormVersion]:
    """Return the mission's checklist versions by id, newest first.

    One whose definition cannot be read asks nothing here: its reports are listed and counted, their answers not shown.
    """
    query = (
        select(ChecklistVersion.id, ChecklistVersion.form, ChecklistVersion.kind, ChecklistVersion.retired_at)
        .where(ChecklistVersion.mission_id == scope.mission)
        .order_by(col(ChecklistVersion.published_at).desc(), col(ChecklistVersion.version).desc())
    )
    rows = (await session.exec(query)).all()
    parsed = await definitions(session, scope.mission, [version for version, *_ in rows])
    readings = await form_readings(session, scope.mission)
    blank = await _blank_definitions(session, scope, [version for version, *_ in rows if version not in parsed])
    return {
        version: FormVersion(
            version,
            form,
            kind,
            parsed.get(version) or blank[version],
            retired_at,
            readings.get(form, {}),
            is_readable=version in parsed,
        )
        for version, form, kind, retired_at in rows
    }


async def _blank_definitions(session: ReadSession, scope: Scope, versions: Sequence[UUID]) -> dict[UUID, Definition]:
    """Return what stands for the definitions of versions that cannot be read; asks nothing when all can."""
    if not versions:
        return {}
    query = select(ChecklistVersion).where(
        ChecklistVersion.mission_id == scope.mission, col(ChecklistVersion.id).in_(versions)
    )
    return {version.id: blank_definition(version) for version in (await session.exec(query)).all()}


async def mission_regions(session: ReadSession, scope: Scope) -> list[Region]:
    """Return the regions of the scope that existed in the mission's time, in the order of the map."""
    query = (
        select(Region)
        .join(Mission, col(Mission.id) == col(Region.mission_id))
        .where(Region.mission_id == scope.mission, Region.valid_from <= Mission.closes_on)
        .where(col(Region.valid_to).is_(None) | (col(Region.valid_to) >= Mission.opens_on))
        .order_by(col(Region.tile_row), col(Region.tile_column), col(Region.code))
    )
    return [region for region in (await session.exec(query)).all() if scope.has_region(region.code)]


async def region_name(session: ReadSession, scope: Scope, code: str) -> dict[str, str]:
    """Return the names of a region, of `all`, or of `none`. Raises NotFound for another code or one out of scope."""
    if code == EVERYWHERE:
        return await _own_text(session, scope, "all_regions")
    if not scope.has_region(stored_region(code)):
        raise NotFound
    if code == NOWHERE:
        return await _own_text(session, scope, "no_region")
    region = await session.get(Region, (scope.mission, code))
    if region is None:
        raise NotFound
    return region.name


async def _own_text(session: ReadSession, scope: Scope, key: str) -> dict[str, str]:
    return texts_of(key, (await session.get_one(Mission, scope.mission)).texts)


@dataclass(slots=True)
class _Glance:
    """Counts of one region while they are read."""

    reports: int = 0
    critical: int = 0
    kinds: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    received_on: date | None = None

    def take(self, kind: str, reports: int, flags: Mapping[str, Any], received_on: date | None = None) -> None:
        """Add one tally or snapshot."""
        self.reports += reports
        self.kinds[kind] += reports
        self.critical += flags_of_severity(flags, CRITICAL)
        self.received_on = max(filter(None, (self.received_on, received_on)), default=None)


async def _small_cell(session: ReadSession, scope: Scope) -> int | None:
    """Return under how many reports this reader's counts are not broken down; None when theirs are exact."""
    if not scope.counts_snapshots:
        return None
    return small_cell_of((await session.get_one(Mission, scope.mission)).policy)


async def regions(session: ReadSession, scope: Scope) -> RegionsOut:
    """Return the map: every region of the scope with its counts, and the reports by day. Reads counts, no answers."""
    n = await last_number(session, scope)
    versions = await published(session, scope)

    def seen(version: UUID, flags: Mapping[str, Any] | None) -> Mapping[str, Any]:
        return readable_flags(flags or {}, versions[version].reading, sees_protection=scope.sees_protection)

    small_cell = await _small_cell(session, scope)
    glances: dict[str, _Glance] = defaultdict(_Glance)
    days: dict[date, int] = defaultdict(int)
    origins: dict[str, int] = defaultdict(int)
    last: dict[str, datetime] = {}
    if small_cell is None:
        for code, version, origin, day, reports, flags in (await session.execute(flags_by_region(scope, FLAGS))).all():
            origins[origin] += reports
            glances[code].take(versions[version].kind, reports, seen(version, flags))
            days[day] += reports
        last = await last_received(session, scope)
    else:
        for held in await scoped_snapshots(session, scope, small_cell):
            version = held.checklist_version_id
            flags = seen(version, held.counts.get(FLAGS))
            origins[held.origin] += held.n
            glances[held.region_code].take(versions[version].kind, held.n, flags, held.received_on)
            for week, reports in weeks_told(held.weeks, held.n, small_cell).items():
                days[week] += reports
    return RegionsOut(
        n=n,
        small_cell=small_cell,
        restricted_not_counted=scope.themes is not None,
        guests=guests_of(origins),
        reports=sum(glance.reports for glance in glances.values()),
        unplaced=glances[""].reports,
        critical=sum(glance.critical for glance in glances.values()),
        regions=[
            _region_out(region, glances[region.code], last.get(region.code), small_cell)
            for region in await mission_regions(session, scope)
        ],
        days=days_out(days),
    )


def _region_out(region: Region, glance: _Glance, last: datetime | None, small_cell: int | None) -> RegionOut:
    return RegionOut(
        code=region.code,
        name=region.name,
        column=region.tile_column,
        row=region.tile_row,
        reports=glance.reports,
        kinds=glance.kinds,
        critical=glance.critical,
        last_received_at=last,
        last_received_on=last.date() if last else glance.received_on,
        is_broken_down=small_cell is None or glance.reports > 0,
    )


async def region_summary(session: ReadSession, scope: Scope, code: str, status: str = "") -> SummaryOut:
    """Return the counts of one region (or `all`, or `none`), as far as the scope reaches.

    With `status` those of reports that stand at it in review. Raises NotFound for a code that is unknown or outside the
    scope, and for a status asked by somebody who is given snapshots: those know none.
    """
    name = await region_name(session, scope, code)
    n = await last_number(session, scope)
    small_cell = await _small_cell(session, scope)
    sums: dict[UUID, VersionSum] = defaultdict(VersionSum)
    statuses: dict[str, int] = defaultdict(int)
    if small_cell is not None and status:
        raise NotFound
    if small_cell is None:
        rows = await session.execute(tallies_of(scope, code, status))
        for version, origin, day, stands_at, reports, counts in rows.all():
            sums[version].take(origin, {day: reports}, reports, counts)
            statuses[stands_at] += reports
    else:
        for held in await scoped_snapshots(session, scope, small_cell, code):
            weeks = weeks_told(held.weeks, held.n, small_cell)
            sums[held.checklist_version_id].take(held.origin, weeks, held.n, held.counts)
    versions = await published(session, scope)
    for key, total in sums.items():
        total.counts = readable_counts(total.counts, versions[key].reading, sees_protection=scope.sees_protection)
    mission = await session.get_one(Mission, scope.mission)
    return SummaryOut(
        n=n,
        small_cell=small_cell,
        restricted_not_counted=scope.themes is not None,
        guests=guests_of(origins_of(sums.values())),
        region=code,
        name=name,
        note=texts_of("reading_note", mission.texts),
        reports=sum(one.reports for one in sums.values()),
        statuses=statuses,
        flags=flag_totals(one.counts for one in sums.values()),
        flags_by_basis=flags_by_basis(one.counts for one in sums.values()),
        forms=forms(
            mission,
            [version for version in versions.values() if version.id in sums],
            sums,
            sees_protection=scope.sees_protection,
        ),
    )


async def counted_versions(session: ReadSession, scope: Scope) -> ChecklistsOut:
    """Return the mission's checklist versions with the number of their reports, as far as the scope reaches."""
    small_cell = await _small_cell(session, scope)
    if small_cell is None:
        reports = await reports_by_version(session, scope)
    else:
        reports = defaultdict(int)
        for held in await scoped_snapshots(session, scope, small_cell):
            reports[held.checklist_version_id] += held.n
    versions = await versions_out(session, scope.mission)
    return ChecklistsOut(
        checklists=[CountedVersionOut(**dict(one), reports=reports.get(one.id, 0)) for one in versions],
        small_cell=small_cell,
    )

"""The only select() of submissions and tallies: every reading begins with a `Scope` and gets no further than it.

`people.policy.decide` says in Python what `scope_for` says in SQL; a test holds them together. Commands that write
these rows (taking in a push, counting, rebuilding) read them under the mission's counter and show them to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Select, and_, exists, false, func, not_, or_, true, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from steppe.checklists.models import ChecklistVersion
from steppe.kit.db import ReadSession
from steppe.missions.models import Change, Region
from steppe.people.access import DeviceCaller
from steppe.people.models import Team, TeamRegion
from steppe.people.policy import Reach, Scope
from steppe.submissions.current import WITHDRAWN
from steppe.submissions.filters import EVERYWHERE, Filters, stored_region
from steppe.submissions.models import CountSnapshot, Revision, Submission, Tally

REPORT = "submission"
QUARANTINE = "quarantine"
ATTACHMENT = "attachment"
REVIEW = "review"
QUESTION = "question"
QUERY = "query"
ARRIVAL = "arrival"
"""Kinds of feed lines. An attachment's says that bytes a report names are whole, a review's that somebody at the desk
noted something about a report, of which phones are not told, a question's that a team asks something, a query's that
headquarters does or is answered, an arrival's that a phone has a query: all are heard of by whoever hears of their
report."""
_OF_REPORTS = (REPORT, ATTACHMENT, REVIEW, QUESTION, QUERY, ARRIVAL)


def scope_for(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on a submission that the scope may read it."""
    reads = or_(false(), *(_read(reach) for reach in scope.reaches))
    return and_(col(Submission.mission_id) == scope.mission, _of_origin(scope, col(Submission.origin)), reads)


def _of_origin(scope: Scope, origin: Any) -> ColumnElement[bool]:
    is_own: ColumnElement[bool] = true() if scope.origin is None else origin == scope.origin
    return is_own


def _read(reach: Reach) -> ColumnElement[bool]:
    within = _within(reach, col(Submission.level), col(Submission.region_code))
    if reach.themes is None:
        return within
    met = (col(Submission.themes).contains(f" {theme} ", autoescape=True) for theme in sorted(reach.themes))
    return and_(within, or_(false(), *met))


def _within(reach: Reach, level: Any, region: Any) -> ColumnElement[bool]:
    is_level: ColumnElement[bool] = level.in_(reach.levels)
    return is_level if reach.regions is None else and_(is_level, region.in_(sorted(reach.regions)))


def scoped_submissions(scope: Scope) -> SelectOfScalar[Submission]:
    """Select the submissions whose answers the scope may read: all reading of reports begins here."""
    return select(Submission).where(scope_for(scope))


def scoped_submission_ids(scope: Scope) -> SelectOfScalar[UUID]:
    """Select the keys of those submissions, for a condition on what belongs to them (an attachment, a revision)."""
    return select(Submission.id).where(scope_for(scope))


def apply_filters(query: SelectOfScalar[Submission], filters: Filters) -> SelectOfScalar[Submission]:
    """Narrow a scoped statement to what the desk asked for; what was taken back is in it only when asked for."""
    if filters.region != EVERYWHERE:
        query = query.where(Submission.region_code == stored_region(filters.region))
    if filters.checklist:
        versions = select(ChecklistVersion.id).where(
            ChecklistVersion.form == filters.checklist, ChecklistVersion.mission_id == Submission.mission_id
        )
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
    return query.where(Submission.status == filters.status if filters.status else Submission.status != WITHDRAWN)


async def newest_submissions(
    session: ReadSession,
    scope: Scope,
    filters: Filters,
    *,
    before: int | None,
    limit: int,
    versions: Sequence[UUID] | None = None,
    among: Select[*tuple[Any, ...]] | None = None,
    read: Select[*tuple[Any, ...]] | None = None,
) -> Sequence[Submission]:
    """Return up to `limit` reports, last changed first, of numbers under `before`; of some checklist versions only.

    `among` selects keys of reports, of which alone they are; `read` keys with numbers: what did not change since its
    number there is left out.
    """
    query = apply_filters(scoped_submissions(scope), filters).order_by(col(Submission.n).desc()).limit(limit)
    if versions is not None:
        query = query.where(col(Submission.checklist_version_id).in_(versions))
    if among is not None:
        query = query.where(col(Submission.id).in_(among))
    if read is not None:
        key, number = read.subquery().c
        query = query.where(~exists().where(key == col(Submission.id), number >= col(Submission.n)))
    return (await session.exec(query if before is None else query.where(Submission.n < before))).all()


async def submissions_from(
    session: ReadSession, scope: Scope, filters: Filters, *, after: int, limit: int, levels: Sequence[str]
) -> Sequence[Submission]:
    """Return up to `limit` reports of these levels, oldest change first, of numbers over `after`."""
    query = apply_filters(scoped_submissions(scope), filters)
    page = query.where(col(Submission.level).in_(levels), Submission.n > after).order_by(col(Submission.n)).limit(limit)
    return (await session.exec(page)).all()


async def scoped_submission(session: ReadSession, scope: Scope, submission_id: UUID) -> Submission | None:
    """Return one report; None when there is none or the scope may not read it."""
    return (await session.exec(scoped_submissions(scope).where(Submission.id == submission_id))).one_or_none()


async def submissions_by_id(session: ReadSession, scope: Scope, ids: Iterable[UUID]) -> dict[UUID, Submission]:
    """Return those of these reports that there are and that the scope may read."""
    wanted = sorted(set(ids))
    query = scoped_submissions(scope).where(col(Submission.id).in_(wanted))
    return {one.id: one for one in (await session.exec(query)).all()} if wanted else {}


async def last_received(session: ReadSession, scope: Scope) -> dict[str, datetime]:
    """Return by region when the last changed of the reports the scope counts was first received."""
    # One step into ix_submission_mission_region_n per region, where GROUP BY would walk every submission.
    counted = or_(
        false(), *(_within(reach, col(Submission.level), col(Submission.region_code)) for reach in scope.counted)
    )
    newest = (
        select(Submission.received_at)
        .where(Submission.mission_id == Region.mission_id, Submission.region_code == Region.code, counted)
        .where(_of_origin(scope, col(Submission.origin)), Submission.status != WITHDRAWN)
        .order_by(col(Submission.n).desc())
        .limit(1)
        .correlate(Region)
        .scalar_subquery()
    )
    query = select(Region.code, newest).where(Region.mission_id == scope.mission)
    return {code: at for code, at in (await session.exec(query)).all() if at is not None}


def _counted(scope: Scope) -> ColumnElement[bool]:
    reaches = (_within(reach, col(Tally.level), col(Tally.region_code)) for reach in scope.counted)
    return and_(col(Tally.mission_id) == scope.mission, _of_origin(scope, col(Tally.origin)), or_(false(), *reaches))


def tallies_of(scope: Scope, region: str, status: str = "") -> Select[Any]:
    """Select version, origin, day, status, reports, counts of a region's tallies (`all`, `none`) the scope counts.

    With `status` those of reports that stand at it in review.
    """
    query = select_columns(
        col(Tally.checklist_version_id),
        col(Tally.origin),
        col(Tally.day),
        col(Tally.status),
        col(Tally.n),
        col(Tally.counts),
    ).where(_counted(scope))
    if status:
        query = query.where(col(Tally.status) == status)
    return query if region == EVERYWHERE else query.where(col(Tally.region_code) == stored_region(region))


def flags_by_region(scope: Scope, flags: str) -> Select[Any]:
    """Select region, version, origin, day, reports and the counts under `flags` of every tally the scope counts."""
    # Only the flags come out of the JSON: the counts beside them are most of its bytes and are not shown on the map.
    return select_columns(
        col(Tally.region_code),
        col(Tally.checklist_version_id),
        col(Tally.origin),
        col(Tally.day),
        col(Tally.n),
        type_coerce(col(Tally.counts)[flags], JSON),
    ).where(_counted(scope))


async def reports_by_version(session: ReadSession, scope: Scope) -> dict[UUID, int]:
    """Return how many reports the scope counts of each checklist version."""
    query = (
        select_columns(col(Tally.checklist_version_id), func.sum(col(Tally.n)))
        .where(_counted(scope))
        .group_by(col(Tally.checklist_version_id))
    )
    return {version: int(n) for version, n in (await session.execute(query)).all()}


async def scoped_snapshots(
    session: ReadSession, scope: Scope, small_cell: int, region: str = EVERYWHERE
) -> Sequence[CountSnapshot]:
    """Return the snapshots of counts a scope without reports may see: none of fewer than `small_cell` reports."""
    query = select(CountSnapshot).where(
        CountSnapshot.mission_id == scope.mission,
        CountSnapshot.n >= small_cell,
        _of_origin(scope, col(CountSnapshot.origin)),
    )
    if scope.regions is not None:
        query = query.where(col(CountSnapshot.region_code).in_(sorted(scope.regions)))
    if region != EVERYWHERE:
        query = query.where(CountSnapshot.region_code == stored_region(region))
    return (await session.exec(query)).all()


def visible_changes(scope: Scope) -> ColumnElement[bool]:
    """Return the condition on a line of the feed that it moves something the scope may see.

    A report read by its theme alone rings nobody: the feed knows no themes.
    """
    counted = (_within(reach, col(Change.level), col(Change.region_code)) for reach in scope.counted)
    is_reports = col(Change.kind).in_(_OF_REPORTS)
    is_read = and_(is_reports, _of_origin(scope, col(Change.origin)), or_(false(), *counted))
    is_other = not_(col(Change.kind).in_([*_OF_REPORTS, QUARANTINE]))
    is_aside = and_(col(Change.kind) == QUARANTINE, _of_origin(scope, col(Change.origin)))
    if scope.regions is not None:
        # What was kept aside has no region: whoever works in some is told of it by the teams of those.
        own = select(TeamRegion.team_id).join(Team).where(Team.mission_id == scope.mission)
        is_aside = and_(
            is_aside, col(Change.team_id).in_(own.where(col(TeamRegion.region_code).in_(sorted(scope.regions))))
        )
    kept_aside = is_aside if "read_reports" in scope.actions else false()
    return and_(col(Change.mission_id) == scope.mission, or_(is_other, is_read, kept_aside))


async def last_number(session: ReadSession, scope: Scope) -> int:
    """Return the number of the last change the scope may know of: what is read after it is at least that new."""
    query = select(Change.n).where(visible_changes(scope)).order_by(col(Change.n).desc()).limit(1)
    n = (await session.exec(query)).first() or 0
    return max(n, *(await _moved_snapshots(session, scope, 0)).values(), 0)


async def news_for(session: ReadSession, scope: Scope, after: int) -> tuple[int, set[str]]:
    """Return the last number after `after` the scope may know of (`after` when there is none), and regions touched."""
    query = (
        select(Change.region_code, func.max(Change.n))
        .where(visible_changes(scope), Change.n > after)
        .group_by(col(Change.region_code))
    )
    moved = [*(await session.exec(query)).all(), *(await _moved_snapshots(session, scope, after)).items()]
    return max((n for _, n in moved), default=after), {region for region, _ in moved}


async def _moved_snapshots(session: ReadSession, scope: Scope, after: int) -> dict[str, int]:
    if not scope.counts_snapshots:
        return {}
    query = (
        select(CountSnapshot.region_code, func.max(CountSnapshot.moved_n))
        .where(CountSnapshot.mission_id == scope.mission, CountSnapshot.moved_n > after)
        .where(_of_origin(scope, col(CountSnapshot.origin)))
        .group_by(col(CountSnapshot.region_code))
    )
    return {region: n for region, n in (await session.exec(query)).all() if scope.has_region(region)}


def team_submissions(caller: DeviceCaller, keys: Iterable[UUID]) -> Any:
    """Select what a phone is told of its own team's reports, whatever their level: the team wrote them."""
    statement: Any = (
        select_columns(
            col(Submission.id),
            col(Submission.code),
            col(Submission.checklist_version_id),
            col(Submission.status),
            col(Submission.received_at),
            col(Submission.heads),
            col(Revision.device_id),
            col(Revision.author_id),
        )
        .join(Revision, col(Revision.id) == col(Submission.head_revision_id))
        .where(
            col(Submission.mission_id) == caller.mission_id,
            col(Revision.mission_id) == caller.mission_id,
            col(Submission.team_id) == caller.team_id,
            col(Submission.id).in_(list(keys)),
        )
    )
    return statement


async def readable_team_reports(session: ReadSession, caller: DeviceCaller, keys: Iterable[UUID]) -> frozenset[UUID]:
    """Return which of these reports a phone may read: its own team's, whatever their level, that nobody took back."""
    statement = select(Submission.id).where(
        Submission.mission_id == caller.mission_id,
        Submission.team_id == caller.team_id,
        Submission.status != "withdrawn",
        col(Submission.id).in_(list(keys)),
    )
    return frozenset((await session.exec(statement)).all())

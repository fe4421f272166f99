"""The map, the region page, and how many reports each checklist version has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from steppe.checklists.schemas import ChecklistsOut
from steppe.kit.http import ReadSessionDep, documented
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.people.access import DeskCaller, Origin, desk, narrowed_to
from steppe.submissions.filters import Filters, StatusFilter
from steppe.summaries import queries, quotations
from steppe.summaries.schemas import NarrativesOut, RegionsOut, SummaryOut

router = APIRouter(tags=["summaries"], responses=documented(SignInNeeded, NotFound))

SummaryReader = Annotated[DeskCaller, Depends(desk("read_summaries"))]
ReportReader = Annotated[DeskCaller, Depends(desk("read_reports"))]


@router.get("/regions")
async def regions(session: ReadSessionDep, caller: SummaryReader, origin: Origin = "") -> RegionsOut:
    """Return the regions with tile positions and counts, and the reports by day; with `origin` of one origin alone."""
    return await queries.regions(session, narrowed_to(caller.scope, origin))


@router.get("/regions/{code}/summary")
async def summary(
    session: ReadSessionDep, caller: SummaryReader, code: str, origin: Origin = "", status: StatusFilter = ""
) -> SummaryOut:
    """Return a region's counts per checklist and question; `all` is every region, `none` what is not placed in one.

    With `origin` those of its teams' reports alone, with `status` of reports that stand at it in review.
    """
    return await queries.region_summary(session, narrowed_to(caller.scope, origin), code, status)


@router.get("/regions/{code}/narratives")
async def narratives(
    *,
    session: ReadSessionDep,
    caller: ReportReader,
    code: str,
    theme: Annotated[str, Query(max_length=40)] = "",
    checklist: Annotated[str, Query(max_length=120)] = "",
    origin: Origin = "",
    status: StatusFilter = "",
    before: Annotated[int | None, Query(ge=0, le=2**63 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> NarrativesOut:
    """Return what observers wrote, newest report first: `limit` entries, and the rest of the last one's report.

    `theme` may be `none`: entries that have no theme yet.
    """
    scope = narrowed_to(caller.scope, origin)
    await queries.region_name(session, scope, code)
    filters = Filters(region=code, checklist=checklist, status=status)
    return await quotations.region_narratives(session, scope, filters, theme=theme, before=before, limit=limit)


@router.get("/desk/checklists", tags=["checklists"])
async def checklists(session: ReadSessionDep, caller: SummaryReader) -> ChecklistsOut:
    """Return every checklist version with its status, who published it and how many reports were made with it."""
    return await queries.counted_versions(session, caller.scope)

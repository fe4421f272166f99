"""The one statement through which the desk reads submissions: mission and confidentiality first, filters after."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from steppe.checklists.models import ChecklistVersion
from steppe.people.access import DeskCaller
from steppe.people.models import Team
from steppe.people.policy import readable_levels
from steppe.submissions.models import Submission

EVERYWHERE = "all"
NOWHERE = "none"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the desk asks for; an empty string filters nothing. `region` may be `all`, or `none`: unplaced."""

    region: str = EVERYWHERE
    checklist: str = ""
    team: str = ""
    text: str = ""
    severity: int = 0


def stored_region(code: str) -> str:
    """Return the region code as submissions and tallies keep it: unplaced reports have an empty one."""
    return "" if code == NOWHERE else code


def readable(caller: DeskCaller) -> SelectOfScalar[Submission]:
    """Select the submissions of the caller's mission whose answers their role may read."""
    return select(Submission).where(
        Submission.mission_id == caller.mission_id, col(Submission.level).in_(readable_levels(caller.role))
    )


def narrowed(query: SelectOfScalar[Submission], filters: Filters) -> SelectOfScalar[Submission]:
    """Apply the filters to a scoped statement. `text` is looked for in short code and place."""
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

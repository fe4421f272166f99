"""Who may see and do what, decided in one place: a `Scope` made once at the door, and `decide`, which it answers to.

Admins run the system and never read answers; observers work through their phones only. Levels of confidentiality are
those of the mission's report forms: `internal` is ordinary material, `restricted` names an institution that spoke in
confidence, `confidential` could harm a source, `sealed` never leaves the authoring team and the head of mission.

A person has a role. Whoever was ever given a grant has, instead, what the grants in force give: a role in some regions
for some themes, from one moment to another. Pure: `steppe.submissions.scope` says the same in SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

Role = Literal["observer", "coordinator", "expert", "head", "admin", "auditor"]
Action = Literal[
    "read_summaries",
    "read_reports",
    "comment",
    "decide",
    "ask",
    "release_queries",
    "export",
    "administer",
    "read_audit",
    "deliver",
    "revoke",
    "see_restores",
]

SEALED: Final = "sealed"
OPEN_LEVELS: Final = ("internal", "restricted")
"""What roles that read no reports count, and what leaves the house in bulk."""
_READS: frozenset[Action] = frozenset({"read_summaries", "read_reports", "comment", "ask", "export"})
"""What everybody may do who reads reports at the desk."""
_DECIDES: frozenset[Action] = _READS | {"decide", "release_queries", "see_restores"}
_ACTIONS: dict[Role, frozenset[Action]] = {
    "observer": frozenset(),
    "coordinator": _DECIDES | {"deliver", "revoke"},
    "expert": _READS,
    "head": _DECIDES | {"read_audit"},
    "admin": frozenset(
        {"read_summaries", "export", "administer", "read_audit", "deliver", "revoke", "see_restores"},
    ),
    "auditor": frozenset({"read_summaries", "read_audit"}),
}
_LEVELS: dict[Role, tuple[str, ...]] = {
    "observer": (),
    "coordinator": ("internal", "restricted", "confidential"),
    "expert": ("internal", "restricted"),
    "head": ("internal", "restricted", "confidential", "sealed"),
    "admin": (),
    "auditor": (),
}
_BY_THEME: Final[dict[Role, tuple[str, ...]]] = {"expert": ("restricted",)}
"""Levels which a role with themes reads only where the report's themes are among its own."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in these regions and for these themes (None: all), in force from `since` until before `until`."""

    role: Role
    regions: frozenset[str] | None = None
    themes: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def is_in_force(self, at: datetime) -> bool:
        """Say whether the grant holds at a moment."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Reach:
    """Reports of these levels, in these regions, of these themes (None: all); without levels, counts alone."""

    levels: tuple[str, ...]
    regions: frozenset[str] | None = None
    themes: frozenset[str] | None = None
    is_decided: bool = False
    """Whether the person also decides of these reports: who is co-ordinator in one region and expert in all does not
    decide of all."""


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What decides who reads a report. An empty region: it is not placed in one."""

    mission: UUID
    region: str
    level: str
    themes: frozenset[str] = frozenset()
    origin: str = "odihr"


@dataclass(frozen=True, slots=True)
class Scope:
    """What one person may do and see now: every query that reads takes it, and nothing reads without it."""

    mission: UUID
    actions: frozenset[Action]
    reaches: tuple[Reach, ...]
    sees_sealed: bool = False
    """Whether answers to sealed questions are shown, in the reports the person may read."""

    origin: str | None = None
    """Whose reports alone are read and counted (`odihr`, `oscepa`); None: those of every origin."""

    @property
    def levels(self) -> frozenset[str]:
        """Every level of which the person may read some report."""
        return frozenset(level for reach in self.reaches for level in reach.levels)

    @property
    def sees_protection(self) -> bool:
        """Whether the person is shown counts of questions about protection (`count: no`): who protects is."""
        return "confidential" in self.levels

    @property
    def regions(self) -> frozenset[str] | None:
        """The regions the person works in; None: all of them, and what is not placed in one."""
        named = [reach.regions for reach in self.reaches]
        return None if None in named else frozenset(code for regions in named for code in regions or ())

    @property
    def themes(self) -> frozenset[str] | None:
        """The themes that limit some of the person's reading; None: no theme limits it."""
        named = [reach.themes for reach in self.reaches if reach.themes is not None]
        return frozenset(theme for themes in named for theme in themes) if named else None

    @property
    def counted(self) -> tuple[Reach, ...]:
        """The reaches whose reports are counted: a tally knows no themes, so what is read by theme is not counted."""
        return tuple(reach for reach in self.reaches if reach.levels and reach.themes is None)

    @property
    def counts_snapshots(self) -> bool:
        """Whether the person, who reads no reports, is given counts only as snapshots of enough reports."""
        return not self.levels

    @property
    def reads_everything_open(self) -> bool:
        """Whether the person reads every internal and restricted report of the mission."""
        if self.origin is not None:
            return False
        everywhere = (reach.levels for reach in self.counted if reach.regions is None)
        return set(OPEN_LEVELS) <= {level for levels in everywhere for level in levels}

    @property
    def decided(self) -> Scope:
        """The scope narrowed to the reports the person decides of."""
        return replace(self, reaches=tuple(reach for reach in self.reaches if reach.is_decided))

    def has_region(self, code: str) -> bool:
        """Say whether the person works in a region; an empty code is the place of reports without one."""
        return self.regions is None or code in self.regions

    def only(self, origin: str) -> Scope | None:
        """Return the scope narrowed to reports of one origin (empty: as it is), None when that is not within it."""
        if not origin or origin == self.origin:
            return self
        return replace(self, origin=origin) if self.origin is None else None


def may(role: Role, action: Action) -> bool:
    """Say whether a role may do this at all."""
    return action in _ACTIONS[role]


def readable_levels(role: Role) -> tuple[str, ...]:
    """Return the confidentiality levels whose answers this role may read where nothing narrows it."""
    return _LEVELS[role]


def scope_of(mission: UUID, role: Role, grants: Iterable[Grant], at: datetime, origin: str | None = None) -> Scope:
    """Return what a person may do and see at a moment: their role's, or what their grants in force come to.

    `grants` are all the person was ever given: once those have run out, nothing is left of the role.
    `origin` is that of a guest, who reads reports of the guests' own alone; None for the mission's people.
    """
    given = list(grants) or [Grant(role)]
    held = [grant for grant in given if grant.is_in_force(at)]
    return Scope(
        mission,
        frozenset(action for grant in held for action in _ACTIONS[grant.role]),
        tuple(reach for grant in held if _ACTIONS[grant.role] for reach in _reaches(grant)),
        sees_sealed=any(SEALED in _LEVELS[grant.role] for grant in held),
        origin=origin,
    )


def _reaches(grant: Grant) -> list[Reach]:
    levels = _LEVELS[grant.role]
    by_theme = _BY_THEME.get(grant.role, ()) if grant.themes is not None else ()
    free = tuple(level for level in levels if level not in by_theme)
    decides = may(grant.role, "decide")
    reaches = [Reach(free, grant.regions, is_decided=decides)]
    return [*reaches, Reach(by_theme, grant.regions, grant.themes, decides)] if by_theme else reaches


def whole_mission(mission: UUID, role: Role) -> Scope:
    """Return the scope of a role in all of a mission: for the command line, whose user holds the database anyway."""
    reach = Reach(_LEVELS[role], is_decided=may(role, "decide"))
    return Scope(mission, _ACTIONS[role], (reach,), sees_sealed=SEALED in _LEVELS[role])


def decide(scope: Scope, action: Action, report: ReportFacts | None = None) -> bool:
    """Say whether the person may do this: at all, or with one report."""
    if action not in scope.actions:
        return False
    if report is None:
        return True
    is_within = report.mission == scope.mission and scope.origin in {None, report.origin}
    return is_within and any(_holds(reach, report) for reach in scope.reaches)


def _holds(reach: Reach, report: ReportFacts) -> bool:
    return (
        report.level in reach.levels
        and (reach.regions is None or report.region in reach.regions)
        and (reach.themes is None or bool(reach.themes & report.themes))
    )

"""Summaries on the wire: counts and totals only, never a share or a mean."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

Texts = dict[str, str]


class ReachOut(BaseModel):
    """How far the numbers beside it reach for this reader."""

    small_cell: int | None = Field(
        default=None,
        description="counts are snapshots that move when so many reports have changed; fewer are not broken down, and "
        "`days` are weeks, each by its Monday. Null: every report the reader may read is counted at once",
    )
    restricted_not_counted: bool = Field(
        default=False, description="the reader reads restricted reports of their themes only, so none are counted"
    )
    guests: dict[str, int] = Field(
        default={}, description="how many of the reports counted are guests', by origin: a page that shows them says so"
    )


class DayOut(BaseModel):
    """Reports whose observation fell on one day."""

    day: date
    reports: int


class RegionOut(BaseModel):
    """One region on the map."""

    code: str
    name: Texts
    column: int = Field(description="column of the tile-grid map, from 0")
    row: int
    reports: int
    kinds: dict[str, int] = Field(description="reports by checklist kind")
    critical: int = Field(description="flags of severity 3")
    last_received_at: datetime | None = Field(description="null for those who read no reports")
    last_received_on: date | None = Field(default=None, description="the day of it (UTC)")
    is_broken_down: bool = Field(default=True, description="false: fewer reports than `small_cell`, or none")


class RegionsOut(ReachOut):
    """The mission at a glance, from its tallies: what the reader may read of it."""

    n: int = Field(description="the mission's number this was read at; `GET /live` tells of later ones")
    reports: int
    unplaced: int = Field(description="reports not placed in a region; `/regions/none/summary` shows them")
    critical: int
    regions: list[RegionOut]
    days: list[DayOut]


class ChoiceCountOut(BaseModel):
    """How often a choice was ticked."""

    name: str
    label: Texts
    n: int = Field(description="of a ranking: how often it came first")
    severity: int = Field(description="of the choice as a negative indicator, 0 when it is none")
    places: list[int] = Field(default=[], description="of a ranking: how often first, second, third …")


class QuestionSummaryOut(BaseModel):
    """One question over the versions in which it asks the same: same id, type and choices.

    Of choices from a table only those somebody chose are listed.
    """

    id: str
    type: str
    label: Texts
    theme: str | None
    section: Texts
    repeat: Texts | None = Field(description="the repeat it is asked in, once per row")
    versions: list[str]
    n: int | None = Field(description="answers given; null where the tally keeps none")
    choices: list[ChoiceCountOut]
    not_observed: int
    not_applicable: int
    total: float | None = Field(description="sum of a number question's answers; null unless its form asks for one")
    flags: dict[str, int] = Field(description="flags by severity, `1` procedural to `3` critical")


class VersionOut(BaseModel):
    """How many reports were made with one version."""

    id: UUID
    version: str
    reports: int


class FormSummaryOut(BaseModel):
    """All versions of one checklist together. `frame` is the sentence every view of them opens with, once."""

    form: str
    kind: str
    frame: Texts | None = Field(
        default=None,
        description="of visits to polling stations in a limited mission; of the IEOM when guests' are counted",
    )
    guests: dict[str, int] = Field(default={}, description="how many of the reports are guests', by origin")
    title: Texts
    reports: int
    versions: list[VersionOut]
    days: list[DayOut]
    questions: list[QuestionSummaryOut]


class SummaryOut(ReachOut):
    """A region's counts."""

    n: int
    region: str
    name: Texts
    note: Texts
    reports: int
    statuses: dict[str, int] = Field(description="reports by state of review; empty for those who read no reports")
    flags: dict[str, int]
    flags_by_basis: dict[str, dict[str, int]] = Field(
        default={}, description="flags by what they rest on (`seen`, `document`, `said`) and severity"
    )
    forms: list[FormSummaryOut]


class NarrativeOut(BaseModel):
    """What observers wrote in their own words to one question."""

    submission: UUID
    code: str
    n: int
    form: str
    region: str
    observed_on: date
    path: str = Field(description="of the answer: with `submission` the key of the entry")
    question: str
    label: Texts
    themes: list[str] = Field(description="the question's, else its row's, else the report's; empty: none yet")
    text: str


class NarrativesOut(BaseModel):
    """Narratives, newest report first. `before` continues the list; null exactly when there is no more."""

    narratives: list[NarrativeOut]
    before: int | None

"""Tallies of one region added up by checklist version, then by checklist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from steppe.checklists.definition import Definition
from steppe.checklists.question_reading import FormReading
from steppe.missions.models import Mission
from steppe.summaries.claims import ViewFrame, guests_of
from steppe.summaries.counts import add
from steppe.summaries.questions import CountedVersion, question_summaries
from steppe.summaries.schemas import DayOut, FormSummaryOut, VersionOut


@dataclass(frozen=True, slots=True)
class FormVersion:
    """A checklist version, its definition, and how headquarters reads its form's questions."""

    id: UUID
    form: str
    kind: str
    definition: Definition
    retired_at: datetime | None = None
    reading: FormReading = field(default_factory=dict)
    is_readable: bool = True
    """False when `definition` only stands for one that cannot be read: it asks nothing."""


@dataclass(slots=True)
class VersionSum:
    """What the tallies of one checklist version add up to."""

    reports: int = 0
    days: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    counts: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, origin: str, days: Mapping[date, int], reports: int, counts: Mapping[str, Any]) -> None:
        """Add one tally, or one snapshot with its weeks."""
        self.reports += reports
        self.origins[origin] += reports
        for day, n in days.items():
            self.days[day] += n
        add(self.counts, counts)


def origins_of(sums: Iterable[VersionSum]) -> dict[str, int]:
    """Return the reports of several sums by origin."""
    total: dict[str, int] = defaultdict(int)
    for one in sums:
        add(total, one.origins)
    return total


def days_out(days: Mapping[date, int]) -> list[DayOut]:
    """Return the days on which there was something, in order."""
    return [DayOut(day=day, reports=days[day]) for day in sorted(days) if days[day]]


def forms(
    mission: Mission, versions: Sequence[FormVersion], sums: Mapping[UUID, VersionSum], *, sees_protection: bool
) -> list[FormSummaryOut]:
    """Return one summary per checklist, by its name. `versions` are those with a sum, newest first.

    `sees_protection`: see `readable_counts`; without it the lines of these questions are left out, not empty.
    """
    by_form: dict[str, list[FormVersion]] = defaultdict(list)
    for version in versions:
        by_form[version.form].append(version)
    return [
        _form(mission, form, newest_first, sums, sees_protection=sees_protection)
        for form, newest_first in sorted(by_form.items())
    ]


def _form(
    mission: Mission,
    form: str,
    newest_first: Sequence[FormVersion],
    sums: Mapping[UUID, VersionSum],
    *,
    sees_protection: bool,
) -> FormSummaryOut:
    days: dict[date, int] = defaultdict(int)
    origins = origins_of(sums[version.id] for version in newest_first)
    frame = ViewFrame(mission.type, mission.texts)
    frame.note(newest_first[0].kind, origins)
    for version in newest_first:
        for day, reports in sums[version.id].days.items():
            days[day] += reports
    return FormSummaryOut(
        form=form,
        kind=newest_first[0].kind,
        frame=frame.sentence(),
        guests=guests_of(origins),
        title=newest_first[0].definition.title,
        reports=sum(sums[version.id].reports for version in newest_first),
        versions=[
            VersionOut(id=version.id, version=version.definition.version, reports=sums[version.id].reports)
            for version in newest_first
        ],
        days=days_out(days),
        questions=question_summaries(
            [
                CountedVersion(version.definition, sums[version.id].counts, version.reading, sees_protection)
                for version in newest_first
            ]
        ),
    )

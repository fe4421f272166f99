"""When and where a simulated observer works: meetings on working days, polling stations on election day.

How many days, phones and reports there are is ordered in `simulate/fleet.py` (`Orders`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from steppe.checklists.definition import Definition
from steppe.simulate.habits import KINDS, VISIT_HOURS, is_working_day
from steppe.simulate.scene import Language, Place, Scene, any_mood

ELECTION_DAY_KIND: Final = "polling_station"
VISITS: Final = 10
"""Polling stations a team sees on an election day at most: each visit takes half an hour, and there is the way."""
VISIT_SHARE: Final = 0.4
WEEKLY_KIND: Final = "weekly"
_PER_WEEKLY: Final = 6
"""Reports from which on a team also writes up the week: one weekly report for so many others at most."""
_WEEKLY_AT: Final = time(16, 30)
_SUNDAY: Final = 6
_FIRST_VISIT: Final = time(8, 15)
_OFFICE: Final = time(9, 30)
_VISIT: Final = timedelta(minutes=35)
_OWN_HOURS_FROM: Final = 4
"""Visits from which on a team also sees an opening, a count and the handover: fewer are spent on voting."""
_OTHER_KINDS: Final = 5.0
_STAYS_NEAR: Final = 0.75
_RUSSIAN: Final = 0.25


@dataclass(frozen=True, slots=True)
class Entry:
    """One report to be written: on which checklist version, about what."""

    version: str
    scene: Scene


@dataclass(frozen=True, slots=True)
class Period:
    """The days a simulation covers, both ends included, with the mission's election day and zone."""

    first: date
    last: date
    election_day: date
    zone: str

    @property
    def working_days(self) -> list[date]:
        """Days on which institutions receive observers; election day is not one of them."""
        days = [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]
        return [day for day in days if is_working_day(day) and day != self.election_day] or days[:1]

    @property
    def weekly_days(self) -> list[date]:
        """Sundays, on which the week is written up; on election day nobody has time for it."""
        days = [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]
        return [day for day in days if day.weekday() == _SUNDAY and day != self.election_day]

    @property
    def has_election(self) -> bool:
        """Whether people vote within the period."""
        return self.first <= self.election_day <= self.last


def plan(
    period: Period,
    definitions: Mapping[str, Definition],
    places: Sequence[Place],
    *,
    submissions: int,
    rng: Random,
    until: datetime | None = None,
) -> list[Entry]:
    """Return an observer's `submissions` reports in the order they are finished.

    `definitions` are checklist versions by id, `places` the team's stations, `until` an aware time after which
    nothing has happened yet. Raises ValueError when there is no checklist or no place.
    """
    if not definitions or not places:
        msg = "the team has no checklist or no polling station to report about"
        raise ValueError(msg)
    ordered = sorted(definitions.items(), key=lambda entry: (entry[1].id, entry[1].version))
    stations = [version for version, one in ordered if one.kind == ELECTION_DAY_KIND]
    weekly = [version for version, one in ordered if one.kind == WEEKLY_KIND]
    others = [version for version, one in ordered if one.kind not in {ELECTION_DAY_KIND, WEEKLY_KIND}]
    if not stations and not others:
        weekly, others = [], weekly
    if not period.has_election:
        stations = []
    sundays = period.weekly_days[-(submissions // _PER_WEEKLY) :] if weekly and submissions >= _PER_WEEKLY else []
    visits = (
        submissions - len(sundays) if not others else min(VISITS, round(submissions * VISIT_SHARE)) if stations else 0
    )
    forms = {version: one.id for version, one in ordered}
    entries = [
        Entry(version, _scene(period, began, place, length, rng))
        for (version, began, length), place in zip(
            _visits(period, stations or others, forms, visits, rng), _route(places, visits, rng), strict=True
        )
    ]
    weights = [KINDS.get(definitions[version].kind, _OTHER_KINDS) for version in others]
    entries += [Entry(weekly[-1], _weekly(period, day, rng.choice(places), rng)) for day in sundays]
    for _ in range(submissions - len(entries)):
        day = rng.choice(period.working_days)
        began = _at(period, day, _OFFICE) + timedelta(minutes=15 * rng.randint(0, 28))
        length = timedelta(minutes=rng.choice((30, 45, 60, 60, 75)))
        version = rng.choices(others, weights)[0]
        entries.append(Entry(version, _scene(period, began, rng.choice(places), length, rng)))
    done = [entry for entry in entries if until is None or entry.scene.finished_at <= until]
    return sorted(done, key=lambda entry: entry.scene.finished_at)


def _at(period: Period, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(period.zone))


def _visits(
    period: Period, versions: Sequence[str], forms: Mapping[str, str], visits: int, rng: Random
) -> list[tuple[str, datetime, timedelta]]:
    """Return version, begin and length of each visit: opening first, count and handover last, voting in between."""
    day = period.election_day if period.has_election else period.last
    special = sorted((VISIT_HOURS[forms[one]], one) for one in versions if forms[one] in VISIT_HOURS)
    ordinary = [one for one in versions if forms[one] not in VISIT_HOURS] or list(versions)
    if visits < max(_OWN_HOURS_FROM, len(special)):
        special = []
    between = visits - len(special)
    step = timedelta(minutes=min(75, 660 // max(1, between)))
    first = _at(period, day, _FIRST_VISIT)
    times = [first + step * n + timedelta(minutes=rng.randint(0, 12)) for n in range(between)]
    planned = [(rng.choice(ordinary), began, _VISIT) for began in times]
    planned += [(one, _at(period, day, clock), length) for (clock, length), one in special]
    return sorted(planned, key=lambda visit: visit[1])


def _route(places: Sequence[Place], visits: int, rng: Random) -> list[Place]:
    """Return different stations, most of them in one district: a car does not fly."""
    home = rng.choice(places).district
    near = [place for place in places if place.district == home]
    far = [place for place in places if place.district != home]
    rng.shuffle(near)
    rng.shuffle(far)
    route: list[Place] = []
    for _ in range(visits):
        pile = near if near and (rng.random() < _STAYS_NEAR or not far) else far or near
        route.append(pile.pop() if pile else rng.choice(places))
    return route


def _weekly(period: Period, day: date, place: Place, rng: Random) -> Scene:
    began = _at(period, day, _WEEKLY_AT) + timedelta(minutes=rng.randint(0, 20))
    return _scene(period, began, place, timedelta(minutes=25), rng)


def _scene(period: Period, began: datetime, place: Place, length: timedelta, rng: Random) -> Scene:
    written = length + timedelta(minutes=rng.randint(4, 40), milliseconds=rng.randint(0, 59_999))
    language: Language = "ru" if rng.random() < _RUSSIAN else "en"
    return Scene(place, began, began + written, period.zone, language, any_mood(rng))

"""Giving somebody at the desk a role for some regions, themes and time, listing what was given, ending it.

Whoever was ever given a grant has what the grants in force give and nothing else (`policy`); a grant that ends is
therefore kept, with its end, and never removed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from steppe.audit import commands as audit
from steppe.kit.clock import now
from steppe.kit.db import ReadSession, WriteSession
from steppe.missions.models import Mission, Region
from steppe.missions.tables import suggestion
from steppe.missions.teams import ODIHR, ROLES, THEMES
from steppe.people.models import Person, PersonGrant
from steppe.people.problems import BadGrant, UnknownGrant, UnknownPerson

GIVEN: Final = tuple(role for role in ROLES if role != "observer")
"""Roles that can be given: an observer works through a phone and has nothing at the desk."""
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class GrantToAdd:
    """A role in these regions and for these themes (none: all), from the first to the last of these days."""

    username: str
    role: str
    regions: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    from_on: date | None = None
    until_on: date | None = None


async def add_grant(session: WriteSession, mission: Mission, asked: GrantToAdd, *, actor: str) -> str:
    """Give a grant; returns its line as `list_grants` has it. Days are those of headquarters, the last one included.

    Raises UnknownPerson, and BadGrant for a role, region or theme there is not and for days in the wrong order.
    """
    person = await _desk_person(session, mission.id, asked.username)
    _check_words("role", [asked.role], GIVEN)
    _check_words("theme", asked.themes, THEMES)
    regions = (await session.exec(select(Region.code).where(Region.mission_id == mission.id))).all()
    _check_words("region", asked.regions, sorted(regions))
    if asked.from_on and asked.until_on and asked.until_on < asked.from_on:
        raise BadGrant(f"until {asked.until_on} comes before from {asked.from_on}")
    if person.origin != ODIHR and asked.role == "admin":
        raise BadGrant(f"{person.username} is a guest, who cannot administer the mission")
    zone = ZoneInfo(mission.zone)
    grant = PersonGrant(
        mission_id=mission.id,
        person_id=person.id,
        role=asked.role,
        regions=sorted(set(asked.regions)) or None,
        themes=sorted(set(asked.themes)) or None,
        since=_midnight(asked.from_on, zone),
        until=_midnight(asked.until_on + timedelta(days=1), zone) if asked.until_on else None,
    )
    session.add(grant)
    await session.flush()
    detail = {"person": person.username, "role": grant.role, "regions": grant.regions, "themes": grant.themes}
    audit.record(
        session, mission_id=mission.id, actor=actor, action="grant.add", object_id=str(grant.id), detail=detail
    )
    return _line(person.username, grant, zone, now())


async def list_grants(session: ReadSession, mission: Mission, username: str | None = None) -> list[str]:
    """Return a line per grant of the mission, or of one person: id, who, role, where, on what, when, and whether now.

    Raises UnknownPerson for a name that is nobody's at the desk.
    """
    query = (
        select(Person.username, PersonGrant)
        .join(PersonGrant, col(PersonGrant.person_id) == col(Person.id))
        .where(Person.mission_id == mission.id, PersonGrant.mission_id == mission.id)
        .order_by(Person.username, col(PersonGrant.made_at), col(PersonGrant.id))
    )
    if username is not None:
        query = query.where(Person.id == (await _desk_person(session, mission.id, username)).id)
    zone, at = ZoneInfo(mission.zone), now()
    return [_line(name, grant, zone, at) for name, grant in (await session.exec(query)).all()]


async def end_grant(session: WriteSession, mission: Mission, key: str, *, actor: str) -> str:
    """End a grant now; returns its line. `key`: the digits its line begins with. Raises UnknownGrant.

    What had ended already stays as it was.
    """
    query = (
        select(Person.username, PersonGrant)
        .join(PersonGrant, col(PersonGrant.person_id) == col(Person.id))
        .where(Person.mission_id == mission.id, PersonGrant.mission_id == mission.id)
    )
    found = [(name, grant) for name, grant in (await session.exec(query)).all() if _digits(grant.id) == key.lower()]
    if len(found) != 1:
        raise UnknownGrant(key)
    [(name, grant)] = found
    at = now()
    if grant.until is None or grant.until > at:
        grant.until = at
        session.add(grant)
        audit.record(session, mission_id=mission.id, actor=actor, action="grant.end", object_id=str(grant.id))
    return _line(name, grant, ZoneInfo(mission.zone), at)


async def _desk_person(session: ReadSession | WriteSession, mission_id: UUID, username: str) -> Person:
    query = select(Person).where(
        Person.mission_id == mission_id, Person.username == username, Person.role != "observer"
    )
    person = (await session.exec(query)).first()
    if person is None:
        raise UnknownPerson(username)
    return person


def _check_words(what: str, words: Collection[str], known: Sequence[str]) -> None:
    for word in words:
        if word not in known:
            raise BadGrant(f"unknown {what} {word!r}. {suggestion(word, known)}")


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None


def _digits(key: UUID) -> str:
    # The last ones: the first of a UUID of version 7 are its time, alike in what was given in one sitting.
    return key.hex[-_DIGITS:]


def _line(username: str, grant: PersonGrant, zone: ZoneInfo, at: datetime) -> str:
    has_begun = grant.since is None or grant.since <= at
    has_ended = grant.until is not None and grant.until <= at
    state = "ended" if has_ended else "in force" if has_begun else "to come"
    since, until = (_moment(moment, zone) for moment in (grant.since, grant.until))
    where = "all regions" if grant.regions is None else ", ".join(grant.regions)
    about = "all themes" if grant.themes is None else ", ".join(grant.themes)
    when = f"from {since or 'the beginning'} until {until or 'further notice'}"
    return f"{_digits(grant.id)}  {username}  {grant.role}  {where}  {about}  {when}  {state}"


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else ""

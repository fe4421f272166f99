"""Writes about people: enrolling phones, signing in and out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from string import ascii_uppercase
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlmodel import col, delete, select

from steppe.audit import commands as audit
from steppe.kit.clock import now
from steppe.kit.db import WriteSession
from steppe.kit.ids import one_time_code, plain_code
from steppe.missions.feed import Changed, announce
from steppe.missions.keys import RECEIPT, TRANSPORT
from steppe.missions.models import Mission
from steppe.missions.queries import LinkedKeys, linked_keys
from steppe.missions.teams import ODIHR
from steppe.missions.teams import Person as PackPerson
from steppe.missions.teams import Team as PackTeam
from steppe.people.access import SESSION_LIFE
from steppe.people.models import DeskSession, Device, DeviceTeam, Enrolment, Person, Team, TeamRegion
from steppe.people.problems import (
    BadEnrolmentProof,
    CodeExpired,
    CodeUnknown,
    CodeUsed,
    GuestTime,
    PhoneOfAnother,
    UnknownPerson,
    UnknownTeam,
    WeakPassword,
    WrongPassword,
)
from steppe.people.queries import team_out
from steppe.people.schemas import DeviceIn
from steppe.people.tokens import new_token, password_hash, token_hash, token_of

ENROLMENT_LIFE = timedelta(hours=72)
PASSWORD_LENGTH = 10
PUBLIC_PARTS = ("kty", "crv", "x", "y")


async def open_enrolment(
    session: WriteSession,
    *,
    mission_id: UUID,
    team_code: str,
    actor: str,
    username: str | None = None,
) -> tuple[str, Person]:
    """Make a one-time code for an observer of a team; returns the code, shown once, and the person.

    Without `username` the observer of the team with the fewest open codes and devices gets it, so that calling twice
    serves both of a pair. Raises UnknownTeam, and GuestTime after the last day of a team of guests.
    """
    query = (
        select(Person)
        .join(Team)
        .where(Team.mission_id == mission_id, Team.code == team_code, Person.role == "observer")
        .where(col(Person.left_at).is_(None))
        .order_by(Person.username)
    )
    observers = (await session.exec(query)).all()
    if username is not None:
        observers = [person for person in observers if person.username == username]
    if not observers:
        msg = f"no observer {username or ''} in team {team_code}"
        raise UnknownTeam(msg)
    team = (await session.exec(select(Team).where(Team.mission_id == mission_id, Team.code == team_code))).one()
    await _check_stay(session, team, is_early_refused=False)
    held: dict[UUID, int] = defaultdict(int)
    codes = select(Enrolment.person_id).where(
        Enrolment.mission_id == mission_id, col(Enrolment.used_at).is_(None), Enrolment.expires_at > now()
    )
    # A revoked phone serves nobody: its observer is the one without a phone.
    in_use = select(Device.person_id).where(Device.mission_id == mission_id, col(Device.revoked_at).is_(None))
    for query_of in (codes, in_use):
        for person_id in (await session.exec(query_of)).all():
            held[person_id] += 1
    person = min(observers, key=lambda observer: held[observer.id])
    assert person.team_id is not None
    code = one_time_code()
    enrolment = Enrolment(
        mission_id=mission_id,
        team_id=person.team_id,
        person_id=person.id,
        code_hash=token_hash(plain_code(code)),
        expires_at=now() + ENROLMENT_LIFE,
    )
    session.add(enrolment)
    audit.record(
        session,
        mission_id=mission_id,
        actor=actor,
        action="enrolment.open",
        object_id=str(enrolment.id),
        detail={"team": team_code},
    )
    return code, person


async def load_people(
    session: WriteSession, mission_id: UUID, teams: Iterable[PackTeam], people: Iterable[PackPerson], language: str
) -> None:
    """Bring teams, areas of responsibility and people up to a pack's; nobody is removed, passwords and devices stay.

    Whoever gets another role or origin is signed out everywhere; phones of a team that is called otherwise, or is
    responsible for other regions, hear of it.
    """
    kept_teams = {
        team.code: team for team in (await session.exec(select(Team).where(Team.mission_id == mission_id))).all()
    }
    before = {team.id: await team_out(session, team) for team in kept_teams.values()}
    for given in teams:
        team = kept_teams.setdefault(given.code, Team(mission_id=mission_id, code=given.code, base_town=""))
        team.base_town, team.base_names, team.origin = given.base[language], dict(given.base), given.origin
        team.from_on, team.until_on = given.from_on, given.until_on
        session.add(team)
        await session.flush()
        await session.exec(delete(TeamRegion).where(col(TeamRegion.team_id) == team.id))
        session.add_all(TeamRegion(team_id=team.id, region_code=code) for code in given.regions)
    kept_people = {
        person.username: person
        for person in (await session.exec(select(Person).where(Person.mission_id == mission_id))).all()
    }
    changed: list[UUID] = []
    for entry in people:
        person = kept_people.get(entry.username) or Person(
            mission_id=mission_id, username=entry.username, function="", role=entry.role
        )
        if (person.role, person.origin) != (entry.role, entry.origin):
            changed.append(person.id)
        person.function, person.functions = entry.names[language], dict(entry.names)
        person.role, person.origin = entry.role, entry.origin
        person.team_id = kept_teams[entry.team].id if entry.team else None
        session.add(person)
    await session.flush()
    await _end_sessions(session, changed)
    renamed = [
        team for team in kept_teams.values() if team.id in before and before[team.id] != await team_out(session, team)
    ]
    if renamed:
        await announce(session, mission_id, *(Changed("team", str(team.id), team.id) for team in renamed))


async def set_password(session: WriteSession, *, mission_id: UUID, username: str, password: str, actor: str) -> None:
    """Give a desk person a password of at least 10 characters and sign them out everywhere.

    To be called before anything else in its transaction. Raises UnknownPerson, WeakPassword.
    """
    if len(password) < PASSWORD_LENGTH:
        raise WeakPassword
    # Before the first statement, so that nobody waits for the hash behind this transaction's locks.
    hashed = password_hash(password)
    query = select(Person).where(Person.mission_id == mission_id, Person.username == username).with_for_update()
    person = (await session.exec(query)).first()
    if person is None or person.role == "observer" or person.left_at is not None:
        msg = f"nobody at the desk is called {username}"
        raise UnknownPerson(msg)
    person.password_hash = hashed
    session.add(person)
    await _end_sessions(session, [person.id])
    audit.record(session, mission_id=mission_id, actor=actor, action="person.set_password", object_id=str(person.id))


def _check_proof(code: str, device: DeviceIn, proof: str) -> dict[str, Any]:
    try:
        public = {part: device.public_jwk[part] for part in PUBLIC_PARTS}
        if public["kty"] != "EC" or public["crv"] != "P-256":
            raise BadEnrolmentProof
        read = jws.deserialize_compact(proof, ECKey.import_key(public), algorithms=["ES256"])
        claims = json.loads(read.payload)
        fits = claims["device"] == str(device.id) and plain_code(claims["code"]) == plain_code(code)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadEnrolmentProof from error
    if not fits:
        raise BadEnrolmentProof
    return public


async def redeem(
    session: WriteSession, *, code: str, device: DeviceIn, proof: str, secret: bytes
) -> tuple[Device, LinkedKeys, Team, Person, str, str]:
    """Turn a code and a phone's new key into a device; returns it with the mission's keys as it gets them, its team,
    person, push token and access token.

    The same phone may redeem the same code again, and gets the same tokens: the first answer may have been lost on the
    way. New ones would end those that the phone holds when its first request, long given up, arrives after the second.
    With a new code a phone that was set up before comes back under its own id and key, whether it was revoked, holds
    tokens of another time than the database, or is not in the database at all, which was put back from a copy: so it
    keeps its queue, its letter and its count. Raises CodeUnknown, CodeExpired, CodeUsed, PhoneOfAnother,
    BadEnrolmentProof, GuestTime.
    """
    public = _check_proof(code, device, proof)
    query = select(Enrolment).where(Enrolment.code_hash == token_hash(plain_code(code))).with_for_update()
    enrolment = (await session.exec(query)).first()
    if enrolment is None:
        raise CodeUnknown
    if enrolment.is_over(now()):
        raise CodeExpired
    team = await session.get_one(Team, enrolment.team_id, with_for_update=True)
    person = await session.get_one(Person, enrolment.person_id)
    push_token, access_token = (
        token_of(secret, purpose, str(enrolment.id), str(device.id)) for purpose in ("push", "access")
    )
    kept = await session.get(Device, device.id)
    if enrolment.used_at is None:
        await _check_stay(session, team, is_early_refused=True)
        if kept is None:
            kept = await _new_device(session, enrolment, device, public, (push_token, access_token))
        elif (kept.team_id, kept.person_id) != (team.id, person.id) or kept.public_jwk != public:
            raise PhoneOfAnother
        was_revoked = kept.revoked_at is not None
        kept.revoked_at = kept.revoked_reason = kept.revoked_by = None
        kept.push_token_hash, kept.access_token_hash = token_hash(push_token), token_hash(access_token)
        kept.last_contact_at = now()
        enrolment.used_at, enrolment.device_id = now(), device.id
        session.add(enrolment)
        audit.record(
            session,
            mission_id=enrolment.mission_id,
            actor=f"device:{device.id}",
            action="device.enrol",
            object_id=str(device.id),
            detail={"team": team.code, "letter": kept.letter, **({"was_revoked": True} if was_revoked else {})},
        )
    elif enrolment.device_id != device.id or kept is None or kept.public_jwk != public or kept.revoked_at is not None:
        raise CodeUsed
    else:
        kept.push_token_hash, kept.access_token_hash = token_hash(push_token), token_hash(access_token)
    linked = await linked_keys(session, enrolment.mission_id, enrolment.made_at)
    kept.receipt_kid, kept.transport_kid = linked.keys[RECEIPT]["kid"], linked.keys[TRANSPORT]["kid"]
    kept.keys_serial = None
    session.add(kept)
    await session.flush()
    return kept, linked, team, person, push_token, access_token


async def _check_stay(session: WriteSession, team: Team, *, is_early_refused: bool) -> None:
    """Raise GuestTime outside the days of a guest team's stay, at headquarters.

    Only while the mission lasts: a rehearsal before it and a demonstration after it are held to no days. What a phone
    that is enrolled already sends is always taken in.
    """
    mission = await session.get_one(Mission, team.mission_id)
    today = now().astimezone(ZoneInfo(mission.zone)).date()
    if team.origin == ODIHR or not mission.opens_on <= today <= mission.closes_on:
        return
    is_early = is_early_refused and team.from_on is not None and today < team.from_on
    if is_early or (team.until_on is not None and today > team.until_on):
        msg = f"{team.code}: from {team.from_on} until {team.until_on}"
        raise GuestTime(msg)


async def _new_device(
    session: WriteSession, enrolment: Enrolment, device: DeviceIn, public: dict[str, Any], tokens: tuple[str, str]
) -> Device:
    """Return a phone the mission did not know, not written yet; `tokens`: for pushes, for everything else."""
    letter = await free_letter(session, enrolment.team_id, device.letter)
    return Device(
        id=device.id,
        mission_id=enrolment.mission_id,
        team_id=enrolment.team_id,
        person_id=enrolment.person_id,
        letter=letter,
        name=device.name,
        platform=device.platform,
        public_jwk=public,
        push_token_hash=token_hash(tokens[0]),
        access_token_hash=token_hash(tokens[1]),
    )


async def free_letter(session: WriteSession, team_id: UUID, wished: str | None) -> str:
    """Return a letter for a phone that comes into a team: the wished one if no phone of it has it or ever had it.

    Short codes go on saying which phone made a report, also one that has moved from the team.
    """
    taken = set((await session.exec(select(Device.letter).where(Device.team_id == team_id))).all())
    taken |= set((await session.exec(select(DeviceTeam.letter).where(DeviceTeam.team_id == team_id))).all())
    return wished if wished and wished not in taken else _next_letter(taken)


def _next_letter(taken: set[str]) -> str:
    size = 1
    while True:
        for letter in ascii_uppercase:
            if letter * size not in taken:
                return letter * size
        size += 1


async def open_session(session: WriteSession, person_id: UUID, *, checked: str) -> tuple[str, Person]:
    """Begin a desk session of somebody whose typed password fitted the hash `checked`; returns its token, shown once.

    Raises WrongPassword when the password was replaced, or the person left the desk, since it was checked.
    """
    person = await session.get_one(Person, person_id, with_for_update=True)
    if person.password_hash != checked or person.role == "observer":
        raise WrongPassword
    await session.exec(delete(DeskSession).where(col(DeskSession.expires_at) < now()))
    token = new_token()
    session.add(DeskSession(token_hash=token_hash(token), person_id=person.id, expires_at=now() + SESSION_LIFE))
    audit.record(
        session,
        mission_id=person.mission_id,
        actor=f"person:{person.id}",
        action="session.open",
        object_id=str(person.id),
    )
    return token, person


async def sign_out(session: WriteSession, token: str) -> None:
    """Close a desk session; nothing happens when it is closed already."""
    await session.exec(delete(DeskSession).where(col(DeskSession.token_hash) == token_hash(token)))


async def _end_sessions(session: WriteSession, people: Collection[UUID]) -> None:
    if people:
        await session.exec(delete(DeskSession).where(col(DeskSession.person_id).in_(people)))

"""Reads about people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlmodel import col, select

from steppe.kit.clock import now
from steppe.kit.db import ReadSession, WriteSession
from steppe.missions.keys import RECEIPT, TRANSPORT
from steppe.missions.models import Mission
from steppe.missions.queries import key_rows, linked_keys
from steppe.people.matching import keys_thumbprint, matching_code, root_thumbprint, shown_code
from steppe.people.models import DeskSession, Device, Enrolment, Person, Team, TeamRegion
from steppe.people.problems import CodeExpired, CodeUnknown
from steppe.people.revocations import state
from steppe.people.schemas import CodeState
from steppe.people.tokens import token_hash


async def team_out(session: ReadSession, team: Team) -> dict[str, Any]:
    """Return a team as its phones see it: code, base town, area of responsibility, and what its people are.

    `name` is in the mission's default language, for phones that know no other; `names` and `functions` (by person)
    are by language.
    """
    query = select(TeamRegion.region_code).where(TeamRegion.team_id == team.id).order_by(TeamRegion.region_code)
    regions = list((await session.exec(query)).all())
    people = select(Person.id, Person.functions).where(Person.team_id == team.id).order_by(Person.username)
    return {
        "code": team.code,
        "name": team.base_town,
        "names": team.base_names,
        "regions": regions,
        "functions": {str(key): functions for key, functions in (await session.exec(people)).all()},
    }


async def desk_people(session: ReadSession, username: str, mission_code: str | None) -> list[Person]:
    """Return who is called that at the desk, in the mission with this code or, without one, in every mission.

    The one query that asks across missions: whoever signs in has none yet. A code in other letters (`kz2021`) counts
    where no mission has exactly this one.
    """
    query = (
        select(Person, Mission.code)
        .join(Mission)
        .where(Person.username == username, Person.role != "observer")
        .order_by(Mission.code)
    )
    rows = (await session.exec(query)).all()
    if mission_code is None:
        return [person for person, _ in rows]
    exact = [person for person, code in rows if code == mission_code]
    return exact or [person for person, code in rows if code.casefold() == mission_code.casefold()]


async def has_session(session: ReadSession, token: str) -> bool:
    """Say whether a desk session has this token, over or not."""
    return await session.get(DeskSession, token_hash(token)) is not None


async def enrolment_of_code(session: ReadSession, code_hash: str) -> tuple[Enrolment, CodeState]:
    """Return the enrolment of a code by its hex SHA-256, and whether a phone has used it.

    Raises CodeUnknown, CodeExpired.
    A used code has a mission too: its phone asks again when the answer was lost on the way.
    """
    enrolment = (await session.exec(select(Enrolment).where(Enrolment.code_hash == code_hash))).first()
    if enrolment is None:
        raise CodeUnknown
    if enrolment.used_at is not None:
        return enrolment, "used"
    if enrolment.is_over(now()):
        raise CodeExpired
    return enrolment, "open"


async def link_thumbprint(session: ReadSession | WriteSession, mission_id: UUID) -> str:
    """Return what an enrolment link made now says of the mission: its root where it has one, else its keys."""
    linked = await linked_keys(session, mission_id, now())
    return root_thumbprint(linked.root) if linked.root is not None else keys_thumbprint(linked.keys)


async def team_devices(session: ReadSession, mission_id: UUID) -> list[str]:
    """Return a line per team with its devices, their observers, matching codes and last contact."""
    rows = await key_rows(session, mission_id)
    by_kid = {row.kid: row.public_jwk for row in rows}
    # Of a phone enrolled before it was noted which keys it got: the mission's first.
    first = {row.purpose: row.kid for row in reversed(rows)}
    query = (
        select(Team, Device, Person)
        .outerjoin(Device, col(Device.team_id) == Team.id)
        .outerjoin(Person, col(Device.person_id) == Person.id)
        .where(Team.mission_id == mission_id)
        .order_by(Team.code, Device.letter)
    )
    lines = []
    # The outer joins give None for a team without a device; their types do not say so.
    phones = cast("Sequence[tuple[Team, Device | None, Person | None]]", (await session.exec(query)).all())
    for team, device, person in phones:
        if device is None or person is None:
            lines.append(f"{team.code}  no device")
            continue
        kids = {RECEIPT: device.receipt_kid, TRANSPORT: device.transport_kid}
        digits = matching_code(
            device.public_jwk, {purpose: by_kid[kid or first[purpose]] for purpose, kid in kids.items()}
        )
        facts = f"{person.function}  matching code {shown_code(digits)}  {state(device)}"
        lines.append(f"{team.code}-{device.letter}  {facts}")
    return lines

"""Observers who move to another team, with their phones.

From the move on the phones belong to the new team. What they signed under the old one stays the old one's, however
late it comes (`DeviceTeam`): a phone hears of its move with its next pull, and apps of earlier versions may go on
signing with the team of their enrolment.
"""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from steppe.audit import commands as audit
from steppe.kit.clock import now
from steppe.kit.db import WriteSession
from steppe.missions.feed import Changed, announce
from steppe.people.commands import free_letter
from steppe.people.models import Device, DeviceTeam, Enrolment, Person, Team
from steppe.people.problems import UnknownMember, UnknownTeam


async def move(session: WriteSession, mission_id: UUID, username: str, team_code: str, *, actor: str) -> int:
    """Make an observer one of another team from now on; returns how many phones go along, those refused too.

    Codes nobody used yet enrol into the new team. To the team the person is in already: nothing happens. Raises
    UnknownMember for a name that is no observer's, UnknownTeam.
    """
    query = select(Person).where(Person.mission_id == mission_id, Person.username == username).with_for_update()
    person = (await session.exec(query)).first()
    if person is None or person.role != "observer" or person.team_id is None:
        raise UnknownMember(username)
    team = (await session.exec(select(Team).where(Team.mission_id == mission_id, Team.code == team_code))).first()
    if team is None:
        raise UnknownTeam(team_code)
    if person.team_id == team.id:
        return 0
    before, person.team_id = person.team_id, team.id
    session.add(person)
    unused = select(Enrolment).where(
        Enrolment.mission_id == mission_id, Enrolment.person_id == person.id, col(Enrolment.used_at).is_(None)
    )
    for enrolment in (await session.exec(unused.with_for_update())).all():
        enrolment.team_id = team.id
        session.add(enrolment)
    # In the order of their keys, as every statement that locks several.
    of_the_person = select(Device).where(Device.mission_id == mission_id, Device.person_id == person.id)
    phones = (await session.exec(of_the_person.order_by(col(Device.id)).with_for_update())).all()
    for phone in phones:
        await _move_phone(session, phone, team)
    audit.record(
        session,
        mission_id=mission_id,
        actor=actor,
        action="person.move",
        object_id=str(person.id),
        detail={"team": team.code, "phones": len(phones)},
    )
    await announce(session, mission_id, *(Changed("team", str(one), one) for one in (before, team.id)))
    return len(phones)


async def _move_phone(session: WriteSession, phone: Device, team: Team) -> None:
    """Note which team a phone was of, and give it a letter in the new one: the one it had there, if it had one."""
    held = select(DeviceTeam).where(DeviceTeam.mission_id == phone.mission_id, DeviceTeam.device_id == phone.id)
    former = {one.team_id: one for one in (await session.exec(held)).all()}
    left = former.get(phone.team_id) or DeviceTeam(
        device_id=phone.id,
        team_id=phone.team_id,
        mission_id=phone.mission_id,
        letter=phone.letter,
        left_at=now(),
    )
    left.left_at = now()
    session.add(left)
    returned = former.get(team.id)
    phone.letter = returned.letter if returned else await free_letter(session, team.id, phone.letter)
    phone.team_id = team.id
    session.add(phone)
    await session.flush()

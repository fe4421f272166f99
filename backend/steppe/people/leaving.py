"""People who leave the mission, and who come back.

What they reported stays theirs: a report names its author for ever, by function. What ends at once is what they could
still do: desk sessions, the password, codes nobody used yet, and their phones, which wipe themselves (`revocations`).
"""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, delete, select

from steppe.audit import commands as audit
from steppe.kit.clock import now
from steppe.kit.db import WriteSession
from steppe.people.models import DeskSession, Device, Enrolment, Person
from steppe.people.problems import UnknownMember
from steppe.people.revocations import revoke


async def leave(session: WriteSession, mission_id: UUID, username: str, *, actor: str) -> int:
    """Note that a person left, and end all they could do; returns how many phones are refused by it.

    Again, it changes nothing but what came since. Raises UnknownMember.
    """
    person = await _person(session, mission_id, username)
    person.left_at = person.left_at or now()
    person.password_hash = None
    session.add(person)
    await session.exec(delete(DeskSession).where(col(DeskSession.person_id) == person.id))
    unused = select(Enrolment).where(
        Enrolment.mission_id == mission_id, Enrolment.person_id == person.id, col(Enrolment.used_at).is_(None)
    )
    for enrolment in (await session.exec(unused.with_for_update())).all():
        enrolment.expires_at = min(enrolment.expires_at, now())
        session.add(enrolment)
    # In the order of their keys, as every statement that locks several.
    query = select(Device.id).where(
        Device.mission_id == mission_id, Device.person_id == person.id, col(Device.revoked_at).is_(None)
    )
    phones = (await session.exec(query.order_by(col(Device.id)))).all()
    for phone in phones:
        await revoke(session, mission_id, str(phone), reason="left", actor=actor)
    audit.record(session, mission_id=mission_id, actor=actor, action="person.leave", object_id=str(person.id))
    return len(phones)


async def come_back(session: WriteSession, mission_id: UUID, username: str, *, actor: str) -> None:
    """Note that a person is in the mission again: a new code or password lets them in. Raises UnknownMember."""
    person = await _person(session, mission_id, username)
    person.left_at = None
    session.add(person)
    audit.record(session, mission_id=mission_id, actor=actor, action="person.return", object_id=str(person.id))


async def _person(session: WriteSession, mission_id: UUID, username: str) -> Person:
    query = select(Person).where(Person.mission_id == mission_id, Person.username == username).with_for_update()
    person = (await session.exec(query)).first()
    if person is None:
        raise UnknownMember(username)
    return person

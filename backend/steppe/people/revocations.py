"""Phones that headquarters refuses: lost, seized, of somebody who left, or replaced by another.

A revoked phone is told nothing any more from the moment of its revocation, by no node. What it had sealed before is
still taken in for REVOKED_MAY_PUSH and kept aside (`revoked_device`, docs/protocol.md §4): an observer's work of the
last days must not be lost with the phone's right to read.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from sqlmodel import col, func, select

from steppe.audit import commands as audit
from steppe.kit.clock import iso, now
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.problems import Problem
from steppe.missions.models import Mission
from steppe.people.models import REVOKED_REASONS, Device, Person, Team

REVOKED_MAY_PUSH: Final = timedelta(days=14)
"""How long the door for pushes and uploads stays open."""


class UnknownPhone(Problem):
    """The mission has no such phone."""

    slug = "unknown-phone"
    status = HTTPStatus.NOT_FOUND
    title = "The mission has no such phone"
    next = "List the phones with `steppe device list`; a phone is called after its team and letter, such as LTO05-A."


class UnknownReason(Problem):
    """A phone is revoked for one of a few reasons, which say what becomes of it."""

    slug = "unknown-reason"
    status = HTTPStatus.BAD_REQUEST
    title = "A phone is not revoked for this reason"
    next = f"Say one of: {', '.join(REVOKED_REASONS)}."


async def revoke(session: WriteSession, mission_id: UUID, named: str, *, reason: str, actor: str) -> Device:
    """Refuse a phone from now on; returns it.

    `named` is its team and letter (`LTO05-A`) or its id. A phone that is revoked already gets the reason anew and keeps
    the day. Raises UnknownPhone, UnknownReason.
    """
    if reason not in REVOKED_REASONS:
        raise UnknownReason(f"{reason!r}")
    device, team = await _phone(session, mission_id, named)
    device.revoked_at = device.revoked_at or now()
    device.revoked_reason, device.revoked_by = reason, actor
    session.add(device)
    audit.record(
        session,
        mission_id=mission_id,
        actor=actor,
        action="device.revoke",
        object_id=str(device.id),
        detail={"team": team.code, "letter": device.letter, "reason": reason},
    )
    return device


async def _phone(session: WriteSession, mission_id: UUID, named: str) -> tuple[Device, Team]:
    query = select(Device, Team).join(Team).where(Device.mission_id == mission_id).with_for_update(of=Device)
    try:
        query = query.where(Device.id == UUID(named))
    except ValueError:
        team, _, letter = named.upper().rpartition("-")
        query = query.where(func.upper(Team.code) == team, Device.letter == letter)
    found = (await session.exec(query)).first()
    if found is None:
        raise UnknownPhone(named)
    return found


async def phones(session: ReadSession, mission: Mission) -> list[str]:
    """Return a line for each phone that was ever enrolled in the mission."""
    query = (
        select(Team, Device, Person)
        .join(Device, col(Device.team_id) == Team.id)
        .join(Person, col(Device.person_id) == Person.id)
        .where(Team.mission_id == mission.id)
        .order_by(Team.code, Device.letter)
    )
    return [
        f"{team.code}-{device.letter}  {device.id}  {person.function}  {state(device)}"
        for team, device, person in (await session.exec(query)).all()
    ]


def state(device: Device) -> str:
    """Return in words how a phone stands: when it was last heard, or since when and why it is refused."""
    if device.revoked_at is not None:
        return f"refused since {iso(device.revoked_at)} ({device.revoked_reason or 'no reason noted'})"
    return f"last contact {iso(device.last_contact_at) if device.last_contact_at else 'never'}"

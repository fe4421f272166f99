"""Phones that headquarters refuses: lost, seized, of somebody who left, or replaced by another.

A revoked phone is told nothing any more from the moment of its revocation, by no node. What it had sealed before is
still taken in for REVOKED_MAY_PUSH and kept aside (`revoked_device`, docs/protocol.md §4): an observer's work of the
last days must not be lost with the phone's right to read.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Final, Literal
from uuid import UUID

from sqlmodel import col, func, select

from steppe.audit import commands as audit
from steppe.kit.clock import iso, now
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.problems import Problem
from steppe.missions.models import Mission
from steppe.people.models import REVOKED_REASONS, Device, Person, Team

OrderState = Literal["given", "obeyed"]
"""Of the order to wipe itself that goes to a refused phone."""

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
    """Refuse a phone from now on, and order it to wipe itself; returns it.

    Whatever the reason: who left, or has another phone, has no use for what this one holds, and a phone said to
    be replaced may be anywhere. `named` is its team and letter (`LTO05-A`) or its id. A phone revoked already gets the
    reason anew and keeps the day and the order. Raises UnknownPhone, UnknownReason.
    """
    if reason not in REVOKED_REASONS:
        raise UnknownReason(f"{reason!r}")
    device, team = await _phone(session, mission_id, named)
    is_new = device.revoked_at is None
    device.revoked_at = device.revoked_at or now()
    device.revoked_reason, device.revoked_by = reason, actor
    if is_new or device.revoked_serial is None:
        device.revoked_serial = _next_serial(device)
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


def _next_serial(device: Device) -> int:
    """Return the serial of a new order: higher than each before, also where the database was put back from a copy."""
    return max(int(now().timestamp() * 1000), (device.revoked_serial or 0) + 1)


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


def order_state(device: Device) -> OrderState | None:
    """Return how the order to a refused phone stands; None: refused before there were orders."""
    if device.revoked_serial is None:
        return None
    return "obeyed" if device.wiped_serial == device.revoked_serial else "given"


def state(device: Device) -> str:
    """Return in words how a phone stands: when it was last heard, or since when and why it is refused."""
    if device.revoked_at is not None:
        why = device.revoked_reason or "no reason noted"
        order = order_state(device) or "not given"
        return f"refused since {iso(device.revoked_at)} ({why}), order to wipe itself {order}"
    return f"last contact {iso(device.last_contact_at) if device.last_contact_at else 'never'}"

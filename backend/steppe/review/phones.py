"""What the desk reads of the phones themselves: which there are, and when they were last heard."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from steppe.kit.db import ReadSession, WriteSession
from steppe.people.access import DeskCaller
from steppe.people.models import Device, Team, TeamRegion
from steppe.people.policy import Scope
from steppe.people.revocations import UnknownPhone, order_state, revoke
from steppe.review.missing import PhoneReports, phone_reports
from steppe.review.schemas import (
    PhoneOut,
    RefusedPhoneOut,
    RevokedPhoneOut,
    TeamOut,
    TeamsOut,
)
from steppe.submissions.revision import PhoneClock


async def teams_heard(session: ReadSession, scope: Scope) -> TeamsOut:
    """Return the teams of the scope's regions with the last contact of any of their phones, longest silent first.

    A contact is the phone's, not a report's: those who read reports are told the moment, the others the day.
    """
    phones = await _phones(session, scope)
    reports = await phone_reports(session, scope)
    lines = []
    for team, regions in await _teams(session, scope):
        in_use = [phone for phone in phones[team.id] if phone.revoked_at is None]
        refused = [phone for phone in phones[team.id] if phone.revoked_at is not None]
        # What a phone in wrong hands does says nothing of its team.
        contact = max((phone.last_contact_at for phone in in_use if phone.last_contact_at), default=None)
        made = [reports[phone.id] for phone in phones[team.id]]
        lines.append(
            TeamOut(
                code=team.code,
                base_town=team.base_town,
                regions=regions,
                devices=len(in_use),
                last_contact_at=contact if scope.levels else None,
                last_contact_on=contact.date() if contact else None,
                waiting=sum(phone.waiting for phone in made),
                skipped=sum(phone.skipped for phone in made),
                phones=[PhoneOut(**_facts(phone, reports[phone.id], scope)) for phone in in_use],
                revoked=[_refused_out(phone, reports[phone.id], scope) for phone in refused],
            )
        )
    return TeamsOut(teams=sorted(lines, key=_silence))


async def _teams(session: ReadSession, scope: Scope) -> list[tuple[Team, list[str]]]:
    """Return the teams that whoever has this scope is told of, with their regions, in the order of their codes."""
    teams = (await session.exec(select(Team).where(Team.mission_id == scope.mission).order_by(Team.code))).all()
    areas: dict[UUID, list[str]] = defaultdict(list)
    query = select(TeamRegion).join(Team).where(Team.mission_id == scope.mission).order_by(TeamRegion.region_code)
    for area in (await session.exec(query)).all():
        areas[area.team_id].append(area.region_code)
    return [
        (team, areas[team.id])
        for team in teams
        if scope.origin in {None, team.origin} and (scope.regions is None or scope.regions & set(areas[team.id]))
    ]


async def _phones(session: ReadSession, scope: Scope) -> dict[UUID, list[Device]]:
    """Return the phones of the mission's teams, those revoked too, by team, in the order of their letters."""
    query = select(Device).where(col(Device.mission_id) == scope.mission).order_by(col(Device.letter))
    phones: dict[UUID, list[Device]] = defaultdict(list)
    for device in (await session.exec(query)).all():
        phones[device.team_id].append(device)
    return phones


def _facts(device: Device, reports: PhoneReports, scope: Scope) -> dict[str, Any]:
    """Return what is told of any phone, as fields of a PhoneOut."""
    contact = device.last_contact_at
    return {
        "letter": device.letter,
        "reports": reports.out(device.outbox_waiting, is_reader=bool(scope.levels)),
        "last_contact_at": contact if scope.levels else None,
        "last_contact_on": contact.date() if contact else None,
        "clock_ahead_ms": _wrong_by(device),
        "is_clock_known": device.clock_ahead_ms is not None,
        "check": device.last_check,
        "troubles": device.troubles,
        "storage": device.storage,
        "storage_lost": device.storage_lost,
        "offered_again": device.offered_again,
    }


def _refused_out(device: Device, reports: PhoneReports, scope: Scope) -> RefusedPhoneOut:
    return RefusedPhoneOut(**_facts(device, reports, scope), **_revoked_out(device).model_dump(exclude={"letter"}))


async def refuse(session: WriteSession, caller: DeskCaller, team: str, letter: str, reason: str) -> RevokedPhoneOut:
    """Revoke a phone of a team the caller is told of, in their name. Raises UnknownPhone."""
    if team not in {one.code for one, _ in await _teams(session, caller.scope)}:
        raise UnknownPhone(f"{team}-{letter}")
    named = f"{team}-{letter}"
    device = await revoke(session, caller.mission_id, named, reason=reason, actor=f"person:{caller.person_id}")
    return _revoked_out(device)


def _revoked_out(device: Device) -> RevokedPhoneOut:
    assert device.revoked_at is not None
    return RevokedPhoneOut(
        letter=device.letter,
        since=device.revoked_at.date(),
        reason=device.revoked_reason,
        order=order_state(device),
    )


def _wrong_by(device: Device) -> int | None:
    """Return by how many milliseconds its clock was off at its last contact, None when that is nothing to tell of."""
    if device.clock_ahead_ms is None or device.clock_within_ms is None:
        return None
    clock = PhoneClock(device.clock_ahead_ms, device.clock_within_ms)
    return clock.ahead_ms if clock.is_wrong else None


def _silence(line: TeamOut) -> tuple[int, float]:
    """Sort lines by last contact, never first. Where the moment is not told, the order does not tell it either."""
    day = line.last_contact_on.toordinal() if line.last_contact_on else 0
    return day, line.last_contact_at.timestamp() if line.last_contact_at else 0.0

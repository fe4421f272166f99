"""What a push says of the phone itself: it was heard, what it still holds, what it brought that nobody had signed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BindParameter, Update, bindparam, case, func, select, update

from steppe.kit.columns import table_of
from steppe.kit.db import WriteSession
from steppe.people.access import DeviceCaller
from steppe.people.models import Device
from steppe.sync.models import InboxItem
from steppe.sync.push_state import LEAST_COUNTED
from steppe.sync.queries import Push
from steppe.sync.schemas import PushIn

MOST_AHEAD: Final = 1_000
"""How far a phone's claim of what it made may run ahead of its claims so far, at one contact."""


@cache
def _contact_statement() -> Update:
    device = table_of(Device)
    made = device.c.device_seq_made
    most = made + MOST_AHEAD
    return (
        update(device)
        .where(device.c.id == bindparam("device"))
        .values(
            last_contact_at=bindparam("at"),
            outbox_waiting=bindparam("waiting"),
            # What is not said any more is over: a clock is set in a moment, what held reports up is solved.
            clock_ahead_ms=bindparam("ahead"),
            clock_within_ms=bindparam("within"),
            troubles=bindparam("troubles"),
            keys_serial=bindparam("keys"),
            # A phone far ahead of what it showed so far has no such outbox; a thief with its token may say anything.
            device_seq_made=case(
                (bindparam("made") > most, most), (bindparam("made") > made, bindparam("made")), else_=made
            ),
        )
    )


_TOLD: Final = {
    "check": "last_check",
    "storage": "storage",
    "storage_lost": "storage_lost",
    "offered_again": "offered_again",
}
"""What a phone does not say with every push, and the column in which the last word of it stays."""


@cache
def _told_statement(column: str) -> Update:
    device = table_of(Device)
    return update(device).where(device.c.id == bindparam("device")).values({column: bindparam("told")})


@cache
def _wiped_statement() -> Update:
    device = table_of(Device)
    wiped = device.c.wiped_serial
    return (
        update(device)
        .where(device.c.id == bindparam("device"), (wiped.is_(None)) | (wiped != bindparam("serial")))
        .values(wiped_serial=bindparam("serial"), wiped_at=bindparam("at"))
    )


async def note_contacts(session: WriteSession, pushes: Sequence[Push], at: datetime) -> None:
    """Write down what the phones among the pushers say of themselves."""
    said = [
        (push.caller.device_id, push.said, len(push.items))
        for push in pushes
        if isinstance(push.caller, DeviceCaller) and push.said is not None
    ]
    if not said:
        return
    # Sorting keeps the order of a device's own pushes.
    said.sort(key=lambda each: each[0])
    connection = await session.connection()
    await connection.execute(_contact_statement(), [_contact(*each, at) for each in said])
    for name, column in _TOLD.items():
        told = [
            {"device": device, "told": word.model_dump(mode="json")}
            for device, news, _ in said
            if (word := getattr(news, name)) is not None
        ]
        if told:
            await connection.execute(_told_statement(column), told)
    wiped = [{"device": device, "serial": news.wiped, "at": at} for device, news, _ in said if news.wiped is not None]
    if wiped:
        await connection.execute(_wiped_statement(), wiped)


def _contact(device: UUID, said: PushIn, items: int, at: datetime) -> dict[str, Any]:
    return {
        "device": device,
        "at": at,
        # What this push brings has a receipt when the phone reads the answer.
        "waiting": max(0, said.outbox.waiting - items),
        "made": said.outbox.device_seq,
        "ahead": said.clock.ahead if said.clock else None,
        "within": said.clock.within if said.clock else None,
        "keys": said.keys,
        "troubles": [trouble.model_dump() for trouble in said.troubles or ()],
    }


async def unreadable_today(
    session: WriteSession, mission_id: UUID, devices: Collection[UUID | None], at: datetime
) -> dict[UUID | None, int]:
    """Return the bytes of the UTC day that each of these devices brought, or the desk (None), and nobody had signed."""
    device = table_of(Device)
    phones = [key for key in devices if key is not None]
    query = select(device.c.id, device.c.unreadable_bytes).where(
        device.c.mission_id == mission_id, device.c.id.in_(phones), device.c.unreadable_on == at.date()
    )
    counted: dict[UUID | None, int] = {row.id: row.unreadable_bytes for row in (await session.execute(query)).all()}
    if None in devices:
        counted[None] = await _unreadable_at_the_desk(session, mission_id, at)
    return counted


async def _unreadable_at_the_desk(session: WriteSession, mission_id: UUID, at: datetime) -> int:
    """Count in the inbox itself: the desk has no row of its own, and takes in few files."""
    inbox = table_of(InboxItem)
    least: BindParameter[int] = bindparam("least", LEAST_COUNTED)
    size = case((func.length(inbox.c.raw) < least, least), else_=func.length(inbox.c.raw))
    query = select(func.coalesce(func.sum(size), 0)).where(
        inbox.c.mission_id == mission_id,
        inbox.c.pusher_id.is_(None),
        inbox.c.received_at >= datetime.combine(at.date(), time(), UTC),
        inbox.c.revision_id.is_(None),
    )
    return int((await session.execute(query)).scalar_one())


async def note_unreadable(
    session: WriteSession, mission_id: UUID, counted: Mapping[UUID | None, int], at: datetime
) -> None:
    """Write these counts of the day. The devices' rows are locked since their contact was noted."""
    device = table_of(Device)
    statement = (
        update(device)
        .where(device.c.mission_id == mission_id, device.c.id == bindparam("device"))
        .values(unreadable_on=at.date(), unreadable_bytes=bindparam("counted"))
    )
    rows = [{"device": key, "counted": counted[key]} for key in sorted(key for key in counted if key is not None)]
    if rows:
        await (await session.connection()).execute(statement, rows)

"""Writes about backups: to whom they are sealed, which there are, and which lie off this machine."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlmodel import col

from steppe.attachments.models import Attachment
from steppe.audit import commands as audit
from steppe.backup.incarnation import AHEAD, Place, next_epoch
from steppe.backup.making import FinishedBackup
from steppe.backup.models import Backup, RecoveryKey
from steppe.backup.problems import KeyMade
from steppe.backup.queries import RESTORE_READ, REVOKED, recovery_key, restored_periods
from steppe.backup.rows import read_text
from steppe.kit.clock import iso, now
from steppe.kit.columns import table_of
from steppe.kit.db import WriteSession
from steppe.kit.problems import NotFound
from steppe.missions import keys
from steppe.missions.feed import Changed, announce, append_changes, take_numbers
from steppe.missions.models import Mission, MissionCounter, MissionKey
from steppe.missions.safety import UnsafeNumber, raise_safe_seq
from steppe.people.access import DeskCaller
from steppe.people.models import Device

_LISTS_AHEAD: Final = 1_000


async def keep_recovery_key(session: WriteSession, public: str, *, is_replaced: bool, actor: str) -> None:
    """Seal backups to this age recipient from now on. Raises KeyMade when there is one, unless it `is_replaced`."""
    if not is_replaced and await recovery_key(session) is not None:
        raise KeyMade
    session.add(RecoveryKey(public=public))
    audit.record(session, mission_id=None, actor=actor, action="backup.key", object_id=public)


async def note_backup(session: WriteSession, made: FinishedBackup, *, is_away: bool, actor: str) -> Backup:
    """Note a backup that stood its check; what it holds is safe from now on when it lies off this machine."""
    held = Backup(
        made_at=made.manifest.made_at,
        name=made.name,
        sha256=made.sha256,
        size=made.size,
        heads={str(head.id): {"epoch": head.epoch, "safe_to": head.safe_to} for head in made.manifest.missions},
    )
    session.add(held)
    audit.record(session, mission_id=None, actor=actor, action="backup.make", object_id=made.sha256)
    if is_away:
        await note_away(session, held, actor=actor)
    return held


async def note_away(session: WriteSession, backup: Backup, *, actor: str) -> bool:
    """Believe that a backup lies off this machine now: phones may let go of what is in it (docs/protocol.md §4).

    Of a mission that was restored since, nothing rises: its numbers are others. Returns whether it is of today's epoch.
    """
    backup.away_at = backup.away_at or now()
    session.add(backup)
    # Locks in key order, like everybody's.
    is_of_today = True
    for mission, head in sorted(backup.heads.items()):
        try:
            await raise_safe_seq(session, UUID(mission), head["safe_to"], epoch=head["epoch"])
        except UnsafeNumber:
            is_of_today = False
    audit.record(session, mission_id=None, actor=actor, action="backup.away", object_id=backup.sha256)
    return is_of_today


async def place_of(session: WriteSession, mission_id: UUID) -> Place:
    """Return where a mission's feed is, and keep it there until this transaction ends."""
    n = await take_numbers(session, mission_id, 0) - 1
    query = select(col(Mission.epoch)).where(col(Mission.id) == mission_id)
    return Place(epoch=(await session.execute(query)).scalar_one(), n=n)


async def begin_epoch(session: WriteSession, mission_id: UUID, mark: Place) -> Place:
    """Begin a new epoch: phones then offer again all they hold, and no number is given a second time.

    `mark`: the latest place of the feed that is known from elsewhere. Returns the new place.
    """
    here = await place_of(session, mission_id)
    n = max(here.n, mark.n) + AHEAD
    await take_numbers(session, mission_id, n - here.n)
    epoch = next_epoch((here.epoch, mark.epoch), now())
    await session.execute(update(table_of(Mission)).where(col(Mission.id) == mission_id).values(epoch=epoch))
    return Place(epoch=epoch, n=n)


async def note_restored(session: WriteSession, mission_id: UUID, *, action: str, detail: dict[str, Any]) -> None:
    """Leave a trace of an epoch that began: since when the desk's own facts may be missing, and after which receipt.

    Phones may hold later lists of keys than the copy; the next one comes after all of them.
    """
    serial = col(Mission.keys_serial) + _LISTS_AHEAD
    query = (
        select(col(Mission.epoch), col(Mission.epochs), col(MissionCounter.tree_size))
        .join(MissionCounter, col(MissionCounter.mission_id) == col(Mission.id))
        .where(col(Mission.id) == mission_id)
    )
    epoch, epochs, receipts = (await session.execute(query)).one()
    epochs = [*epochs, {"epoch": epoch, "receipts": receipts, "at": iso(now())}]
    values = {"keys_serial": serial, "epochs": epochs}
    await session.execute(update(table_of(Mission)).where(col(Mission.id) == mission_id).values(**values))
    audit.record(
        session,
        mission_id=mission_id,
        actor=audit.COMMAND_LINE,
        action=action,
        object_id=str(mission_id),
        detail={**detail, "at": iso(now())},
    )
    # The last of the numbers that were passed over: desks that are open hear of it.
    n = (await place_of(session, mission_id)).n
    await append_changes(session, mission_id, n, [Changed("restore", str(mission_id))])


async def note_restores_read(session: WriteSession, caller: DeskCaller, read: Collection[UUID]) -> None:
    """Note who looked after what restores may have taken from the desk; once for each. Raises NotFound."""
    # The counter's lock: two who say so at once are noted once.
    await take_numbers(session, caller.mission_id, 0)
    periods = await restored_periods(session, caller.mission_id)
    was_read = {period.id: is_read for period, is_read in periods.items()}
    if not was_read.keys() >= set(read):
        raise NotFound
    new = sorted(one for one in set(read) if not was_read[one])
    for one in new:
        audit.record(
            session,
            mission_id=caller.mission_id,
            actor=f"person:{caller.person_id}",
            action=RESTORE_READ,
            object_id=str(one),
        )
    if new:
        await announce(session, caller.mission_id, Changed("restore", str(caller.mission_id)))


async def revoke_again(session: WriteSession, revoked: Mapping[UUID, Mapping[str, Any]]) -> int:
    """Refuse phones that are refused by the list and not in this database; returns how many.

    One that was let in and refused anew since has the later order: the earlier one it has obeyed.
    """
    table = table_of(Device)
    again = 0
    for device, said in sorted(revoked.items()):
        values = {
            name: read_text(table.columns[name].type)(value)
            for name, value in said.items()
            if name in table.columns and name.startswith(REVOKED) and value is not None
        }
        if values:
            is_behind = table.c.revoked_serial < values.get("revoked_serial", 0)
            is_refused_anew = or_(table.c.revoked_at.is_(None), is_behind)
            refused = update(table).where(table.c.id == device, is_refused_anew).values(**values)
            # An update of rows says how many there were.
            again += (await session.execute(refused)).rowcount  # type: ignore[attr-defined]  # typed as any result
    return again


async def forget_files(session: WriteSession, mission_id: UUID, hashes: Collection[str]) -> None:
    """Forget that files had come which are not in the backup: whoever still holds them is asked for them again."""
    for sha256 in sorted(hashes):
        await session.execute(
            delete(table_of(Attachment)).where(
                col(Attachment.mission_id) == mission_id, col(Attachment.sha256) == sha256
            )
        )


async def nothing_is_safe(session: WriteSession, mission_id: UUID) -> None:
    """Take back what was said to lie in copies: files of it are lost, so phones keep all until the next backup."""
    await session.execute(update(table_of(Mission)).where(col(Mission.id) == mission_id).values(safe_seq=0))


async def rewrap_keys(session: WriteSession, mission_id: UUID, before: bytes, after: bytes) -> None:
    """Wrap a mission's private keys by another secret of the server."""
    table = table_of(MissionKey)
    query = select(table.c.kid, table.c.private_wrapped).where(table.c.mission_id == mission_id)
    for kid, wrapped in (await session.execute(query)).all():
        anew = keys.wrap(keys.unwrap(wrapped, before), after)
        await session.execute(update(table).where(table.c.kid == kid).values(private_wrapped=anew))

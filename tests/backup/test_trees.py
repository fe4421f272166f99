"""The tree of receipts and the trail's: whatever is taken out, changed or moved is found, and the first one named."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlmodel import col

from steppe import doctor
from steppe.audit import commands as audit
from steppe.audit.models import AuditEntry
from steppe.backup.checkpoints import enter_older_receipts, enter_trail, make_checkpoint
from steppe.backup.commands import begin_epoch, note_restored
from steppe.backup.incarnation import Place
from steppe.backup.models import Checkpoint
from steppe.backup.verifying import Verified, verify
from steppe.kit.blobs import Blobs
from steppe.kit.clock import iso
from steppe.kit.columns import table_of
from steppe.kit.merkle import Tree, canonical
from steppe.missions.mission_keys import mission_keys
from steppe.missions.models import MissionCounter
from steppe.sync.models import InboxItem
from steppe.sync.receipt_tree import enter_receipts
from tests.fixtures_server import Server

ITEMS = table_of(InboxItem)
NEIGHBOURS = 7
"""Receipts of the other mission in the same database."""
TREE, HEADS, TRAIL = "receipts in the tree", "signed heads of the tree", "audit trail"


async def found(server: Server, held: bytes = b"") -> dict[str, Verified]:
    return {one.subject: one async for one in verify(server.database, Blobs(server.settings), held)}


async def pushed(server: Server, count: int = 5) -> list[dict[str, Any]]:
    """Push reports, one of them unreadable, one at a time; return the signed lists."""
    phone = server.phones[0]
    texts = [phone.report() if number != 1 else "nonsense" for number in range(count)]
    return [await server.push(phone, text) for text in texts]


async def checkpoint(server: Server) -> Checkpoint:
    mission = server.seeded.mission.id
    async with server.database.write() as session:
        while await enter_older_receipts(session, mission) or await enter_trail(session, mission):
            pass
        key = (await mission_keys(session, mission, server.settings)).receipts[-1].key
        return await make_checkpoint(session, mission, key)


async def rows(server: Server) -> list[dict[str, Any]]:
    own = select(ITEMS).where(ITEMS.c.mission_id == server.seeded.mission.id).order_by(ITEMS.c.seq)
    async with server.database.read() as session:
        return [dict(row) for row in (await session.execute(own)).mappings()]


async def put(server: Server, row: dict[str, Any], **values: Any) -> None:
    own = (ITEMS.c.mission_id == row["mission_id"]) & (ITEMS.c.seq == row["seq"])
    async with server.database.write() as session:
        await session.execute(update(ITEMS).where(own).values(**values))


async def test_every_list_signs_the_tree_and_each_receipt_once(server: Server) -> None:
    lists = [one["read"] for one in await pushed(server)]
    assert [one["tree"]["size"] for one in lists] == [1, 2, 3, 4, 5]
    phone = server.phones[0]
    again = await server.push(phone, phone.seal(phone.made[0]), phone.report())
    assert again["read"]["tree"]["size"] == 6
    told = server.receipts((await server.pull(phone, None))["receipts"])
    assert told["tree"] == again["read"]["tree"] == (await server.push(phone))["read"]["tree"]
    held = " ".join(one["receipts"] for one in [again]).encode()
    checked = await found(server, held)
    assert (checked[TREE].looked_at, checked[HEADS].looked_at) == (6 + NEIGHBOURS, 1)
    assert not any(one.bad for one in checked.values())


async def test_a_deleted_receipt_is_named(server: Server) -> None:
    await pushed(server)
    first, second, *_, last = await rows(server)
    async with server.database.write() as session:
        await session.execute(
            delete(ITEMS).where(ITEMS.c.mission_id == first["mission_id"], ITEMS.c.seq == second["seq"])
        )
    assert (await found(server))[TREE].first == f"entry 2 is missing, before receipt number {second['seq'] + 1}"
    await put(server, last, tree_size=None)
    async with server.database.write() as session:
        await session.execute(delete(ITEMS).where(ITEMS.c.mission_id == first["mission_id"], ITEMS.c.tree_size == 1))
    assert (await found(server))[TREE].first.startswith("entry 1 is missing")


async def test_the_last_receipt_cannot_go_either(server: Server) -> None:
    await pushed(server)
    *_, last = await rows(server)
    async with server.database.write() as session:
        await session.execute(delete(ITEMS).where(ITEMS.c.mission_id == last["mission_id"], ITEMS.c.seq == last["seq"]))
    assert (await found(server))[TREE].first == "entry 5 is missing, the last is 5"


@pytest.mark.parametrize(
    "values",
    [
        {"reason": "needs_merge"},
        {"sealed_hash": "A" * 43},
        {"origin": "oscepa"},
        {"pusher_id": None},
        {"device_seq": 9},
    ],
    ids=lambda values: next(iter(values)),
)
async def test_a_changed_receipt_is_named(server: Server, values: dict[str, Any]) -> None:
    await pushed(server)
    third = (await rows(server))[2]
    await put(server, third, **values)
    said = (await found(server))[TREE].first
    assert said == f"entry 3, receipt number {third['seq']}, is not what was entered"


@pytest.mark.parametrize(
    "moved", [("tree_size", "tree_root"), ("tree_root",), ("outcome", "sealed_hash", "raw", "raw_form")]
)
async def test_swapped_receipts_are_named(server: Server, moved: tuple[str, ...]) -> None:
    await pushed(server)
    held = await rows(server)
    second, fourth = held[1], held[3]
    for one, other in ((second, fourth), (fourth, second)):
        await put(server, one, **{name: other[name] for name in moved})
    assert (await found(server))[TREE].first.startswith("entry 2, ")


async def test_a_past_written_anew_throughout_is_held_against_what_was_signed(server: Server) -> None:
    lists = await pushed(server)
    made = await checkpoint(server)
    held = await rows(server)
    held[0]["origin"] = "oscepa"
    tree = enter_receipts(Tree(), held)
    for row in held:
        await put(server, row, origin=row["origin"], tree_root=row["tree_root"])
    async with server.database.write() as session:
        counter = update(MissionCounter).where(col(MissionCounter.mission_id) == held[0]["mission_id"])
        await session.execute(counter.values(tree_size=tree.size, tree_peaks=tree.text()))
    checked = await found(server)
    assert not checked[TREE].bad
    assert "another past of 5 receipts" in checked[HEADS].first
    async with server.database.write() as session:
        await session.execute(delete(Checkpoint).where(col(Checkpoint.id) == made.id))
    assert not (await found(server))[HEADS].bad
    for kept in (made.jws, lists[2]["receipts"]):
        assert "another past" in (await found(server, f'{{"kept": "{kept}"}}\n'.encode()))[HEADS].first


async def test_what_was_there_before_the_tree_is_entered_by_the_next_checkpoint(server: Server) -> None:
    await pushed(server)
    mission = server.seeded.mission.id
    async with server.database.write() as session:
        await session.execute(update(ITEMS).where(ITEMS.c.mission_id == mission).values(tree_size=None, tree_root=None))
        counter = update(MissionCounter).where(col(MissionCounter.mission_id) == mission)
        await session.execute(counter.values(tree_size=0, tree_peaks=""))
    assert (await found(server))[TREE].remark == "5 wait for the next checkpoint"
    await pushed(server, 1)
    made = await checkpoint(server)
    checked = await found(server)
    assert (checked[TREE].looked_at, checked[TREE].remark, made.receipts) == (6 + NEIGHBOURS, "", 6)
    assert not any(one.bad for one in checked.values())


async def test_heads_of_what_a_restore_lost_are_a_gap_that_is_said(server: Server) -> None:
    lists = await pushed(server, 3)
    made = await checkpoint(server)
    mission = server.seeded.mission.id
    first = (await rows(server))[0]
    tree = enter_receipts(Tree(), [dict(first)])
    # A copy of after the first receipt stands in the place of the database.
    async with server.database.write() as session:
        await session.execute(delete(ITEMS).where(ITEMS.c.mission_id == mission, ITEMS.c.seq > first["seq"]))
        await session.execute(delete(Checkpoint).where(col(Checkpoint.mission_id) == mission))
        counter = update(MissionCounter).where(col(MissionCounter.mission_id) == mission)
        await session.execute(counter.values(tree_size=tree.size, tree_peaks=tree.text()))
        await begin_epoch(session, mission, Place(epoch=1, n=0))
        await note_restored(session, mission, action="mission.restore", detail={})
    held = "\n".join([made.jws, *(one["receipts"] for one in lists)]).encode()
    await pushed(server, 2)
    heads = (await found(server, held))[HEADS]
    assert (heads.bad, heads.looked_at) == (0, 4)
    assert heads.remark == "3 are of what a restore lost, such as receipts 2 to 3 of epoch 1"
    # What outlived the restore is held against it as ever.
    await put(server, first, origin="oscepa")
    assert "another past of 1 receipts" in (await found(server, held))[HEADS].first


async def test_the_trail_is_entered_with_checkpoints_and_held_to_them(server: Server) -> None:
    mission = server.seeded.mission.id
    async with server.database.write() as session:
        for number in range(3):
            audit.record(
                session,
                mission_id=mission,
                actor="a",
                action=f"test.{number}",
                object_id="",
                detail={"b": 1, "a": [1.5]},
            )
    assert (await found(server))[TRAIL].remark.endswith("wait for the next checkpoint")
    await checkpoint(server)
    checked = (await found(server))[TRAIL]
    assert (checked.bad, checked.remark) == (0, "")
    assert checked.looked_at >= 3
    second = col(AuditEntry.action) == "test.1"
    async with server.database.write() as session:
        await session.execute(update(AuditEntry).where(second).values(detail={"a": [1.5], "b": 2}))
    assert "test.1 of " in (await found(server))[TRAIL].first
    async with server.database.write() as session:
        await session.execute(delete(AuditEntry).where(second))
    assert "is missing, before test.2 of " in (await found(server))[TRAIL].first


@given(st.dictionaries(st.text("abc_", min_size=1), st.none() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()))
def test_entries_are_written_as_rfc_8785_writes_them(entry: dict[str, Any]) -> None:
    assert canonical(entry) == rfc8785.dumps(entry)
    assert orjson.loads(canonical(entry)) == entry


async def doctors_word(server: Server) -> doctor.Check:
    """What doctor says of the seeded mission's checkpoints."""
    checks = await doctor.examine(server.settings, server.database)
    [check] = [one for one in checks if one.subject == "checkpoint" and one.state.startswith("TST2021: ")]
    return check


async def test_doctor_says_how_old_the_newest_checkpoint_is_and_what_to_do(server: Server) -> None:
    assert (await doctors_word(server)).is_well, "there is nothing to sign yet"
    await pushed(server)
    never = await doctors_word(server)
    assert (never.is_well, never.state) == (False, "TST2021: there was never one")
    assert "steppe receipt checkpoint" in never.remedy
    made = await checkpoint(server)
    fresh = await doctors_word(server)
    assert (fresh.is_well, fresh.remedy) == (True, "")
    assert fresh.state == f"TST2021: the newest is of {iso(made.made_at)}, over 5 receipts, and fits what is held"
    await pushed(server, 1)
    assert (await doctors_word(server)).is_well, "what came since waits for the next one"
    async with server.database.write() as session:
        mine = col(Checkpoint.id) == made.id
        await session.execute(update(Checkpoint).where(mine).values(made_at=made.made_at - timedelta(hours=49)))
    old = await doctors_word(server)
    assert (old.is_well, old.remedy) == (False, never.remedy)


async def test_doctor_says_when_the_newest_checkpoint_does_not_fit_what_is_held(server: Server) -> None:
    await pushed(server)
    async with server.database.write() as session:
        audit.record(session, mission_id=None, actor="test", action="test.act", object_id="1")
    made = await checkpoint(server)
    last = (await rows(server))[-1]
    await put(server, last, tree_root="0" * 64)
    changed = await doctors_word(server)
    assert not changed.is_well
    assert "signed over 5 other receipts" in changed.state
    assert "steppe verify" in changed.remedy
    await put(server, last, tree_root=last["tree_root"])
    async with server.database.write() as session:
        await session.execute(delete(AuditEntry).where(col(AuditEntry.action) == "test.act"))
    assert "other entries of the audit trail" in (await doctors_word(server)).state
    async with server.database.write() as session:
        mine = col(Checkpoint.id) == made.id
        await session.execute(update(Checkpoint).where(mine).values(jws=made.jws[:-4] + "AAAA"))
    assert "the mission has not signed it" in (await doctors_word(server)).state

"""What is held is compared with what phones signed: the first bad entry of each kind is named."""

import hashlib
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col, select

from steppe.attachments.blob_names import whole_name
from steppe.backup.trees import DeviceChains
from steppe.backup.verifying import verify
from steppe.kit.blobs import Blobs
from steppe.kit.ids import uuid7
from steppe.submissions.models import Revision, Submission
from steppe.submissions.sealing import sign
from steppe.sync.models import InboxItem
from tests.backup.rooms import send_photo
from tests.fixtures_server import Server
from tests.summaries.test_rebuild import push_random

KINDS = [
    "receipts",
    "chains of phones",
    "receipts in the tree",
    "signed heads of the tree",
    "audit trail",
    "photos and files",
    "reports and counts, derived anew",
]


async def found(server: Server) -> dict[str, str]:
    checked = [one async for one in verify(server.database, Blobs(server.settings))]
    assert [one.subject for one in checked] == KINDS
    return {one.subject: one.first for one in checked if one.bad}


async def item(server: Server, seq: int) -> InboxItem:
    async with server.database.read() as session:
        held = await session.get(InboxItem, (server.seeded.mission.id, seq))
        assert held is not None
        return held


async def change(server: Server, seq: int, **values: Any) -> None:
    async with server.database.write() as session:
        mine = (col(InboxItem.mission_id) == server.seeded.mission.id) & (col(InboxItem.seq) == seq)
        await session.execute(update(InboxItem).where(mine).values(**values))


async def test_what_was_pushed_verifies_whole(server: Server) -> None:
    await push_random(server, 2)
    await send_photo(server, server.phones[0], b"a protocol on a board")
    assert await found(server) == {}


async def test_each_fault_is_named_with_its_number(server: Server) -> None:
    phone, other = server.phones[0], server.phones[1]
    texts = [phone.report(), phone.report(), "nonsense", phone.report()]
    first, second, aside, third = [(await server.push(phone, text))["read"]["items"][0]["seq"] for text in texts]
    assert await found(server) == {}
    # One revision in the place of another: whole bytes, rightly signed, but not what was receipted.
    await change(server, first, raw=(await item(server, second)).raw)
    await change(server, aside, raw=b"other nonsense")
    forged = sign(phone.made[2], key=other.key, kid=str(phone.id))
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    was = (await item(server, third)).raw
    await change(server, third, raw=packer.compress(forged) + packer.flush())
    checked = [one async for one in verify(server.database, Blobs(server.settings))]
    receipts = next(one for one in checked if one.subject == "receipts")
    assert (receipts.bad, receipts.first) == (3, f"number {first}: its content is another than was receipted")
    await change(server, third, raw=was[:-3])
    await change(server, first, raw=(await item(server, second)).raw, hash=(await item(server, second)).hash)
    said = await found(server)
    assert said["receipts"] == f"number {first}: id or number are others than it signed"


async def test_a_report_that_follows_another_than_was_received_is_named(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    phone.prev_hash = hashlib.sha256(b"never sent").hexdigest()[:43]
    await server.push(phone, phone.report())
    await server.push(phone, phone.report(device_seq=7), phone.report(device_seq=8))
    assert await found(server) == {
        "chains of phones": f"report 2 of phone {phone.id} does not follow the one before it"
    }


async def test_lost_and_changed_files_and_wrong_counts_are_named(server: Server) -> None:
    mission, store = server.seeded.mission.id, Blobs(server.settings)
    names = [
        whole_name(mission, await send_photo(server, server.phones[0], content)) for content in (b"first", b"second")
    ]
    await store.delete(names[0])
    assert await found(server) == {"photos and files": f"{names[0]} is not there"}
    content = await store.get(names[1])
    await store.put(names[0], content)
    async with server.database.write() as session:
        await session.execute(update(Submission).where(col(Submission.mission_id) == mission).values(severity=3))
        key = (await session.exec(select(Submission.id).where(Submission.mission_id == mission))).first()
    said = await found(server)
    assert said["photos and files"] == f"{names[0]} is not what came"
    assert "severity differ" in said["reports and counts, derived anew"]
    assert key is not None


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_an_inbox_that_cannot_be_replayed_is_a_finding_not_a_failure(server: Server) -> None:
    seq = (await server.push(server.phones[0], server.phones[0].report()))["read"]["items"][0]["seq"]
    await change(server, seq, raw=b"damaged")
    said = await found(server)
    assert said["receipts"].startswith(f"number {seq}: its bytes are damaged")
    assert "reports and counts, derived anew" in said
    async with server.database.read() as session:
        assert (await session.exec(select(Revision.seq).where(Revision.mission_id == server.seeded.mission.id))).all()


@given(st.permutations(range(1, 9)), st.sets(st.integers(1, 8)), st.integers(1, 8))
def test_a_chain_is_whole_in_whatever_order_and_with_whatever_missing(
    order: list[int], missing: set[int], broken: int
) -> None:
    device, whole, other = uuid7(), DeviceChains(), DeviceChains()
    for number in order:
        if number not in missing:
            before = f"hash {number - 1}" if number > 1 else ""
            whole.add(device, number, f"hash {number}", before)
            other.add(device, number, f"hash {number}", "another" if number == broken else before)
    assert list(whole.breaks()) == []
    is_known = broken not in missing and (broken == 1 or broken - 1 not in missing)
    assert list(other.breaks()) == ([(device, broken)] if is_known else [])

"""Every contact brings the server's signed word on its epoch and on what is safe: docs/protocol.md §4, §6."""

from typing import Any

from sqlalchemy import update
from sqlmodel import col

from steppe.missions.models import Mission
from steppe.missions.safety import raise_safe_seq
from tests.fixtures_server import Server
from tests.sync.test_parcels import take


async def _make_safe(server: Server, seq: int) -> None:
    async with server.database.write() as session:
        await raise_safe_seq(session, server.seeded.mission.id, seq, epoch=1)


def _word(payload: dict[str, Any]) -> tuple[int, int | None]:
    return payload["epoch"], payload["safe_seq"]


async def test_the_answer_to_every_push_says_how_far_the_mission_is_safe(server: Server) -> None:
    phone = server.phones[0]
    pushed = await server.push(phone, phone.report())
    [entry] = pushed["read"]["items"]
    assert _word(pushed["read"]) == (1, None)
    await _make_safe(server, entry["seq"])
    for items in ((), (phone.report(),), (phone.seal(phone.made[0]),)):
        assert _word((await server.push(phone, *items))["read"]) == (1, entry["seq"])


async def test_the_last_page_of_every_pull_says_it_too(server: Server) -> None:
    phone, _, carrier = server.phones
    await server.push(phone, phone.report(), phone.report())
    [entry] = (await server.push(carrier, phone.report()))["read"]["items"]
    await _make_safe(server, 1)
    cursor, lists = None, []
    for _ in range(20):
        page = await server.pull(phone, cursor, 1)
        cursor = page["next_cursor"]
        lists.append(server.receipts(page["receipts"]) if "receipts" in page else None)
        if not page["more"]:
            break
    # On the way only where there is something to tell.
    told = [read for read in lists if read]
    assert len(told) < len(lists)
    assert lists[-1] is not None
    assert {_word(read) for read in told} == {(1, 1)}
    assert entry in [item for read in told for item in read["items"]]
    again = server.receipts((await server.pull(phone, cursor))["receipts"])
    assert (_word(again), again["items"], again["device"]) == ((1, 1), [], str(phone.id))


async def test_a_restored_server_says_its_new_epoch_with_the_next_answer(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    async with server.database.write() as session:
        mission = update(Mission).where(col(Mission.id) == server.seeded.mission.id)
        await session.execute(mission.values(epoch=2, safe_seq=7))
    assert _word((await server.push(phone))["read"]) == (2, 7)
    assert _word(server.receipts((await server.pull(phone))["receipts"])) == (2, 7)


async def test_a_file_taken_at_the_desk_brings_the_same_word(server: Server) -> None:
    phone = server.phones[0]
    await _make_safe(server, 1)
    item = phone.report()
    assert _word((await take(server, item))["read"]) == (1, 1)

"""The feed as phones read it: docs/protocol.md §6."""

import asyncio
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col

from steppe.kit.db import Database
from steppe.missions.models import Change, Mission
from steppe.sync.cursor import Cursor, read_cursor
from tests.fixtures_checklist import answers
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server


def kinds(page: dict[str, Any]) -> list[str]:
    return [change["kind"] for change in page["changes"]]


async def test_a_first_pull_brings_mission_places_and_checklists(server: Server) -> None:
    page = await server.pull(server.phones[0])
    assert kinds(page) == ["mission", "places", "checklist"]
    mission, places, checklist = (change["data"] for change in page["changes"])
    assert (mission["code"], mission["election_day"]) == ("TST2021", "2021-01-10")
    assert places == {"version": "0011223344556677", "count": 9, "bytes": len(gzip.compress(b"{}"))}
    assert (checklist["form"], checklist["version"], checklist["status"]) == ("visit", "2021-01-05", "open")
    assert page["more"] is False
    again = await server.pull(server.phones[0], page["next_cursor"])
    assert again["changes"] == []
    assert again["next_cursor"] == page["next_cursor"]


async def test_a_team_sees_its_own_reports_and_no_others(server: Server) -> None:
    first, second, other = server.phones
    await server.push(first, first.report())
    await server.push(other, other.report(answers(station="301")), "nonsense")
    seen = [change for change in (await server.pull(second))["changes"] if change["kind"] == "submission"]
    [change] = seen
    assert change["data"]["code"] == "LTO01-A001"
    assert change["data"]["device"] == str(first.id)
    assert change["data"]["author"] == str(first.person_id)
    assert (change["data"]["team"], change["data"]["status"]) == ("LTO01", "received")
    assert "quarantine" not in kinds(await server.pull(other))


async def test_the_feed_alone_is_narrowed_to_the_team(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the wall around submissions away, no line about another team's report reaches a phone."""
    asked: list[tuple[int, str, str]] = []

    async def noted(_session: Any, _caller: Any, _mission: Any, rows: list[tuple[int, str, str]]) -> list[Any]:
        asked.extend(rows)
        return []

    monkeypatch.setattr("steppe.sync.queries.changes_now", noted)
    first, _, other = server.phones
    made = json.loads(first.revise())
    await server.push(first, first.seal(first.made[0]))
    await server.pull(other)
    assert made["submission"] not in {key for _, _, key in asked}
    await server.pull(first)
    assert made["submission"] in {key for _, _, key in asked}


async def test_submissions_alone_are_narrowed_to_the_team(server: Server) -> None:
    """With the wall around the feed away, a line about another team's report gives nothing of it."""
    first, _, other = server.phones
    made = json.loads(first.revise())
    await server.push(first, first.seal(first.made[0]))
    async with server.database.write() as session:
        await session.execute(
            update(Change).where(col(Change.object_id) == made["submission"]).values(team_id=other.team_id)
        )
    assert "submission" not in kinds(await server.pull(other))
    async with server.database.read() as session:
        line = (await session.exec(own(Change).where(col(Change.object_id) == made["submission"]))).one()
    assert line.team_id == other.team_id


async def test_pages_follow_one_another_without_loss(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, *[phone.report() for _ in range(7)])
    cursor, seen, pages = None, [], 0
    while True:
        page = await server.pull(phone, cursor, limit=3)
        seen += [(change["kind"], change["id"]) for change in page["changes"]]
        cursor, pages = page["next_cursor"], pages + 1
        if not page["more"]:
            break
    assert len(seen) == len(set(seen)) == 10
    assert pages == 4


async def test_a_report_changed_twice_is_told_once_as_it_is_now(server: Server) -> None:
    phone = server.phones[0]
    made = json.loads(phone.revise())
    edit = phone.report({"secrecy": "no"}, submission=made["submission"], base=[made["id"]])
    await server.push(phone, phone.seal(phone.made[0]), edit)
    page = await server.pull(phone)
    assert kinds(page).count("submission") == 1
    assert page["changes"][-1]["n"] == 5


async def test_a_cursor_of_another_epoch_starts_over(server: Server, database: Database) -> None:
    phone = server.phones[0]
    cursor = (await server.pull(phone))["next_cursor"]
    async with database.write() as session:
        mission = await session.get_one(Mission, server.seeded.mission.id)
        mission.epoch += 1
        session.add(mission)
    assert kinds(await server.pull(phone, cursor)) == ["mission", "places", "checklist"]


async def test_a_cursor_never_skips_a_change_while_others_write(server: Server) -> None:
    """Two phones push while a third pulls: it ends with every report, however the transactions interleave."""
    first, second, _ = server.phones
    stored: set[str] = set()
    is_done = asyncio.Event()

    async def write(rounds: int) -> None:
        for _ in range(rounds):
            for phone in (first, second):
                answer = await server.push(phone, *[phone.report() for _ in range(3)])
                stored.update(one["hash"] for one in answer["read"]["items"])

    async def writers() -> None:
        await asyncio.gather(write(4), write(4))
        is_done.set()

    seen: list[str] = []

    async def reader() -> None:
        cursor = None
        while True:
            is_last = is_done.is_set()
            page = await server.pull(first, cursor, limit=2)
            seen.extend(change["id"] for change in page["changes"] if change["kind"] == "submission")
            cursor = page["next_cursor"]
            if is_last and not page["more"]:
                return

    await asyncio.gather(writers(), reader())
    assert len(stored) == 48
    assert len(seen) == len(set(seen)) == 48


async def test_limits_of_a_pull_are_said_clearly(server: Server) -> None:
    for limit in (0, 501, "many", True):
        refused = await server.as_device(server.phones[0], "POST", "/sync/pull", json={"cursor": None, "limit": limit})
        assert refused.status_code == 400


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**63 - 1))
def test_a_cursor_reads_back(epoch: int, n: int) -> None:
    assert read_cursor(Cursor(epoch, n).text(), epoch) == Cursor(epoch, n)


@given(st.text(max_size=200) | st.none())
def test_a_damaged_cursor_starts_over(text: str | None) -> None:
    assert read_cursor(text, 1).epoch == 1

"""Grants as the command line gives them: what is written is what the desk obeys at the next request."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from steppe.audit.models import AuditEntry
from steppe.kit.clock import now
from steppe.missions.models import Mission
from steppe.people.grants import GrantToAdd, add_grant, end_grant, list_grants
from steppe.people.models import Person
from steppe.people.problems import BadGrant, UnknownGrant
from tests.fixtures_desk import ask, asked, push_reports
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server


async def add(server: Server, asked_for: GrantToAdd) -> str:
    """Give a grant in the seeded mission; returns the digits it is named by."""
    async with server.database.write() as session:
        mission = await session.get_one(Mission, server.seeded.mission.id)
        return (await add_grant(session, mission, asked_for, actor="test")).partition(" ")[0]


async def end(server: Server, key: str) -> None:
    async with server.database.write() as session:
        await end_grant(session, await session.get_one(Mission, server.seeded.mission.id), key, actor="test")


async def test_a_grant_narrows_from_the_next_request_and_leaves_nothing_when_it_ends(server: Server) -> None:
    await push_reports(server, server.phones[0], {"station": "101"}, {"station": "201"})
    key = await add(server, GrantToAdd("coordinator", "coordinator", ("KZ-AST",)))
    assert (await asked(server, "coordinator", "/regions/all/summary"))["reports"] == 1
    await add(server, GrantToAdd("coordinator", "coordinator", ("KZ-AKM",)))
    assert (await asked(server, "coordinator", "/regions/all/summary"))["reports"] == 2
    await end(server, key)
    assert (await asked(server, "coordinator", "/regions/all/summary"))["reports"] == 1
    assert (await ask(server, "coordinator", "/regions/KZ-AST/summary")).status_code == 404


async def test_a_grant_holds_on_its_first_and_last_day_at_headquarters(server: Server) -> None:
    today = now().astimezone().date()
    far = timedelta(days=3)
    await add(server, GrantToAdd("head", "head", from_on=today + far))
    assert (await ask(server, "head", "/regions")).status_code == 404
    await add(server, GrantToAdd("head", "head", from_on=today - far, until_on=today + far))
    assert (await ask(server, "head", "/regions")).status_code == 200
    async with server.database.read() as session:
        mission = await session.get_one(Mission, server.seeded.mission.id)
        lines = await list_grants(session, mission, "head")
    assert [line.rpartition("  ")[2] for line in lines] == ["to come", "in force"]
    assert f"until {today + far + timedelta(days=1)} 00:00" in lines[1]


async def test_the_audit_trail_knows_what_was_given_and_ended(server: Server) -> None:
    await end(server, await add(server, GrantToAdd("expert", "expert", themes=("wom",))))
    async with server.database.read() as session:
        entries = (await session.exec(own(AuditEntry).where(col(AuditEntry.action).startswith("grant.")))).all()
    given, ended = sorted(entries, key=lambda entry: entry.action)
    assert given.detail == {"person": "expert", "role": "expert", "regions": None, "themes": ["wom"]}
    assert (ended.action, ended.object_id) == ("grant.end", given.object_id)


async def test_another_missions_grants_are_neither_listed_nor_ended(server: Server) -> None:
    key = await add(server, GrantToAdd("head", "head"))
    async with server.database.write() as session:
        others = select(Mission).where(col(Mission.id) != server.seeded.mission.id)
        neighbour = (await session.exec(others)).first()
        assert neighbour is not None
        assert await list_grants(session, neighbour) == []
        with pytest.raises(UnknownGrant):
            await end_grant(session, neighbour, key, actor="test")


async def test_a_guest_is_not_made_an_administrator(server: Server) -> None:
    is_head = (col(Person.mission_id) == server.seeded.mission.id, col(Person.username) == "head")
    async with server.database.write() as session:
        await session.execute(update(Person).where(*is_head).values(origin="oscepa"))
    with pytest.raises(BadGrant):
        await add(server, GrantToAdd("head", "admin"))
    await add(server, GrantToAdd("head", "expert", until_on=date(2999, 1, 1)))

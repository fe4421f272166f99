"""Signing in where several missions use the same names, as every pack does."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import argon2
import httpx
import pytest

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.missions.models import Mission
from steppe.people import tokens
from steppe.people.models import Person
from tests.fixtures_checklist import texts
from tests.fixtures_desk import browser, give_password
from tests.fixtures_mission import seed

SESSION = "/api/v1/session"
FIRST, SECOND = "the first four words", "the second four words"


async def second_mission(database: Database) -> UUID:
    """A mission with an expert like the seeded one, and a name only it has."""
    mission = Mission(
        code="XYZ2026",
        name=texts("Another mission"),
        type="EOM",
        zone="Europe/Chisinau",
        languages=["en"],
        default_language="en",
        opens_on=date(2026, 11, 1),
        closes_on=date(2026, 12, 31),
        election_on=date(2026, 12, 6),
    )
    async with database.write() as session:
        session.add(mission)
        await session.flush()
        for username in ("expert", "only-here", "no-password"):
            session.add(Person(mission_id=mission.id, username=username, function="Expert", role="expert"))
        session.add(Person(mission_id=mission.id, username="LTO01A", function="Observer", role="observer"))
    return mission.id


@pytest.fixture
async def client(database: Database, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    first = (await seed(database, settings)).mission.id
    second = await second_mission(database)
    await give_password(database, first, FIRST)
    await give_password(database, second, SECOND)
    await give_password(database, second, SECOND, "only-here")
    async with browser(settings) as opened:
        yield opened


async def sign_in(client: httpx.AsyncClient, username: str, password: str, mission: str | None) -> httpx.Response:
    return await client.post(SESSION, json={"username": username, "password": password, "mission": mission})


@pytest.mark.parametrize(("mission", "password"), [("TST2021", FIRST), ("XYZ2026", SECOND), ("xyz2026", SECOND)])
async def test_each_signs_in_to_the_mission_that_was_named(
    client: httpx.AsyncClient, mission: str, password: str
) -> None:
    answer = await sign_in(client, "expert", password, mission)
    assert answer.status_code == 200
    assert answer.json()["mission"]["code"] == mission.upper()
    assert (await client.get(SESSION)).json()["mission"]["code"] == mission.upper()


async def test_a_password_opens_its_own_mission_only(client: httpx.AsyncClient) -> None:
    for mission, password in (("TST2021", SECOND), ("XYZ2026", FIRST), ("NONE", FIRST)):
        assert (await sign_in(client, "expert", password, mission)).status_code == 401


async def test_a_name_in_one_mission_needs_no_code(client: httpx.AsyncClient) -> None:
    answer = await client.post(SESSION, json={"username": "only-here", "password": SECOND})
    assert answer.json()["mission"]["code"] == "XYZ2026"


async def test_a_name_in_several_is_asked_for_the_mission_whatever_the_password(client: httpx.AsyncClient) -> None:
    answers = [await sign_in(client, "expert", password, None) for password in (FIRST, SECOND, "a guess of mine")]
    assert {answer.status_code for answer in answers} == {409}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["type"] == "urn:steppe:problem:choose-mission"
    assert "TST2021" not in answers[0].text
    assert "XYZ2026" not in answers[0].text
    assert all("set-cookie" not in answer.headers for answer in answers)


async def test_an_observers_name_in_several_missions_is_nobodys_at_the_desk(client: httpx.AsyncClient) -> None:
    assert (await sign_in(client, "LTO01A", FIRST, None)).status_code == 401


async def test_every_sign_in_costs_one_password_hash(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = 0
    real = argon2.PasswordHasher()

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            nonlocal hashes
            hashes += 1
            return bool(real.verify(kept, password))

    monkeypatch.setattr(tokens, "_passwords", Counting())
    cases = [
        ("expert", FIRST, "TST2021", 200),
        ("expert", SECOND, "TST2021", 401),
        ("expert", FIRST, None, 409),
        ("expert", "a guess of mine", None, 409),
        ("only-here", SECOND, None, 200),
        ("no-password", SECOND, None, 401),
        ("nobody", FIRST, None, 401),
        ("expert", FIRST, "NONE", 401),
    ]
    for username, password, mission, status in cases:
        hashes = 0
        assert (await sign_in(client, username, password, mission)).status_code == status
        assert hashes == 1, (username, mission)


async def test_guesses_in_one_mission_leave_the_same_name_in_the_other_its_tries(client: httpx.AsyncClient) -> None:
    for _ in range(10):
        assert (await sign_in(client, "expert", "a guess of mine", "TST2021")).status_code == 401
    assert (await sign_in(client, "expert", FIRST, "TST2021")).status_code == 429
    assert (await sign_in(client, "expert", SECOND, "XYZ2026")).status_code == 200

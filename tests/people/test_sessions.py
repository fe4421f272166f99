"""Signing in at the desk."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlmodel import col, select, update

from steppe.kit.clock import now
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.missions.teams import Person as PackPerson
from steppe.people import commands
from steppe.people.models import DeskSession, Person
from steppe.people.problems import UnknownPerson, WeakPassword, WrongPassword
from tests.fixtures_desk import OWN, browser, give_password
from tests.fixtures_mission import Seeded, seed

PASSWORD = "four random words"
SESSION = "/api/v1/session"


@pytest.fixture
async def seeded(database: Database, settings: Settings) -> Seeded:
    seeded = await seed(database, settings)
    await give_password(database, seeded.mission.id, PASSWORD)
    return seeded


@pytest.fixture
async def client(settings: Settings, seeded: Seeded) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(settings) as client:
        yield client


async def sign_in(client: httpx.AsyncClient, password: str = PASSWORD, username: str = "expert") -> httpx.Response:
    return await client.post(SESSION, json={"username": username, "password": password, "mission": "TST2021"})


async def test_a_session_opens_shows_who_it_is_and_closes(client: httpx.AsyncClient, database: Database) -> None:
    answer = await sign_in(client)
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert (await client.get(SESSION)).json()["role"] == "expert"
    token = client.cookies["steppe_session"]
    async with database.read() as session:
        kept = (await session.exec(select(DeskSession.token_hash))).all()
    assert token not in kept
    assert (await client.delete(SESSION)).status_code == 204
    client.cookies.set("steppe_session", token)
    assert (await client.get(SESSION)).status_code == 401


async def test_a_wrong_password_and_an_unknown_name_look_the_same(client: httpx.AsyncClient) -> None:
    wrong = await sign_in(client, "not it at all")
    unknown = await sign_in(client, "not it at all", username="nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


async def test_an_observer_has_no_way_in_at_the_desk(client: httpx.AsyncClient) -> None:
    assert (await sign_in(client, "", username="LTO01A")).status_code == 401


async def test_a_session_ends_when_its_time_is_over(client: httpx.AsyncClient, database: Database) -> None:
    await sign_in(client)
    for left, status in ((timedelta(minutes=1), 200), (timedelta(seconds=-1), 401)):
        async with database.write() as session:
            await session.exec(update(DeskSession).values(expires_at=now() + left))
        assert (await client.get(SESSION)).status_code == status


async def test_a_new_session_lasts_twelve_hours(client: httpx.AsyncClient, database: Database) -> None:
    before = now()
    await sign_in(client)
    async with database.read() as session:
        ends = (await session.exec(select(DeskSession.expires_at).order_by(col(DeskSession.expires_at).desc()))).first()
    assert ends is not None
    assert before + timedelta(hours=12) <= ends <= now() + timedelta(hours=12)


async def test_a_new_password_ends_the_sessions_of_that_person_alone(
    client: httpx.AsyncClient, database: Database, seeded: Seeded
) -> None:
    await sign_in(client)
    await give_password(database, seeded.mission.id, "another four words")
    assert (await client.get(SESSION)).status_code == 401
    other = {"Cookie": f"steppe_session={seeded.desk_cookies['head']}"}
    client.cookies.clear()
    assert (await client.get(SESSION, headers=other)).status_code == 200


async def test_another_role_ends_the_sessions_and_the_same_role_does_not(
    client: httpx.AsyncClient, database: Database, seeded: Seeded
) -> None:
    await sign_in(client)
    for role, status in (("expert", 200), ("coordinator", 401)):
        entry = PackPerson(username="expert", role=role, team=None, themes=(), names={"en": "Expert"})
        async with database.write() as session:
            await commands.load_people(session, seeded.mission.id, [], [entry], "en")
        assert (await client.get(SESSION)).status_code == status, role


async def test_a_password_replaced_while_the_old_one_was_checked_opens_nothing(
    database: Database, seeded: Seeded
) -> None:
    async with database.read() as session:
        person = (
            await session.exec(
                select(Person).where(Person.mission_id == seeded.mission.id, Person.username == "expert")
            )
        ).one()
    assert person.password_hash is not None
    await give_password(database, seeded.mission.id, "another four words")
    async with database.write() as session:
        with pytest.raises(WrongPassword):
            await commands.open_session(session, person.id, checked=person.password_hash)


async def test_behind_https_both_cookies_are_this_hosts_alone(settings: Settings, seeded: Seeded) -> None:
    secure = settings.model_copy(update={"is_cookie_secure": True})
    async with browser(secure, is_https=True) as client:
        answer = await sign_in(client)
        cookies = {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}
        assert set(cookies) == {"__Host-steppe_session", "__Host-steppe_known"}
        for line in cookies.values():
            assert re.search(r"; Secure", line)
            assert "Path=/;" in line
            assert "Domain" not in line
        assert (await client.get(SESSION)).status_code == 200
        # A session from before the prefix goes on until its time is over.
        old = {"Cookie": f"steppe_session={seeded.desk_cookies['head']}"}
        client.cookies.clear()
        assert (await client.get(SESSION, headers=old)).json()["role"] == "head"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "text/plain", **OWN},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/json", **OWN, "Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "application/json", **OWN, "Sec-Fetch-Site": "same-site"},
    ],
    ids=["form", "not JSON", "no X-Steppe", "another site", "another host of the domain"],
)
async def test_no_foreign_page_signs_a_browser_in(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    del client.headers["X-Steppe"]
    body = f'{{"username":"expert","password":"{PASSWORD}","mission":"TST2021"}}'
    answer = await client.post(SESSION, content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert answer.json()["type"] == "urn:steppe:problem:foreign-request"
    assert answer.json()["next"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", [{}, {**OWN, "Sec-Fetch-Site": "cross-site"}], ids=["no X-Steppe", "another site"])
async def test_no_foreign_page_signs_a_browser_out(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    await sign_in(client)
    del client.headers["X-Steppe"]
    answer = await client.delete(SESSION, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:steppe:problem:foreign-request")
    assert (await client.get(SESSION)).status_code == 200


async def test_our_own_page_signs_in_and_out(client: httpx.AsyncClient) -> None:
    for site in ("same-origin", "none"):
        client.headers["Sec-Fetch-Site"] = site
        answer = await sign_in(client)
        assert answer.status_code == 200
        assert (await client.delete(SESSION)).status_code == 204


async def test_a_password_is_long_and_for_somebody_at_the_desk(database: Database, seeded: Seeded) -> None:
    async with database.write() as session:
        with pytest.raises(WeakPassword):
            await commands.set_password(
                session, mission_id=seeded.mission.id, username="expert", password="short", actor="test"
            )
        for name in ("nobody", "LTO01A"):
            with pytest.raises(UnknownPerson):
                await commands.set_password(
                    session, mission_id=seeded.mission.id, username=name, password=PASSWORD, actor="test"
                )

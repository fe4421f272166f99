"""Signing in at the desk."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.main import create_app
from steppe.people import commands
from steppe.people.models import DeskSession
from steppe.people.problems import UnknownPerson, WeakPassword
from tests.fixtures_mission import seed

PASSWORD = "four random words"


@pytest.fixture
def settings(engine_url: str, tmp_path: Path) -> Settings:
    """A server with one mission alone: signing in by a bare name is tested here, choosing among missions is not."""
    return Settings(data=tmp_path / "data", database_url=engine_url)


@pytest.fixture
async def client(database: Database, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    mission = await seed(database, settings)
    async with database.write() as session:
        await commands.set_password(
            session, mission_id=mission.mission.id, username="expert", password=PASSWORD, actor="test"
        )
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://steppe.test") as opened:
        yield opened
    await app.state.database.close()
    commands.forget_failures()


async def test_a_session_opens_shows_who_it_is_and_closes(client: httpx.AsyncClient, database: Database) -> None:
    opened = await client.post("/api/v1/session", json={"username": "expert", "password": PASSWORD})
    assert opened.status_code == 200
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert (await client.get("/api/v1/session")).json()["role"] == "expert"
    token = client.cookies["steppe_session"]
    async with database.read() as session:
        kept = (await session.exec(select(DeskSession.token_hash))).all()
    assert token not in kept
    assert (await client.delete("/api/v1/session")).status_code == 204
    client.cookies.set("steppe_session", token)
    assert (await client.get("/api/v1/session")).status_code == 401


async def test_a_wrong_password_and_an_unknown_name_look_the_same(client: httpx.AsyncClient) -> None:
    wrong = await client.post("/api/v1/session", json={"username": "expert", "password": "not it at all"})
    unknown = await client.post("/api/v1/session", json={"username": "nobody", "password": "not it at all"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


async def test_an_observer_has_no_way_in_at_the_desk(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/session", json={"username": "LTO01A", "password": ""})
    assert answer.status_code == 401


async def test_guessing_is_slowed_down_but_ends(client: httpx.AsyncClient) -> None:
    for _ in range(10):
        await client.post("/api/v1/session", json={"username": "expert", "password": "a guess of mine"})
    answer = await client.post("/api/v1/session", json={"username": "expert", "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


async def test_a_password_is_long_and_for_somebody_at_the_desk(database: Database, settings: Settings) -> None:
    mission = (await seed(database, settings)).mission
    async with database.write() as session:
        with pytest.raises(WeakPassword):
            await commands.set_password(
                session, mission_id=mission.id, username="expert", password="short", actor="test"
            )
        for name in ("nobody", "LTO01A"):
            with pytest.raises(UnknownPerson):
                await commands.set_password(
                    session, mission_id=mission.id, username=name, password=PASSWORD, actor="test"
                )

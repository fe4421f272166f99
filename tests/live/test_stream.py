"""The live stream: what a desk is told, and when it ends."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, select
from sqlmodel import col

from steppe.kit.clock import now
from steppe.kit.db import Database
from steppe.live import stream
from steppe.live.watch import Watch
from steppe.people import access
from steppe.people.models import DeskSession, Person, PersonGrant
from tests.fixtures_desk import cookie, push_reports
from tests.fixtures_server import API, Server, node

PATIENCE = 20.0


@dataclass
class Heard:
    """One thing that came down the stream."""

    event: str
    n: int
    regions: list[str]


def read(chunk: str) -> Heard | None:
    fields = dict(line.split(": ", 1) for line in chunk.splitlines() if line and not line.startswith(":"))
    if not fields:
        return None
    data = json.loads(fields["data"])
    assert int(fields["id"]) == data["n"]
    return Heard(fields["event"], data["n"], data["regions"])


@dataclass
class Listener:
    """A browser's end of the stream."""

    queue: "asyncio.Queue[bytes | None]"

    async def hear(self) -> Heard:
        """Wait for the next event. Comments are passed over."""
        while True:
            chunk = await asyncio.wait_for(self.queue.get(), PATIENCE)
            assert chunk is not None, "the stream ended"
            heard = read(chunk.decode())
            if heard:
                return heard

    async def end(self) -> None:
        """Wait for the end of the stream, whatever comes before it."""
        while await asyncio.wait_for(self.queue.get(), PATIENCE) is not None:
            continue


@asynccontextmanager
async def listening(server: Server, role: str = "expert", last: int | None = None) -> AsyncIterator[Listener]:
    """Open `/live` on the application itself: httpx would wait for the end of the answer."""
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    gone = asyncio.Event()
    headers = [(b"cookie", cookie(server, role)["Cookie"].encode())]
    if last is not None:
        headers.append((b"last-event-id", str(last).encode()))
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"{API}/live",
        "raw_path": f"{API}/live".encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("steppe.test", 80),
    }

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
        elif message.get("body"):
            await queue.put(message["body"])
        if message["type"] == "http.response.body" and not message.get("more_body"):
            await queue.put(None)

    app: Callable[..., Any] = server.client._transport.app  # type: ignore[attr-defined]  # ASGITransport keeps it
    task = asyncio.create_task(app(scope, receive, send))
    try:
        yield Listener(queue)
    finally:
        gone.set()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_push_is_heard_with_the_regions_it_touched(server: Server) -> None:
    async with listening(server) as desk:
        ready = await desk.hear()
        assert (ready.event, ready.regions) == ("ready", [])
        await push_reports(server, server.phones[0], {"station": "101"}, {"station": "201"}, {"station": None})
        heard = await desk.hear()
        assert (heard.event, heard.n) == ("change", ready.n + 3)
        assert {"KZ-AST", "KZ-AKM"} <= set(heard.regions)


async def test_a_desk_that_comes_back_is_told_what_it_missed(server: Server) -> None:
    async with listening(server) as desk:
        last = (await desk.hear()).n
    await push_reports(server, server.phones[2], {"station": "301"})
    async with listening(server, last=last) as desk:
        heard = await desk.hear()
    assert (heard.event, heard.n, heard.regions) == ("change", last + 1, ["KZ-SEV"])


async def test_a_push_to_another_node_is_heard_too(server: Server) -> None:
    async with node(server.settings, server.seeded) as other, listening(other) as desk:
        await desk.hear()
        await push_reports(server, server.phones[2], {"station": "301"})
        assert (await desk.hear()).regions == ["KZ-SEV"]


async def test_a_commit_of_the_same_process_is_heard_without_waiting_for_the_poll(server: Server) -> None:
    watch = Watch(server.database, poll_s=3600)
    server.client._transport.app.state.parts.put(watch)  # type: ignore[attr-defined]  # ASGITransport keeps it
    async with listening(server) as desk:
        await desk.hear()
        await push_reports(server, server.phones[0], {})
        assert (await desk.hear()).event == "change"


async def test_the_database_is_watched_only_while_somebody_listens(server: Server) -> None:
    watch: Watch = server.client._transport.app.state.parts[Watch]  # type: ignore[attr-defined]  # ASGITransport keeps it
    # Others look at every commit, whoever listens.
    watching = set(server.database.after_commit)
    states = [watch.is_running]
    async with listening(server) as one, listening(server, "head") as other:
        await one.hear()
        await other.hear()
        states.append(watch.is_running)
    assert [*states, watch.is_running] == [False, True, False]
    assert server.database.after_commit == watching


async def test_signing_out_ends_the_stream_before_the_next_event(server: Server) -> None:
    async with listening(server) as desk:
        await desk.hear()
        async with server.database.write() as session:
            _ = await session.execute(delete(DeskSession).where(col(DeskSession.token_hash).is_not(None)))
        await push_reports(server, server.phones[0], {})
        await desk.end()


async def test_signing_out_ends_a_silent_stream_at_the_next_heartbeat(database: Database) -> None:
    watch = Watch(database, poll_s=3600)
    welcome = [True, True, False]

    async def is_welcome() -> bool:
        return welcome.pop(0)

    async def news(after: int | None) -> tuple[int, list[str]]:
        return 7, []

    mission = uuid4()
    events = stream.changes(watch, mission, after=None, is_welcome=is_welcome, news=news, heartbeat_s=0.01)
    chunks = [chunk async for chunk in events]
    assert chunks == [b'event: ready\nid: 7\ndata: {"n":7,"regions":[]}\n\n', b": here\n\n", b": here\n\n"]


async def test_a_report_a_listener_may_not_read_does_not_ring(server: Server) -> None:
    async with listening(server, "expert") as desk:
        await desk.hear()
        await push_reports(server, server.phones[0], {"station": "101", "conf_level": "sealed"})
        await push_reports(server, server.phones[2], {"station": "301"})
        assert (await desk.hear()).regions == ["KZ-SEV"]


async def test_who_reads_no_reports_hears_of_three_and_of_no_single_one(server: Server) -> None:
    async with listening(server, "auditor") as desk:
        await desk.hear()
        for station in ("301", "101", "101"):
            await push_reports(server, server.phones[0], {"station": station})
        await push_reports(server, server.phones[0], {"station": "101"})
        assert (await desk.hear()).regions == ["KZ-AST"]


async def test_a_grant_ends_the_streams_of_the_scope_it_changes(server: Server) -> None:
    async with listening(server, "expert") as desk:
        await desk.hear()
        async with server.database.write() as session:
            named = select(Person).where(
                col(Person.username) == "expert", col(Person.mission_id) == server.seeded.mission.id
            )
            person = (await session.execute(named)).scalar_one()
            session.add(
                PersonGrant(mission_id=person.mission_id, person_id=person.id, role="expert", regions=["KZ-SEV"])
            )
        await push_reports(server, server.phones[0], {"station": "101"})
        await desk.end()


async def grant(server: Server, username: str, **facts: Any) -> None:
    async with server.database.write() as session:
        named = select(Person).where(
            col(Person.username) == username, col(Person.mission_id) == server.seeded.mission.id
        )
        person = (await session.execute(named)).scalar_one()
        session.add(PersonGrant(mission_id=person.mission_id, person_id=person.id, **facts))


@pytest.mark.parametrize("regions", [None, ["KZ-AST"]])
async def test_a_grant_that_runs_out_ends_the_streams_it_opened(
    server: Server, monkeypatch: pytest.MonkeyPatch, regions: list[str] | None
) -> None:
    until = now() + timedelta(hours=1)
    await grant(server, "expert", role="expert", until=until, regions=regions)
    async with listening(server, "expert") as desk:
        await desk.hear()
        monkeypatch.setattr(access, "now", lambda: until)
        await push_reports(server, server.phones[0], {"station": "101"})
        await desk.end()


async def test_a_grant_that_begins_ends_the_streams_of_the_scope_before_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = now() + timedelta(hours=1)
    await grant(server, "expert", role="expert", regions=["KZ-AST"])
    await grant(server, "expert", role="expert", regions=["KZ-SEV"], since=since)
    async with listening(server, "expert") as desk:
        await desk.hear()
        await push_reports(server, server.phones[2], {"station": "301"})
        await push_reports(server, server.phones[0], {"station": "101"})
        assert (await desk.hear()).regions == ["KZ-AST"]
        monkeypatch.setattr(access, "now", lambda: since)
        await push_reports(server, server.phones[0], {"station": "101"})
        await desk.end()


@pytest.mark.parametrize("moments", [{"since": timedelta(minutes=1)}, {"until": timedelta(minutes=-1)}])
async def test_no_grant_in_force_opens_no_stream(server: Server, moments: dict[str, timedelta]) -> None:
    await grant(server, "head", role="head", **{key: now() + value for key, value in moments.items()})
    assert (await server.client.get(f"{API}/live", headers=cookie(server, "head"))).status_code == 404

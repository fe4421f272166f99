"""What is measured on one engine, in the order of a growing database."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlmodel import select

from steppe.kit.db import Database
from steppe.kit.ids import uuid7
from steppe.kit.settings import Settings
from steppe.missions.models import Mission
from steppe.people.policy import whole_mission
from steppe.summaries.queries import region_summary
from tests.bench.load import PUSH, Work, check, p50, p95, push_all, timed
from tests.bench.processor import cpu_seconds, family_seconds, peak_megabytes
from tests.bench.reports import BATCH, Stock
from tests.bench.site import DESK
from tests.bench.wire import Wire
from tests.e2e.server import Server
from tests.postgres import Cluster

REGION: Final = "KZ-KAR"
BATCH_CLIENTS: Final = 4
SINGLE_CLIENTS: Final = 16
ASKED: Final = 60
REVIEWED: Final = 40
"""Pages that are listed, and reports that are opened, accepted and asked about."""
JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything. `pushes` a client; `stored`: reports held when summaries are read."""

    pushes: int
    singles: int
    stored: tuple[int, ...]

    def reports_per_phone(self, phones: int) -> int:
        """Return how many sealed reports each phone must have ready."""
        # Those with most left push first; so none is ahead of another by more than one round of each kind.
        return self.stored[-1] // phones + BATCH * (2 * self.fill_pushes + self.last_pushes + 2)

    @property
    def fill_pushes(self) -> int:
        """Requests of each client in one round of filling."""
        return max(1, self.pushes // 6)

    @property
    def last_pushes(self) -> int:
        """Requests of each client when all is stored."""
        return max(1, self.pushes // 2)


FULL: Final = Sizes(pushes=30, singles=100, stored=(10_000, 20_000, 100_000))
QUICK: Final = Sizes(pushes=8, singles=25, stored=(2_000, 8_000))


@dataclass
class Engine:
    """One running server on one database; `cluster` when that is PostgreSQL."""

    name: str
    server: Server
    stocks: list[Stock]
    cluster: Cluster | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    stored: int = 0

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self.server._process is not None
        return self.server._process.pid

    def cpu(self) -> tuple[float, float]:
        """Processor seconds of the server and of PostgreSQL."""
        return cpu_seconds(self.pid), family_seconds(self.cluster.process.pid) if self.cluster else 0.0

    async def push(self, clients: int, requests: int, batch: int) -> Work:
        """Let the phones with most reports left push; counts what is stored."""
        stocks = sorted(self.stocks, key=lambda stock: stock.taken)[:clients]
        work = await push_all(self.server.port, stocks, requests=requests, batch=batch, cpu=self.cpu)
        self.stored += work.reports
        return work


def told(work: Work) -> dict[str, float]:
    """Return a run's figures."""
    return {
        "reports_per_s": round(work.rate),
        "server_cpu_ms": round(work.cpu_ms, 3),
        "database_cpu_ms": round(work.database_cpu_ms, 3),
        "request_p50_ms": round(p50(work.latencies), 1),
        "request_p95_ms": round(p95(work.latencies), 1),
    }


async def measure(engine: Engine, sizes: Sizes, say: Callable[[str], None]) -> None:
    """Fill the engine's figures: pushes, wire, fill with summaries, pushes again, memory."""
    figures = engine.figures
    await engine.push(BATCH_CLIENTS, 1, BATCH)
    before = await disk(engine)
    work = await engine.push(BATCH_CLIENTS, sizes.pushes, BATCH)
    after = await disk(engine)
    figures["push"] = told(work)
    figures["written_bytes_per_report"] = {
        name: round((after[name] - before[name]) / work.reports) for name in after if name.startswith("log")
    }
    figures["single"] = told(await engine.push(SINGLE_CLIENTS, sizes.singles, 1))
    figures["wire"] = await wire(engine)
    say(f"{engine.name}: pushes {figures['push']}, one by one {figures['single']}, wire {figures['wire']}")
    figures["summary"], figures["review"] = {}, {}
    for stored in sizes.stored:
        began, had = time.perf_counter(), engine.stored
        await fill(engine, stored, sizes.fill_pushes)
        rate = (engine.stored - had) / (time.perf_counter() - began)
        read = figures["summary"][str(stored)] = await summaries(engine)
        say(f"{engine.name}: {engine.stored} stored ({rate:.0f}/s), summaries {read}")
        review = figures["review"][str(stored)] = await reviewing(engine)
        say(f"{engine.name}: {engine.stored} stored, review {review}")
    figures["push_when_full"] = told(await engine.push(BATCH_CLIENTS, sizes.last_pushes, BATCH))
    figures["peak_megabytes"] = round(peak_megabytes(engine.pid))
    figures["stored"] = engine.stored


async def fill(engine: Engine, stored: int, requests: int) -> None:
    """Push until so many reports are stored, all phones in turn."""
    while (missing := stored - engine.stored) > 0:
        await engine.push(BATCH_CLIENTS, max(1, min(requests, missing // (BATCH_CLIENTS * BATCH))), BATCH)


async def wire(engine: Engine) -> dict[str, float]:
    """Bytes of one full push and of a contact with nothing to send, headers included."""
    stock = min(engine.stocks, key=lambda one: one.taken)
    body = stock.take(BATCH)
    async with Wire(engine.server.port, stock.headers) as connection:
        full = await connection.request("POST", PUSH, body)
    check(full, BATCH)
    engine.stored += BATCH
    empty = orjson.dumps({"outbox": {"waiting": 0, "device_seq": stock.taken}, "items": []})
    plain = {name: value for name, value in stock.headers.items() if name != "Content-Encoding"}
    async with Wire(engine.server.port, plain) as connection:
        idle = await connection.request("POST", PUSH, empty)
    check(idle, 0)
    return {
        "up_per_report": round(full.up / BATCH),
        "down_per_report": round(full.down / BATCH),
        "per_report": round((full.up + full.down) / BATCH),
        "nothing_to_send": idle.up + idle.down,
    }


async def summaries(engine: Engine) -> dict[str, float]:
    """Milliseconds of a region's summary: the query in this process, and the page over HTTP as the desk asks."""
    database = Database(Settings(data=engine.server.data, database_url=engine.server.database_url))
    async with database.read() as session:
        mission_id = (await session.exec(select(Mission.id))).one()

    def query(region: str) -> Callable[[], Awaitable[object]]:
        async def ask() -> object:
            async with database.read() as session:
                return await region_summary(session, whole_mission(mission_id, "head"), region)

        return ask

    taken = {"query": await timed(ASKED, query(REGION)), "query_all": await timed(ASKED, query("all"))}
    await database.close()
    async with Wire(engine.server.port) as connection:
        cookie = await sign_in(connection)

        def page(region: str) -> Callable[[], Awaitable[object]]:
            async def ask() -> object:
                answer = await connection.request("GET", f"/api/v1/regions/{region}/summary", headers=cookie)
                assert answer.status == 200, answer.body
                return answer

            return ask

        taken["page"] = await timed(ASKED, page(REGION))
        taken["page_all"] = await timed(ASKED, page("all"))
    return {
        f"{name}_{kind}_ms": round(figure(values), 2)
        for name, values in taken.items()
        for kind, figure in (("p50", p50), ("p95", p95))
    }


async def sign_in(connection: Wire) -> dict[str, str]:
    """Sign in at the desk; returns the header that its later requests carry."""
    username, password = DESK
    credentials = orjson.dumps({"username": username, "password": password})
    signed_in = await connection.request("POST", "/api/v1/session", credentials, {**JSON, "X-Steppe": "1"})
    assert signed_in.status == 200, signed_in.body
    return {"Cookie": signed_in.headers["set-cookie"]}


async def reviewing(engine: Engine) -> dict[str, float]:
    """Milliseconds of what an expert and a co-ordinator do with reports: list, open, accept, ask; each on others."""
    taken: dict[str, list[float]] = {"list": [], "open": [], "accept": [], "ask": []}
    async with Wire(engine.server.port) as connection:
        headers = {**await sign_in(connection), **JSON, "X-Steppe": "1"}

        async def asked(step: str, method: str, path: str, body: Any = b"") -> Any:
            began = time.perf_counter()
            answer = await connection.request(method, f"/api/v1{path}", body and orjson.dumps(body), headers)
            taken.setdefault(step, []).append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, answer.body
            return orjson.loads(answer.body)

        lines: list[dict[str, Any]] = []
        after = ""
        for _ in range(REVIEWED):
            page = await asked("list", "GET", f"/submissions{after}")
            lines += page["submissions"]
            after = f"?before={page['before']}" if page["before"] else ""
        for line in lines[:: max(1, len(lines) // REVIEWED)][:REVIEWED]:
            report = await asked("open", "GET", f"/submissions/{line['id']}")
            review = await asked("", "GET", f"/submissions/{line['id']}/review")
            confirmed = [one["id"] for one in review["warnings"]]
            decision = {"id": str(uuid7()), "kind": "accepted", "seen": report["n"], "confirmed": confirmed}
            await asked("accept", "POST", f"/submissions/{line['id']}/decisions", decision)
            await asked("ask", "POST", "/queries", {"submission": line["id"], "text": "How many, and who said so?"})
    return {
        f"{name}_{kind}_ms": round(figure(taken[name]), 2)
        for name in ("list", "open", "accept", "ask")
        for kind, figure in (("p50", p50), ("p95", p95))
    }


async def disk(engine: Engine) -> dict[str, int]:
    """Bytes the data takes, and bytes written to PostgreSQL's log so far."""
    if engine.cluster is None:
        return {"data": sum(path.stat().st_size for path in engine.server.data.glob("steppe.db*"))}
    database = Database(Settings(data=engine.server.data, database_url=engine.server.database_url))
    async with database.read() as session:
        data = (await session.execute(text("SELECT pg_database_size(current_database())"))).scalar_one()
        log = (await session.execute(text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"))).scalar_one()
    await database.close()
    return {"data": int(data), "log": int(log)}


def settled_size(data: Path) -> int:
    """Bytes of a SQLite database whose server has stopped, its log folded in."""
    with sqlite3.connect(data / "steppe.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(path.stat().st_size for path in data.glob("steppe.db*"))

"""`python -m tests.bench.kills`: a server killed again and again while phones send, and a database restarted under it.

Real server processes (`steppe serve`), phones with reports and photos that try again after every refusal, `kill -9` at
random moments. Prints how often was killed, what was acknowledged, and what of it is not there in the end, as
`steppe verify` and `steppe rebuild --check` see it too. Asserts nothing; all but the first two figures must be 0.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Final

import httpx
from sqlalchemy import text

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.simulate.phone import Phone
from tests.bench.outages import DURABLE, Counted, Log, send_on
from tests.e2e.server import PACK, Server
from tests.postgres import Cluster

TEAMS: Final = ("LTO01", "LTO02", "LTO03", "LTO04")
AT_ONCE: Final = 10
"""Reports in a push, as after hours without a network: a kill then meets many of them."""
LONGEST: Final = 3.0
"""Seconds that a server is left alone at most, once it answers."""
REVISIONS: Final = "SELECT revision_id, count(*) FROM inbox_item WHERE outcome = 'stored' GROUP BY revision_id"


@asynccontextmanager
async def phones(server: Server, count: int, log: Log) -> AsyncIterator[list[Phone]]:
    """Phones that are enrolled at this server."""
    fleet = []
    for number in range(count):
        answer = await asyncio.to_thread(server.json, "enrol", "--team", TEAMS[number % len(TEAMS)])
        phone = Phone(httpx.AsyncClient(transport=Counted(log), base_url=server.url, timeout=20))
        await phone.enrol(answer["code"])
        await phone.pull()
        fleet.append(phone)
    yield fleet
    for phone in fleet:
        await phone.http.aclose()


async def held(server: Server) -> dict[str, int]:
    """Return how often each revision is stored."""
    database = Database(Settings(data=server.data, database_url=server.database_url))
    async with database.read() as session:
        rows = (await (await session.connection()).execute(text(REVISIONS))).all()
    await database.close()
    return {str(revision).replace("-", ""): count for revision, count in rows}


async def under_load(
    server: Server, log: Log, count: int, times: int, strike: Callable[[], Awaitable[None]]
) -> list[str]:
    """Strike so many times while phones send; returns lines to print."""
    began, chance, over = time.monotonic(), Random(7), asyncio.Event()
    async with phones(server, count, log) as fleet:
        work = [asyncio.create_task(send_on(phone, n, log, over, AT_ONCE)) for n, phone in enumerate(fleet)]
        for _ in range(times):
            await asyncio.sleep(chance.random() * LONGEST)
            await strike()
        over.set()
        await asyncio.gather(*work)
    seconds = time.monotonic() - began
    return [f"{times} times in {seconds:.0f} s", *await what_became(server, fleet, log)]


async def what_became(server: Server, fleet: list[Phone], log: Log, others: int = 0) -> list[str]:
    """Return lines about the reports of these phones at a server, which is stopped; `others`: reports of other phones.

    All but the counts of what was made and acknowledged must be 0.
    """
    made = sum(phone.device_seq for phone in fleet) + others
    receipted = {key.replace("-", "") for phone in fleet for key in phone.outbox.received}
    stored = await held(server)
    server.stop()
    lost, twice = len(receipted - stored.keys()), sum(number > 1 for number in stored.values())
    answers = sum(log.answers.values(), start=Counter[str]())
    failed = {answer: n for answer, n in answers.items() if answer[-3:].isdigit() and answer[-3] == "5"}
    return [
        f"{made} reports made, {len(receipted) + others} acknowledged",
        f"acknowledged and not there: {lost}; there twice: {twice}; made and not there: {made - len(stored)}",
        f"answers from 500 up: {failed}; errors in the log: {len(server.logged_errors())}",
        *server.logged_errors()[:3],
        f"verify: {await checked(server, 'verify')}; rebuild --check: {await checked(server, 'rebuild', '--check')}",
    ]


async def checked(server: Server, *command: str) -> str:
    """Run a command that finds faults, and say whether it found any."""
    try:
        await asyncio.to_thread(server.command, *command)
    except AssertionError as error:
        return str(error)
    return "no fault"


def loaded(data: Path, url: str) -> Server:
    """Return a started server with the demonstration's mission."""
    server = Server(data, url)
    server.command("migrate")
    server.command("mission", "load", PACK)
    server.start()
    return server


async def run(options: argparse.Namespace) -> None:
    """Go through what was asked for and print it."""
    with tempfile.TemporaryDirectory(prefix="steppe-kills-") as name:
        folder = Path(name)
        if options.sqlite:
            server = await asyncio.to_thread(loaded, folder / "sqlite", f"sqlite+aiosqlite:///{folder / 'sqlite.db'}")
            await told("kill -9 of a server on SQLite", server, options, options.sqlite, killing(server))
        if not options.postgresql and not options.restarts:
            return
        cluster = Cluster(DURABLE)
        try:
            for what, times in (
                ("kill -9 of a server", options.postgresql),
                ("restart of the database", options.restarts),
            ):
                if not times:
                    continue
                server = await asyncio.to_thread(loaded, folder / what, cluster.url(cluster.create()))
                strike = killing(server) if what.startswith("kill") else restarting(cluster)
                await told(f"{what} on PostgreSQL", server, options, times, strike)
        finally:
            cluster.close()


async def told(
    what: str, server: Server, options: argparse.Namespace, times: int, strike: Callable[[], Awaitable[None]]
) -> None:
    """Print what came of one kind of blow."""
    try:
        lines = await under_load(server, Log(), options.phones, times, strike)
    finally:
        server.stop()
    sys.stdout.write("\n  ".join([what, *lines]) + "\n")
    sys.stdout.flush()


def killing(server: Server) -> Callable[[], Awaitable[None]]:
    """Return what kills a server and starts it again."""

    async def strike() -> None:
        server.stop()
        await asyncio.to_thread(server.start)

    return strike


def restarting(cluster: Cluster) -> Callable[[], Awaitable[None]]:
    """Return what ends a database at once and starts it again."""

    async def strike() -> None:
        await asyncio.to_thread(cluster.stop)
        await asyncio.to_thread(cluster.start)

    return strike


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kills", description=__doc__)
    parser.add_argument("--sqlite", type=int, default=200, help="kills of a server on SQLite")
    parser.add_argument("--postgresql", type=int, default=100, help="kills of a server on PostgreSQL")
    parser.add_argument("--restarts", type=int, default=50, help="restarts of a PostgreSQL under the server")
    parser.add_argument("--phones", type=int, default=6)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()

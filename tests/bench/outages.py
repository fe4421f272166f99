"""`python -m tests.bench.outages`: three nodes while what they lean on is away, and phones that go on sending.

Three servers on one PostgreSQL and one object store. Phones send reports with photos to a node each, and try again
after every refusal, while the store hangs, refuses, fails and is slow, and the database is stopped, restarted twelve
times, out of connections and (with `--disk`, a folder on a small file system) out of disk; then pushes are cut off at
every place. Prints the answers of each phase by status, how many reports got through in it, and what came of all of
them at the end. Asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, count
from pathlib import Path
from random import Random
from typing import Final

import httpx

from steppe.simulate.fleet import Orders, diary_of, write
from steppe.simulate.outbox import Attachment
from steppe.simulate.phone import Phone
from steppe.simulate.proofs import BadReceiptError
from tests.attachments.object_store import ObjectStore, object_store
from tests.e2e.server import PACK, Server
from tests.postgres import Cluster

NODES: Final = 3
PHASE_SECONDS: Final = 6.0
RESTARTS: Final = 12
AGAIN_SECONDS: Final = 0.2
CUTS: Final = 1_488
SEEDS_BETWEEN: Final = 1_000
"""Seeds from one diary of a phone to its next."""
HOLD: Final = f"SELECT pg_sleep({PHASE_SECONDS + 2})"
ID_LENGTH: Final = 16
COUNT: Final = (
    "SELECT (SELECT count(*) FROM submission), (SELECT count(DISTINCT revision_id) FROM inbox_item WHERE outcome ="
    " 'stored'), (SELECT count(*) FROM inbox_item WHERE outcome <> 'stored')"
)
DURABLE: Final = ("shared_buffers=64MB", "max_connections=40", "superuser_reserved_connections=3")


@dataclass
class Log:
    """Answers by phase, and reports that were receipted in it."""

    phase: str = "before"
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)
    receipted: Counter[str] = field(default_factory=Counter)

    def note(self, answer: str, seconds: float) -> None:
        """Count one answer (a status, or the kind of a connection's failure) of the phase that runs now."""
        self.answers.setdefault(self.phase, Counter())[answer] += 1
        self.slowest[self.phase] = max(self.slowest.get(self.phase, 0.0), seconds)


class Counted(httpx.AsyncHTTPTransport):
    """Counts what every request was answered."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send, and count the answer under its kind of request."""
        parts = request.url.path.split("/")
        kind = "photo" if "attachments" in parts else next(part for part in reversed(parts) if len(part) < ID_LENGTH)
        began = time.monotonic()
        try:
            answer = await super().handle_async_request(request)
        except httpx.TransportError as error:
            self._log.note(f"{kind} {type(error).__name__}", time.monotonic() - began)
            raise
        self._log.note(f"{kind} {answer.status_code}", time.monotonic() - began)
        return answer


async def send_on(phone: Phone, number: int, log: Log, until: asyncio.Event, at_once: int = 1) -> None:
    """Write and send `at_once` reports after the other, photos behind them, until told to stop; then what is left.

    Whatever is refused is sent again. Of reports that go in one push only the first has photos.
    """
    # A diary ends; the blows do not wait for that.
    seeds = count(number, SEEDS_BETWEEN)
    entries = chain.from_iterable(diary_of(phone, Orders((), submissions=400, seed=seed), number) for seed in seeds)
    photos: list[Attachment] = []
    position = 0
    while not until.is_set() or phone.outbox.waiting or photos:
        if not phone.outbox.waiting and not until.is_set():
            for place in range(at_once):
                write(phone, next(entries), Random(f"{number}/{position}"), has_camera=place == 0)
                position += 1
            photos += chain.from_iterable(item.attachments for item in phone.outbox.waiting)
            phone.outbox.waiting = [replace(item, attachments=()) for item in phone.outbox.waiting]
        try:
            if sent := len(phone.outbox.waiting):
                await phone.push()
                log.receipted[log.phase] += sent
            if photos:
                await phone.upload(photos[0])
                photos.pop(0)
        except (httpx.HTTPError, BadReceiptError):
            await asyncio.sleep(AGAIN_SECONDS)


async def cut_off(node: Server, phone: Phone, log: Log) -> None:
    """Send a push's beginning and leave, at so many places of it."""
    body = json.dumps({"outbox": {"waiting": 1, "device_seq": phone.device_seq}, "items": ["x" * 3_000]}).encode()
    head = (
        "POST /api/v1/sync/push HTTP/1.1\r\nHost: steppe\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {phone.enrolment['push_token']}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    whole = head + body
    for place in range(0, len(whole), max(1, len(whole) // CUTS)):
        _, writer = await asyncio.open_connection("127.0.0.1", node.port)
        writer.write(whole[:place])
        await writer.drain()
        writer.close()
        log.note("cut", 0.0)


async def store_phases(log: Log, store: ObjectStore) -> None:
    """Let the object store hang, fail, be slow and refuse."""
    for mood in ("hung", "failing", "slow"):
        log.phase = f"store {mood}"
        store.mood = mood
        await asyncio.sleep(PHASE_SECONDS)
        store.mood = "well"
    log.phase = "store refuses"
    store.close_door()
    store.hang_up()
    await asyncio.sleep(PHASE_SECONDS)
    listening = await asyncio.start_server(store.serve, "127.0.0.1", store.port)
    store.close_door = listening.close


async def database_phases(log: Log, cluster: Cluster, name: str, disk: Path | None) -> None:
    """Stop the database, restart it often, use up its connections, fill its disk."""
    log.phase = "database stopped"
    await asyncio.to_thread(cluster.stop)
    await asyncio.sleep(PHASE_SECONDS)
    await asyncio.to_thread(cluster.start)
    log.phase = f"{RESTARTS} restarts"
    for _ in range(RESTARTS):
        await asyncio.to_thread(cluster.stop)
        await asyncio.to_thread(cluster.start)
        await asyncio.sleep(0.5)
    log.phase = "out of connections"
    # Started anew: else the nodes' pools hold what they need, and nothing would be seen.
    await asyncio.to_thread(cluster.stop)
    await asyncio.to_thread(cluster.start)
    with crowd(cluster, name):
        await asyncio.sleep(PHASE_SECONDS)
    if disk is not None:
        log.phase = "disk full"
        filler = disk / "filler"
        with filler.open("wb") as file:
            try:
                while True:
                    os.write(file.fileno(), bytes(65_536))
            except OSError:
                await asyncio.sleep(PHASE_SECONDS)
        filler.unlink()


class crowd:  # noqa: N801 - used as a statement
    """Connections of somebody else, as many as the database gives."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster, self._name = cluster, name
        self._open: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> None:
        where = ["-h", str(self._cluster.folder), "-U", "postgres", "-d", self._name]
        for _ in range(40):
            self._open.append(
                subprocess.Popen(
                    [
                        self._cluster.binaries / "psql",
                        "-X",
                        "-q",
                        *where,
                        "-c",
                        f"SELECT pg_sleep({PHASE_SECONDS + 2})",
                    ],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )

    def __exit__(self, *_: object) -> None:
        for process in self._open:
            process.wait()


@asynccontextmanager
async def nodes(folder: Path, cluster: Cluster, name: str, store: ObjectStore) -> AsyncIterator[list[Server]]:
    """Three servers with the demonstration's mission."""
    os.environ |= {**store.environment, "STEPPE_BLOB_URL": "s3://bucket", "STEPPE_POOL_SIZE": "6"}
    servers = [Server(folder, cluster.url(name)) for _ in range(NODES)]
    for number, server in enumerate(servers):
        server.log = folder / f"node{number}.log"
    await asyncio.to_thread(servers[0].command, "migrate")
    await asyncio.to_thread(servers[0].command, "mission", "load", PACK)
    try:
        for server in servers:
            await asyncio.to_thread(server.start)
        yield servers
    finally:
        for server in servers:
            server.stop()


async def run(folder: Path, disk: Path | None, phones: int) -> list[str]:
    """Go through every phase; returns lines to print."""
    log = Log()
    if disk is not None:
        tempfile.tempdir = str(disk)
    cluster = Cluster(DURABLE)
    tempfile.tempdir = None
    name = cluster.create()
    try:
        async with object_store() as store, nodes(folder, cluster, name, store) as servers:
            team = ["LTO01", "LTO02", "LTO03", "LTO04", "LTO05", "LTO06"]
            codes = [
                (await asyncio.to_thread(servers[0].json, "enrol", "--team", team[number % len(team)]))["code"]
                for number in range(phones)
            ]
            fleet = []
            for number, code in enumerate(codes):
                server = servers[number % NODES]
                http = httpx.AsyncClient(transport=Counted(log), base_url=server.url, timeout=20)
                phone = Phone(http)
                await phone.enrol(code)
                await phone.pull()
                fleet.append(phone)
            done = asyncio.Event()
            work = [asyncio.create_task(send_on(phone, n, log, done)) for n, phone in enumerate(fleet)]
            log.phase = "quiet"
            await asyncio.sleep(PHASE_SECONDS)
            await store_phases(log, store)
            await database_phases(log, cluster, name, disk)
            log.phase = f"{CUTS} cuts"
            await cut_off(servers[0], fleet[0], log)
            log.phase = "after"
            await asyncio.sleep(PHASE_SECONDS)
            done.set()
            await asyncio.gather(*work)
            lines = report(log, fleet)
            lines += told(folder)
            rows = await asyncio.to_thread(counted, cluster, name)
            lines.append(f"rows of submission, different revisions in the inbox, quarantined: {rows}")
            for phone in fleet:
                await phone.http.aclose()
            return lines
    finally:
        cluster.close()


def counted(cluster: Cluster, name: str) -> str:
    """Return what the database holds in the end."""
    where = ["-h", str(cluster.folder), "-U", "postgres", "-d", name]
    command = [str(cluster.binaries / "psql"), "-XAt", *where, "-c", COUNT]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def report(log: Log, fleet: list[Phone]) -> list[str]:
    """Return what each phase was answered, and what the phones hold receipts for."""
    lines = [
        f"{phase}: {log.receipted[phase]} reports through, slowest {log.slowest[phase]:.1f} s, "
        + ", ".join(f"{answer} × {count}" for answer, count in sorted(answers.items()))
        for phase, answers in log.answers.items()
    ]
    wrong = Counter[str]()
    for answers in log.answers.values():
        wrong.update({answer: n for answer, n in answers.items() if answer[-3:].isdigit() and answer[-3] == "5"})
    made = sum(phone.device_seq for phone in fleet)
    receipted = sum(len(phone.outbox.received) for phone in fleet)
    return [*lines, f"answers from 500 up: {dict(wrong)}", f"reports made {made}, receipted {receipted}"]


def told(folder: Path) -> list[str]:
    """Return what the logs of the nodes hold of failures: statuses from 500 up and unexpected errors."""
    statuses = Counter[str]()
    unexpected = 0
    for path in sorted(folder.glob("node*.log")):
        for line in path.read_text(errors="replace").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                unexpected += "Traceback" in line
                continue
            unexpected += entry.get("message") == "unexpected"
            status = entry.get("status")
            if isinstance(status, int) and status >= 499:
                statuses[str(status)] += 1
    return [f"logs: statuses {dict(statuses)}, unexpected errors {unexpected}"]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.outages", description=__doc__)
    parser.add_argument("--disk", type=Path, help="a folder on a small file system, for the database")
    parser.add_argument("--phones", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="steppe-outages-") as folder:
        lines = asyncio.run(run(Path(folder), options.disk, options.phones))
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()

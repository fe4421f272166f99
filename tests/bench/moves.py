"""`python -m tests.bench.moves [REPORTS PHOTOS]`: a server moves to another engine and store and back, phones pushing.

A real `steppe serve` on SQLite and a folder, filled over the protocol with so many reports and photos; phones push
reports with photos before, during and after. `steppe move` takes it to PostgreSQL and an object store while it serves,
it is killed when the command asks for it and started again where it went; then the same back. Both sides are read
afterwards, every row and every file, by this program. Prints whether they are equal, how long it took, and what of the
reports is not there. Asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from random import Random
from typing import Final

from steppe.backup.moving import MOVED, Digest
from steppe.backup.reading import unpacked
from steppe.backup.rows import every_table, read_rows
from steppe.checklists.xlsform.form_files import read_form
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.missions.pack import read_pack
from steppe.simulate.fleet import Orders, diary_of, write
from steppe.simulate.phone import Phone
from tests.attachments.object_store import ObjectStore, object_store
from tests.bench.kills import loaded, phones, what_became
from tests.bench.load import push_all
from tests.bench.outages import DURABLE, Log, send_on
from tests.bench.reports import BATCH, Stock, seal_all
from tests.bench.site import districts_of_teams, signer
from tests.bench.sixty import FORM
from tests.e2e.processes import SteppeProcess
from tests.e2e.server import PACK, Server
from tests.postgres import Cluster

WRITERS: Final = 8
"""Phones whose reports are made before any clock starts."""
PUSHING: Final = 4
"""Phones that push throughout, each as fast as it is answered."""
BEFORE_SECONDS: Final = 5.0
ASKED_TO_STOP: Final = "Stop the server now"
LOOKED_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Held:
    """All that a server's database and store hold: rows by table, and the hash of each file by its name."""

    rows: Digest
    files: dict[str, str]

    def differences(self, other: Held) -> list[str]:
        """Return the tables and files in which the two are not the same."""
        names = self.files.keys() | other.files.keys()
        files = [name for name in names if self.files.get(name) != other.files.get(name)]
        return self.rows.differences(other.rows) + sorted(files)


async def everything(settings: Settings) -> Held:
    """Read all that lies there."""
    database, blobs = Database(settings), Blobs(settings)
    rows = Digest()
    async with database.read(is_snapshot=True) as session:
        for table in every_table():
            async for part in read_rows(session, table, is_everything=True):
                rows.add(table.name, unpacked(part.content))
    await database.close()
    files = {name: hashlib.sha256(await blobs.get(name)).hexdigest() for name in await blobs.names()}
    return Held(rows, files)


@contextmanager
def store_apart() -> Iterator[ObjectStore]:
    """Run an object store on a loop of its own, which nothing here keeps waiting; processes find it by environment."""
    ready, over = threading.Event(), asyncio.Event()
    opened: list[tuple[ObjectStore, asyncio.AbstractEventLoop]] = []

    async def keep() -> None:
        async with object_store() as store:
            opened.append((store, asyncio.get_running_loop()))
            ready.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(keep(),))
    thread.start()
    ready.wait()
    [(store, loop)] = opened
    os.environ |= store.environment
    try:
        yield store
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


async def lay_reports(server: Server, writers: list[Phone], total: int) -> int:
    """Push so many reports, or a few more, made beforehand; returns how many."""
    districts = districts_of_teams(read_pack(PACK))
    form = read_form(FORM).definition.id
    signers = []
    for number, phone in enumerate(writers):
        [version] = [key for key, one in phone.definitions.items() if one.id == form]
        signers.append(signer(number, phone, version, districts[phone.enrolment["team"]["code"]]))
    pushes = -(-total // (BATCH * len(signers)))
    sealed = await asyncio.to_thread(seal_all, signers, pushes * BATCH)
    stocks = [Stock(one.push_token, items) for one, items in zip(signers, sealed, strict=True)]
    work = await push_all(server.port, stocks, requests=pushes, batch=BATCH, cpu=lambda: (0.0, 0.0))
    return work.reports


async def lay_photos(phone: Phone, number: int, total: int) -> None:
    """Send so many photos, or a few more, with the reports that name them."""
    entries = chain.from_iterable(
        diary_of(phone, Orders((), submissions=400, seed=seed), number) for seed in count(number, 1_000)
    )
    taken = 0
    while taken < total:
        while taken < total and len(phone.outbox.waiting) < BATCH:
            taken += write(phone, next(entries), Random(f"photo {number}/{phone.device_seq}"), has_camera=True)
            await asyncio.sleep(0)
        await phone.push()


async def move(server: Server, url: str, blobs: str, log: Log, name: str) -> tuple[Server, str]:
    """Move a server that serves; returns the one that serves afterwards at the same address, and a line to print."""
    here = Settings(data=server.data, database_url=server.database_url, blob_url=os.environ.get("STEPPE_BLOB_URL", ""))
    began, said = time.monotonic(), server.data / f"{name}.txt"
    log.phase = f"{name}, serving"
    command = ["move", "--to", url, "--blobs", blobs]
    moving = SteppeProcess(command, server.environment, reads=Path(os.devnull), writes=said, complains=said)
    while not said.exists() or ASKED_TO_STOP not in said.read_text():
        assert not moving.has_ended, said.read_text()
        await asyncio.sleep(LOOKED_SECONDS)
    stopped = time.monotonic()
    log.phase = f"{name}, stopped"
    server.stop()
    assert await asyncio.to_thread(moving.wait) == 0, said.read_text()
    ended = time.monotonic()
    left = f"{here.database_url}{MOVED}" if here.database_url.startswith("sqlite") else here.database_url
    there = Settings(data=server.data, database_url=url, blob_url=blobs)
    sides = [await everything(one) for one in (here.model_copy(update={"database_url": left}), there)]
    different = sides[0].differences(sides[1])
    os.environ["STEPPE_BLOB_URL"] = blobs
    moved = Server(server.data, url, server.port)
    await asyncio.to_thread(moved.start)
    log.phase = f"after {name}"
    return moved, (
        f"{name}: {stopped - began:.0f} s serving, {ended - stopped:.0f} s stopped; "
        f"{sum(sides[1].rows.rows.values())} rows and {len(sides[1].files)} files there, "
        f"{sum(sides[0].rows.rows.values())} and {len(sides[0].files)} left behind; "
        f"digests {'equal' if not different else f'differ in {different[:5]}'}"
    )


async def run(folder: Path, cluster: Cluster, reports: int, photos: int) -> None:
    """Lay, move there and back, and print what came of it."""
    data = folder / "data"
    server = await asyncio.to_thread(loaded, data, f"sqlite+aiosqlite:///{folder / 'first.db'}")
    await asyncio.to_thread(server.command, "publish", FORM)
    log, over, began = Log("laying"), asyncio.Event(), time.monotonic()
    legs = (
        ("to PostgreSQL and an object store", cluster.url(cluster.create()), "s3://bucket/mission"),
        ("back to SQLite and a folder", f"sqlite+aiosqlite:///{folder / 'last.db'}", f"file://{folder / 'back'}"),
    )
    async with phones(server, WRITERS, log) as writers, phones(server, PUSHING, log) as fleet:
        laid = await lay_reports(server, writers, reports)
        await asyncio.gather(*(lay_photos(phone, n, -(-photos // PUSHING)) for n, phone in enumerate(fleet)))
        say(f"laid in {time.monotonic() - began:.0f} s: {laid} reports, and {photos} photos with their own")
        log.phase = "before"
        work = [asyncio.create_task(send_on(phone, n, log, over)) for n, phone in enumerate(fleet, PUSHING)]
        try:
            await asyncio.sleep(BEFORE_SECONDS)
            for name, url, blobs in legs:
                server, line = await move(server, url, blobs, log, name)
                say(line)
                await asyncio.sleep(BEFORE_SECONDS)
            over.set()
            await asyncio.gather(*work)
            say("reports through: " + "; ".join(f"{phase}: {many}" for phase, many in log.receipted.items()))
            say("\n  ".join(await what_became(server, fleet, log, laid)))
        finally:
            server.stop()


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.moves", description=__doc__)
    parser.add_argument("reports", type=int, nargs="?", default=100_000)
    parser.add_argument("photos", type=int, nargs="?", default=2_000)
    options = parser.parse_args()
    cluster = Cluster(DURABLE)
    try:
        with tempfile.TemporaryDirectory(prefix="steppe-moves-") as name, store_apart():
            asyncio.run(run(Path(name), cluster, options.reports, options.photos))
    finally:
        cluster.close()


if __name__ == "__main__":
    main()

"""Backups at random moments under load, each restored on both engines, and harmed files, each refused.

`python -m tests.bench.backups [moments] [places]` prints figures: how many backups were made while phones pushed, how
many differences a rebuild found after restoring each on SQLite and PostgreSQL, how many acknowledged reports were
missing, and at how many places a file was cut or changed without being refused. All but the first must be 0.
"""

import asyncio
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyrage
from sqlmodel import col, select

from steppe import migrate
from steppe.backup.problems import DamagedBackup, WrongRecoveryKey
from steppe.backup.restoring import Restore, Restored, Schema
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.summaries.rebuild import rebuild
from steppe.sync.models import InboxItem
from tests.backup.rooms import back_up, send_photo, set_key
from tests.fixtures_mission import seed
from tests.fixtures_server import Server, node
from tests.postgres import Cluster
from tests.summaries.test_rebuild import push_random

SCHEMA = Schema(migrate.revisions(), migrate.newest(), migrate.bring_to, migrate.migrate)


class Load:
    """Phones that push reports, edits and photos until they are told to stop; it knows what was acknowledged."""

    def __init__(self, server: Server) -> None:
        """Watch every answer to a push of this server."""
        self.server = server
        self.acknowledged: set[int] = set()
        self.is_over = False
        self.refused = 0
        plain = server.push

        async def push(*given: Any, **told: Any) -> dict[str, Any]:
            answer = await plain(*given, **told)
            self.acknowledged |= {entry["seq"] for entry in answer["read"]["items"]}
            return answer

        server.push = push  # type: ignore[method-assign]  # watched, otherwise as it is

    async def run(self) -> None:
        """Push until it is over."""
        round_of_pushes = 0
        while not self.is_over:
            round_of_pushes += 1
            await push_random(self.server, round_of_pushes, rounds=2)
            # Some pushes a second: what is measured is whether a moment is whole, not how much a machine bears.
            await asyncio.sleep(0.1)
            if round_of_pushes % 5 == 0:
                try:
                    await send_photo(self.server, self.server.phones[0], f"photo {round_of_pushes}".encode())
                except AssertionError:
                    # The disk was too slow for it: a phone would send it again.
                    self.refused += 1


async def restored(place: Settings, path: Path, key: pyrage.x25519.Identity) -> Restored:
    """Restore into a place and close it."""
    database = Database(place)
    try:
        return await Restore(place, database, Blobs(place), SCHEMA).run(path, key)
    finally:
        await database.close()


async def tried(
    place: Settings, path: Path, key: pyrage.x25519.Identity, server: Server, acknowledged: set[int]
) -> tuple[int, int]:
    """Restore a backup; return how many differences a rebuild finds, and how many acknowledged numbers are missing."""
    result = await restored(place, path, key)
    mission = server.seeded.mission.id
    [head] = [one for one in result.manifest.missions if one.id == mission]
    database = Database(place)
    differences = sum(len(found.differences) for found in await rebuild(database, is_check=True))
    async with database.read() as session:
        query = select(InboxItem.seq).where(col(InboxItem.mission_id) == mission)
        held = set((await session.exec(query)).all())
    await database.close()
    return differences, len({seq for seq in acknowledged if seq <= head.n} - held)


async def moments(folder: Path, cluster: Cluster, engine: str, count: int) -> tuple[Path, pyrage.x25519.Identity]:
    """Make backups at random moments of a load on one engine, try each on both; return the last file and its key."""
    data = folder / engine
    url = "" if engine == "sqlite" else cluster.url(cluster.create())
    settings = Settings(data=data, database_url=url)
    database = Database(settings)
    await migrate.migrate(database)
    seeded = await seed(database, settings)
    key = await set_key(database)
    await database.close()
    chance, sums, spent = random.Random(7), [0, 0], 0.0
    path = folder / "none"
    async with node(settings, seeded) as server:
        load = Load(server)
        pushing = asyncio.create_task(load.run())
        for number in range(count):
            await asyncio.sleep(chance.random() * 0.3)
            path = folder / f"{engine}-{number}.age"
            begun = time.perf_counter()
            await back_up(server, path)
            spent += time.perf_counter() - begun
            # A backup beside which nobody pushes any more would prove little.
            assert not pushing.done(), pushing.exception()
            known = set(load.acknowledged)
            for target in ("sqlite", "postgresql"):
                name = cluster.create() if target == "postgresql" else ""
                place = Settings(data=folder / "place", database_url=cluster.url(name) if name else "")
                sums = [a + b for a, b in zip(sums, await tried(place, path, key, server, known), strict=True)]
                shutil.rmtree(place.data)
                if name:
                    cluster.drop(name)
        load.is_over = True
        await pushing
    sys.stdout.write(
        f"{engine}: {count} backups while {len(load.acknowledged)} items were acknowledged, each restored on both: "
        f"{sums[0]} differences, {sums[1]} acknowledged missing; {load.refused} photos refused; "
        f"{spent / count:.2f} s a backup\n"
    )
    return path, key


async def harms(folder: Path, path: Path, key: pyrage.x25519.Identity, count: int) -> None:
    """Cut and change a file at random places and count what is not refused, or refused too late."""
    whole, chance = path.read_bytes(), random.Random(7)
    taken = written = 0
    place = Settings(data=folder / "harmed", database_url="")
    place.data.mkdir()
    for number in range(count):
        at = chance.randrange(len(whole))
        harmed = bytearray(whole[:at] if number % 2 else whole)
        if number % 2 == 0:
            harmed[at] ^= 1 << chance.randrange(8)
        (folder / "harmed.age").write_bytes(harmed)
        try:
            await restored(place, folder / "harmed.age", key)
            taken += 1
        except (DamagedBackup, WrongRecoveryKey):
            written += any(one.is_file() for one in place.data.rglob("*"))
    sys.stdout.write(f"harmed at {count} places of {len(whole)} bytes: {taken} taken, {written} wrote first\n")


async def run(count: int, places: int) -> None:
    """Print the figures."""
    folder, cluster = Path(tempfile.mkdtemp(prefix="steppe-backups-")), Cluster()
    try:
        await moments(folder, cluster, "postgresql", count // 2)
        path, key = await moments(folder, cluster, "sqlite", count - count // 2)
        await harms(folder, path, key, places)
    finally:
        cluster.close()
        shutil.rmtree(folder)


if __name__ == "__main__":
    asyncio.run(run(*[int(one) for one in sys.argv[1:3]] or [50, 500]))

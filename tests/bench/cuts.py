"""`python -m tests.bench.cuts`: phones at a real server, over links that are cut at every byte.

The field app's own modules under Node (pwa/proof/cuts.ts), each phone behind a link of its own, and one `steppe serve`.
Cut is each byte of a push of three reports, of the upload of a photo and of a pull, of the request as of the answer, in
good order and with a reset; then the phone tries again, as it does by itself. Prints how many cuts there were and how
many of them left another state than no cut at all; which reports are not at headquarters, or twice; answers from 500
up, errors in the server's log, and what `steppe verify` and `steppe rebuild --check` find: all of it must be 0.

`--minutes` ends each of the three kinds after so long; how many of all places were tried is printed, and they lie all
over it. `--photo BYTES CUTS` sends one photo over a link that is cut so often instead, and prints what that takes on
the wire.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.migrate import migrate
from tests.bench.kills import checked
from tests.e2e.server import Server
from tests.fixtures_mission import seed
from tests.postgres import Cluster
from tests.proof.fleet import PWA, build
from tests.proof.headquarters import lay_places

TEAM = "LTO01"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the phones say, and what headquarters holds of what they finished. `faults` must be empty."""

    figures: dict[str, Any]
    finished: int
    faults: list[str]


async def lay(server: Server) -> None:
    """Give the server the small mission of the tests."""
    settings = Settings(data=server.data, database_url=server.database_url)
    database = Database(settings)
    await migrate(database)
    seeded = await seed(database, settings)
    await lay_places(database, seeded.mission.id)
    await database.close()


async def held(server: Server) -> list[tuple[str, str]]:
    """Return revision and content hash of every item that is stored."""
    database = Database(Settings(data=server.data, database_url=server.database_url))
    async with database.read() as session:
        connection = await session.connection()
        rows = (await connection.execute(text("SELECT revision_id, hash, outcome FROM inbox_item"))).all()
    await database.close()
    return [(str(revision).replace("-", ""), content) for revision, content, outcome in rows if outcome == "stored"]


def cut(server: Server, program: Path, folder: Path, job: dict[str, Any], phones: int) -> Outcome:
    """Let phones be cut off at a server that is laid and not started. Raises CalledProcessError with what Node says."""
    server.start()
    try:
        finished = folder / "finished.json"
        codes = [server.json("enrol", "--team", TEAM)["code"] for _ in range(phones)]
        told = json.dumps({"port": server.port, "codes": codes, "finished": str(finished), **job})
        ran = subprocess.run(["node", program, told], cwd=PWA, check=True, stdout=subprocess.PIPE)
        result = json.loads(ran.stdout)
        stored = asyncio.run(held(server))
    finally:
        server.stop()
    made = [(revision.replace("-", ""), content) for revision, content in json.loads(finished.read_text())]
    broken = [line for one in result["figures"].values() if isinstance(one, dict) for line in one.get("broken", [])]
    faults = [
        *broken,
        *result["broken"],
        *(f"lost: {one}" for one in set(made) - set(stored)),
        *(f"twice: {one}" for one in set(stored) if stored.count(one) > 1),
        *([f"{len(stored)} reports are stored, {len(made)} were made"] if len(stored) != len(made) else []),
        *([f"{result['failures']} answers from 500 up"] if result["failures"] else []),
        *(f"in the log: {line}" for line in server.logged_errors()),
    ]
    for command in (["verify"], ["rebuild", "--check"]):
        found = asyncio.run(checked(server, *command))
        faults += [] if found == "no fault" else [f"{' '.join(command)}: {found}"]
    return Outcome(result["figures"], len(made), faults)


def lines(outcome: Outcome) -> list[str]:
    """Say what came of it."""
    figures = outcome.figures
    if "wire" in figures:
        ratio = figures["wire"] / figures["bytes"]
        photo = f"a photo of {figures['bytes']} bytes, cut {figures['cuts']} times in {figures['rounds']} rounds"
        said = [f"{photo}: {figures['wire']} bytes passed, {ratio:.3f} times its own"]
    else:
        said = [
            f"{name}: {one['bytes']['up']} bytes up and {one['bytes']['down']} down, "
            f"{one['tried']} tries of {one['places']}, {one['cuts']} cuts, at most {one['rounds']} rounds, "
            f"{len(one['broken'])} ended otherwise; the longest took {one['slowest'][0]} ms, {one['slowest'][1]}"
            for name, one in figures.items()
        ]
    return [*said, f"{outcome.finished} reports finished; faults: {len(outcome.faults)}", *outcome.faults[:10]]


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cuts", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="cut at each so manyth byte")
    parser.add_argument("--minutes", type=float, help="for each kind of contact")
    parser.add_argument("--phones", type=int, default=6, help="phones at once")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--photo", type=int, nargs=2, metavar=("BYTES", "CUTS"))
    options = parser.parse_args()
    job: dict[str, Any] = {"every": options.every}
    if options.minutes is not None:
        job["minutes"] = options.minutes
    if options.photo:
        job["photo"] = dict(zip(("bytes", "cuts"), options.photo, strict=True))
    cluster = Cluster() if options.engine == "postgresql" else None
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="steppe-cuts-") as name:
            folder = Path(name)
            url = cluster.url(cluster.create()) if cluster else f"sqlite+aiosqlite:///{folder / 'steppe.db'}"
            server = Server(folder / "data", url)
            asyncio.run(lay(server))
            outcome = cut(server, build(folder, "cuts"), folder, job, 1 if options.photo else options.phones)
    finally:
        if cluster:
            cluster.close()
    said = [f"{options.engine}, {time.monotonic() - began:.0f} s", *lines(outcome)]
    sys.stdout.write("\n  ".join(said) + "\n")
    raise SystemExit(bool(outcome.faults))


if __name__ == "__main__":
    main()

"""Schedules of faults, and whether the promises of docs/proof.md hold after each: `python -m tests.proof --help`.

A schedule that breaks one is printed with its seed, made as short as it can be, and with the line that plays it again.
"""

import argparse
import asyncio
import gc
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.proof.durable import install
from tests.proof.fleet import Fleet, build
from tests.proof.headquarters import Headquarters
from tests.proof.places import Engine, Postgresql, Sqlite

ROOT = Path(__file__).parents[2]
ENGINES: dict[str, Callable[[Path], Engine]] = {"sqlite": Sqlite, "postgresql": Postgresql}
SHORTENINGS = 200
"""Most runs that may be spent on making a failing schedule short."""


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def memory_folder() -> str | None:
    """A folder in memory, where there is one: what is proved is the order of writes, not how fast a disk syncs."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@asynccontextmanager
async def opened(engine: str) -> AsyncIterator[Fleet]:
    """Open a fleet of phones with a server on this engine."""
    logging.getLogger("steppe").addHandler(logging.NullHandler())
    install()
    with tempfile.TemporaryDirectory(prefix="steppe-proof-", dir=memory_folder()) as name:
        folder = Path(name)
        places = ENGINES[engine](folder)
        headquarters = Headquarters(places)
        fleet = Fleet(build(folder), headquarters)
        try:
            await headquarters.lay()
            await fleet.start()
            # What is loaded now stays: only what a schedule leaves is looked through, and seldom.
            gc.collect()
            gc.freeze()
            gc.set_threshold(50_000, 20, 100)
            yield fleet
        finally:
            await fleet.stop()
            await headquarters.stop()
            places.close()


async def obey(engine: str) -> None:
    """Run jobs that come as lines of JSON, until there are no more."""
    async with opened(engine) as fleet:
        while line := await asyncio.to_thread(sys.stdin.readline):
            say(json.dumps(await fleet.run(json.loads(line))))


def told(result: dict[str, Any], engine: str) -> str:
    """What came of some schedules, in words."""
    if not result["broken"]:
        return f"{result['schedules']} schedules on {engine}, {result['requests']} requests: every promise was kept"
    again = f"make proof ENGINE={engine} SEED={result.get('seed')} REPLAY={result.get('script')}"
    return "\n".join(
        [
            f"schedule of seed {result.get('seed')} on {engine} breaks a promise:",
            *(f"  {one}" for one in result["broken"]),
            "the shortest way there that was found:",
            *(f"  {line}" for line in result.get("trace", [])),
            f"again: {again}",
        ]
    )


def split(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The jobs of the processes that share the schedules."""
    each = -(-arguments.schedules // arguments.workers)
    end = arguments.seed + arguments.schedules
    return [
        job(start, min(each, end - start), arguments.bug, arguments.replay)
        for start in range(arguments.seed, end, each)
    ]


def job(seed: int, schedules: int, bug: str | None = None, script: str | None = None) -> dict[str, Any]:
    """A job as the phones' process takes it."""
    asked = {"seed": seed, "schedules": schedules, "bug": bug, "shorten": SHORTENINGS}
    return asked if script is None else {**asked, "script": script, "shorten": 0}


def play(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Run all schedules, shared among processes; the result of each process."""
    command = [sys.executable, "-m", "tests.proof", "--jobs", "--engine", arguments.engine]
    processes = []
    for asked in split(arguments):
        process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.close()
        processes.append(process)
    results = []
    for process in processes:
        assert process.stdout is not None
        results.append(json.loads(process.stdout.readline()))
        process.wait()
    return results


def report(arguments: argparse.Namespace, results: Sequence[dict[str, Any]], seconds: float) -> str:
    """The page `build/proof.md`."""
    schedules = sum(result["schedules"] for result in results)
    requests = sum(result["requests"] for result in results)
    broken = [result for result in results if result["broken"]]
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    words = [
        "# Proof run",
        "",
        f"{at}, seeds from {arguments.seed}, {arguments.engine}, {arguments.workers} processes.",
        "",
        f"- {schedules} schedules with {requests} requests in {seconds:.0f} s, {schedules / seconds:.1f} a second",
        f"- schedules that broke a promise: {len(broken)}",
    ]
    return "\n".join([*words, *(f"\n```\n{told(result, arguments.engine)}\n```" for result in broken), ""])


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof")
    parser.add_argument("--seed", type=int, default=1, help="of the first schedule")
    parser.add_argument("--schedules", type=int, default=100, help="how many")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that share them")
    parser.add_argument("--bug", help="the bug that is sown")
    parser.add_argument("--replay", help="the draws of a schedule, as a failure prints them")
    parser.add_argument("--jobs", action="store_true", help="take jobs from the input instead")
    arguments = parser.parse_args()
    if arguments.jobs:
        asyncio.run(obey(arguments.engine))
        return 0
    if arguments.replay:
        arguments.schedules = 1
    started = time.monotonic()
    results = play(arguments)
    page = ROOT / "build" / "proof.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text(report(arguments, results, time.monotonic() - started))
    for result in results:
        say(told(result, arguments.engine))
    return int(any(result["broken"] for result in results))


if __name__ == "__main__":
    sys.exit(main())

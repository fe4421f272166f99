"""`python -m tests.bench.power`: what is left of acknowledged reports when the power goes, at every moment of a run.

A real `steppe serve` on SQLite is watched with strace while a phone pushes one report after the other: every write and
every sync it asks the system for, in their order, and every answer that leaves. Afterwards the disk is put together as
it would stand had the power gone at each of those moments: without anything that was not synced, and with a random part
of it. In each such disk the database must open, and hold every report whose answer had left. Prints how many moments
were tried and how many reports were missing. `--normal` weakens the server (`synchronous=NORMAL`): then some must be.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import httpx

from steppe.simulate.fleet import Orders, diary_of, write
from steppe.simulate.phone import Phone
from tests.e2e.server import PACK, Server

CALLS: Final = (
    "pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2"
)
CALL: Final = re.compile(rb"^(\d+) +(\w+)\((?:\d+<([^>]*)>)?(.*)$", re.DOTALL)
RESUMED: Final = re.compile(rb"^(\d+) +<\.\.\. (\w+) resumed>")
TEXT: Final = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')
NUMBERS: Final = re.compile(rb", (\d+)(?:, (\d+))?\)? *(?:=|<unfinished)")
ANSWER: Final = b'"results":'
SYNCS: Final = frozenset({b"fsync", b"fdatasync"})
WEAKENED: Final = """
import sys
from steppe.kit import sqlite
real = sqlite._execute
def execute(cursor, sql, parameters):
    return real(cursor, sql.replace("synchronous=FULL", "synchronous=NORMAL"), parameters)
sqlite._execute = execute
from steppe.cli import app
sys.argv[0] = "steppe"
app()
"""


@dataclass(slots=True)
class File:
    """A file on the disk of the trial: what is certain to be there, and what was written since."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Place and bytes; without bytes, the length it was cut to."""

    def sync(self) -> None:
        """Make certain what was written."""
        _apply(self.durable, self.pending)
        self.pending.clear()

    def after(self, chance: Random | None) -> bytearray:
        """Return what is left when the power goes: with `chance`, a random part of what was not synced."""
        left = bytearray(self.durable)
        if chance is not None:
            _apply(left, [one for one in self.pending if chance.random() < 0.5])
        return left


def _apply(content: bytearray, written: list[tuple[int, bytes | None]]) -> None:
    for place, text in written:
        if text is None:
            del content[place:]
            content.extend(bytes(place - len(content)))
            continue
        content.extend(bytes(max(0, place - len(content))))
        content[place : place + len(text)] = text


@dataclass(frozen=True, slots=True)
class Event:
    """One thing the server asked of the system: `write`, `cut`, `sync`, `gone`, or `answer` to a push."""

    kind: str
    path: str = ""
    place: int = 0
    text: bytes = b""


def read_trace(trace: Path, folder: Path) -> Iterator[Event]:
    """Yield what strace has noted of the files of a folder, and of answers, in the order it happened."""
    syncing: dict[bytes, str] = {}
    with trace.open("rb") as lines:
        for line in lines:
            if resumed := RESUMED.match(line):
                # A sync counts when it has come back, and not when it was asked for.
                if resumed[2] in SYNCS and (path := syncing.pop(resumed[1], "")):
                    yield Event("sync", path)
                continue
            if (call := CALL.match(line)) is None:
                continue
            thread, name, path, rest = call[1], call[2], _unhexed(call[3] or b"").decode(), call[4]
            if path.startswith(("socket:", "TCP:")):
                if ANSWER in b"".join(map(_unhexed, TEXT.findall(rest))):
                    yield Event("answer")
            elif path.startswith(str(folder)) and name in SYNCS:
                if b"<unfinished" in rest:
                    syncing[thread] = path
                else:
                    yield Event("sync", path)
            else:
                yield from _change(name, path, rest, folder)


def _change(name: bytes, path: str, rest: bytes, folder: Path) -> Iterator[Event]:
    if name in {b"unlink", b"unlinkat"}:
        for gone in (_unhexed(text).decode() for text in TEXT.findall(rest)):
            if gone.startswith(str(folder)):
                yield Event("gone", gone)
    elif path.startswith(str(folder)):
        if name == b"pwrite64":
            [text] = TEXT.findall(rest)
            numbers = NUMBERS.search(rest)
            assert numbers is not None, rest[-200:]
            yield Event("write", path, int(numbers[2]), _unhexed(text))
        elif name == b"ftruncate":
            numbers = NUMBERS.search(rest)
            assert numbers is not None, rest[-200:]
            yield Event("cut", path, int(numbers[1]))


def _unhexed(text: bytes) -> bytes:
    return bytes.fromhex(text.decode().replace("\\x", ""))


class Disk:
    """The files of the database as a power cut would leave them."""

    def __init__(self, files: dict[str, File], database: str, scratch: Path) -> None:
        """Begin with what lay there, all of it certain."""
        self.files, self._database, self._scratch = files, database, scratch
        self.tried = 0
        self.faults: list[str] = []

    def take(self, event: Event) -> None:
        """Let one thing happen."""
        file = self.files.setdefault(event.path, File()) if event.path else None
        if file is None:
            return
        if event.kind == "write":
            file.pending.append((event.place, event.text))
        elif event.kind == "cut":
            file.pending.append((event.place, None))
        elif event.kind == "sync":
            file.sync()
        elif event.kind == "gone":
            del self.files[event.path]

    def try_it(self, acknowledged: list[str], chance: Random | None) -> None:
        """Let the power go, and look for what was acknowledged."""
        self.tried += 1
        for path in self._scratch.iterdir():
            path.unlink()
        for ending in ("", "-wal"):
            if (file := self.files.get(self._database + ending)) is not None:
                (self._scratch / f"steppe.db{ending}").write_bytes(file.after(chance))
        try:
            with closing(sqlite3.connect(self._scratch / "steppe.db")) as connection:
                [[state]] = connection.execute("PRAGMA quick_check").fetchall()
                held = {row[0].replace("-", "") for row in connection.execute("SELECT revision_id FROM inbox_item")}
        except sqlite3.DatabaseError as error:
            self.faults.append(f"after {len(acknowledged)} answers the database does not open: {error}")
            return
        missing = [one for one in acknowledged if one not in held]
        if missing or state != "ok":
            self.faults.append(f"after {len(acknowledged)} answers {len(missing)} reports are missing; {state}")


def replay(events: Iterator[Event], disk: Disk, pushed: list[str]) -> int:
    """Let the power go after every sync and answer, and at random moments between; returns how many answers left."""
    answered, chance = 0, Random(7)
    for event in events:
        disk.take(event)
        answered += event.kind == "answer"
        if event.kind in {"sync", "answer"}:
            disk.try_it(pushed[:answered], None)
        if event.kind == "answer" or chance.random() < 0.05:
            disk.try_it(pushed[:answered], chance)
    return answered


async def push_alone(phone: Phone, count: int) -> list[str]:
    """Push so many reports, each when the one before was acknowledged; returns their ids in that order."""
    pushed = []
    entries = iter(diary_of(phone, Orders((), submissions=count + 1, seed=1), 1))
    for number in range(count):
        write(phone, next(entries), Random(number), has_camera=False)
        pushed.append(phone.outbox.waiting[0].id.replace("-", ""))
        await phone.push()
    return pushed


async def recorded(folder: Path, trace: Path, count: int, *, is_normal: bool) -> tuple[dict[str, File], list[str]]:
    """Push to a server that is watched; returns the files as they were before, and the reports in their order."""
    server = Server(folder, f"sqlite+aiosqlite:///{folder / 'steppe.db'}")
    await asyncio.to_thread(server.command, "migrate")
    await asyncio.to_thread(server.command, "mission", "load", PACK)
    code = (await asyncio.to_thread(server.json, "enrol", "--team", "LTO01"))["code"]
    before = {
        str(path): File(bytearray(path.read_bytes())) for path in folder.glob("steppe.db*") if path.suffix != ".db-shm"
    }
    steppe: list[str | Path] = (
        [sys.executable, "-c", WEAKENED] if is_normal else [Path(sys.executable).parent / "steppe"]
    )
    watched: list[str | Path] = ["strace", "-f", "-y", "-xx", "-s", "10000000", "-e", f"trace={CALLS}", "-o", trace]
    serve = ["serve", "--host", "127.0.0.1", "--port", str(server.port)]
    with server.log.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *watched, *steppe, *serve, env=server.environment, stdout=log, stderr=log
        )
    headers = {"Accept-Encoding": "identity"}
    async with httpx.AsyncClient(base_url=server.url, timeout=60, headers=headers) as http:
        await is_up(http)
        phone = Phone(http)
        await phone.enrol(code)
        await phone.pull()
        try:
            return before, await push_alone(phone, count)
        finally:
            # The server itself, not the tracer, which ends with it and has then noted everything.
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            for child in children:
                os.kill(int(child), 9)
            await process.wait()


async def is_up(http: httpx.AsyncClient) -> None:
    """Wait until the server answers."""
    while True:
        try:
            if (await http.get("/api/v1/health")).is_success:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.1)


def main() -> None:
    """Record, replay and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.power", description=__doc__)
    parser.add_argument("pushes", type=int, nargs="?", default=1000)
    parser.add_argument("--normal", action="store_true", help="weaken the server: this must be found")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="steppe-power-") as name:
        folder, scratch, trace = (Path(name, one) for one in ("data", "scratch", "trace"))
        scratch.mkdir()
        before, pushed = asyncio.run(recorded(folder, trace, options.pushes, is_normal=options.normal))
        disk = Disk(before, str(folder / "steppe.db"), scratch)
        answered = replay(read_trace(trace, folder), disk, pushed)
    sys.stdout.write(
        f"{len(pushed)} pushes, {answered} answers; the power went at {disk.tried} moments: {len(disk.faults)} faults "
        f"({time.monotonic() - began:.0f} s)\n"
    )
    for fault in disk.faults[:3]:
        sys.stdout.write(f"  {fault}\n")


if __name__ == "__main__":
    main()

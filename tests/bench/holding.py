"""`python -m tests.bench.holding`: what it costs a push that phones hold reports until headquarters is safe.

Three servers on SQLite with the same mission and the same sealed reports: as it is; without the tree of receipts and
without saying how far the mission is safe; and without signing its lists either. They take the reports in turns, a
round each, in an order that changes, so that whatever else the machine does meets all of them alike. Prints the
server's processor time a report and the reports a second, the medians of all rounds, and the share of both that each
part takes. Asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

import httpx

from tests.bench import site
from tests.bench.load import Work, push_all
from tests.bench.power import is_up
from tests.bench.processor import cpu_seconds
from tests.bench.reports import Signer, Stock, seal_all
from tests.e2e.server import Server

# What `steppe.sync.commands` was before phones held anything: no leaf, no tree to take and settle, nothing to say.
_WITHOUT_TREE: Final = """
from steppe.kit.merkle import Tree
from steppe.missions.feed import take_numbers
from steppe.missions.safety import Safety
from steppe.sync import commands

async def numbers(session, mission_id, count):
    return await take_numbers(session, mission_id, count), Tree()

async def settled(session, mission_id, unused, tree):
    assert unused == 0, "a report came twice"
    return Safety(1, None)

commands.take_numbers_in_tree = numbers
commands.settle_numbers = settled
commands.enter_receipts = lambda tree, rows: tree
Safety.claims = lambda safety: {}
"""
_WITHOUT_SIGNING: Final = f"""
{_WITHOUT_TREE}
commands.signed_receipts = lambda key, **facts: ""
"""
_SERVE: Final = """
import sys
from steppe.cli import app
sys.argv[0] = "steppe"
app()
"""
PARTS: Final = {"as it is": "", "without tree and safety": _WITHOUT_TREE, "nor signed lists": _WITHOUT_SIGNING}
KINDS: Final = {"50 × 4 clients": (4, 6, 50), "one a request × 16 clients": (16, 15, 1)}
"""Clients, requests of each in a round, reports a request."""
MUST: Final = 10
"""Per cent of throughput that holding may cost."""


@contextmanager
def serving(server: Server, program: str) -> Iterator[int]:
    """Serve with a program's changes; yields the process."""
    words = [sys.executable, "-c", program + _SERVE, "serve", "--host", "127.0.0.1", "--port", str(server.port)]
    with server.log.open("wb") as log, subprocess.Popen(words, env=server.environment, stdout=log, stderr=log) as one:
        try:
            yield one.pid
        finally:
            one.kill()


async def measured(base: Path, folder: Path, signers: list[Signer], sealed: list[list[str]], rounds: int) -> list[str]:
    """Push in turns; returns lines to print."""
    servers = {}
    for number, name in enumerate(PARTS):
        data = folder / str(number)
        servers[name] = Server(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")
        await site.copy_to(base, data, servers[name].database_url)
    stocks = {
        name: [Stock(one.push_token, items) for one, items in zip(signers, sealed, strict=True)] for name in PARTS
    }
    done: dict[tuple[str, str], list[Work]] = {}
    names = list(PARTS)
    for turn in range(rounds):
        for kind, (clients, requests, batch) in KINDS.items():
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                # Anew each time: those that wait for their turn take nothing of the processor.
                with serving(servers[name], PARTS[name]) as pid:
                    async with httpx.AsyncClient(base_url=servers[name].url) as http:
                        await is_up(http)
                    chosen = sorted(stocks[name], key=lambda stock: stock.taken)[:clients]
                    port = servers[name].port
                    # The first ones of a process fill its caches.
                    await push_all(port, chosen, requests=1, batch=batch, cpu=lambda: (0.0, 0.0))
                    work = await push_all(
                        port, chosen, requests=requests, batch=batch, cpu=lambda: (cpu_seconds(pid), 0.0)
                    )
                    done.setdefault((kind, name), []).append(work)
    return [line for kind in KINDS for line in lines(kind, {name: done[kind, name] for name in names})]


def lines(kind: str, done: dict[str, list[Work]]) -> list[str]:
    """Return what each part of one kind of pushes costs."""
    first, *others = done
    works = done[first]
    said = [f"{kind}, {len(works)} rounds of {works[0].reports} reports"]
    for name, rounds in done.items():
        cpu, rate = median(one.cpu_ms for one in rounds), median(one.rate for one in rounds)
        said.append(f"  {name}: {cpu:.3f} ms of the server's processor a report, {rate:.0f} reports/s")
    for name in others:
        # Round by round: both of a pair met the same machine.
        pairs = list(zip(works, done[name], strict=True))
        cpu = median(1 - other.cpu_ms / own.cpu_ms for own, other in pairs) * 100
        rate = median(1 - own.rate / other.rate for own, other in pairs) * 100
        said.append(
            f"  beside {name!r}: {cpu:.1f} % of the processor time, {rate:.1f} % of the reports/s (must: ≤ {MUST} %)"
        )
    return said


async def run(folder: Path, rounds: int) -> list[str]:
    """Lay the mission, make the reports and measure."""
    signers = await site.build(folder / "base")
    # Those with most left push: none is ahead of another by more than a round of each kind.
    each = rounds * sum(clients * (requests + 1) * batch for clients, requests, batch in KINDS.values())
    slack = sum((requests + 1) * batch for _, requests, batch in KINDS.values())
    sealed = seal_all(signers, each // len(signers) + slack)
    return await measured(folder / "base", folder, signers, sealed, rounds)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.holding", description=__doc__)
    parser.add_argument("rounds", type=int, nargs="?", default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="steppe-holding-") as name:
        said = asyncio.run(run(Path(name), options.rounds))
    sys.stdout.write("\n".join([*said, ""]))


if __name__ == "__main__":
    main()

"""`python -m tests.bench.guessers`: what strangers who guess passwords cost the phones that push.

One SQLite server, one phone that pushes a report at a time, `/health` beside it; first quiet, then with clients that
guess random names as fast as they are answered. Prints figures and asserts none of them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import orjson

from tests.bench import site
from tests.bench.load import PUSH, p50, p95
from tests.bench.reports import Stock, seal_reports
from tests.bench.site import DESK
from tests.bench.wire import Answer, Wire
from tests.e2e.server import Server

SESSION = "/api/v1/session"
OWN = {"Content-Type": "application/json", "X-Steppe": "1"}
PAUSE_SECONDS = 0.05


async def sign_in(wire: Wire, username: str, password: str, headers: dict[str, str]) -> Answer:
    """Send one sign-in."""
    body = orjson.dumps({"username": username, "password": password})
    return await wire.request("POST", SESSION, body, {**OWN, **headers})


async def look(port: int, stock: Stock, rounds: int) -> dict[str, list[float]]:
    """Push one report and ask for health, so many times; returns the milliseconds of each."""
    taken: dict[str, list[float]] = {"push": [], "health": []}
    headers = {
        "Authorization": f"Bearer {stock.push_token}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }
    async with Wire(port, headers) as phone, Wire(port) as monitor:
        for _ in range(rounds):
            body = stock.take(1)
            began = time.perf_counter()
            answer = await phone.request("POST", PUSH, body)
            taken["push"].append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                sys.stdout.write(f"a push answered {answer.status}\n")
            began = time.perf_counter()
            await monitor.request("GET", "/api/v1/health")
            taken["health"].append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(PAUSE_SECONDS)
    return taken


async def guess(port: int, statuses: Counter[int]) -> None:
    """Guess a random name again and again, until cancelled."""
    async with Wire(port) as wire:
        while True:
            statuses[(await sign_in(wire, str(uuid4()), "a guess", {})).status] += 1


async def known_cookie(port: int) -> dict[str, str]:
    """Sign the owner in and return the cookie by which the browser is known again."""
    async with Wire(port) as wire:
        answer = await sign_in(wire, *DESK, {})
    # Two cookies come, the session's first.
    return {"Cookie": answer.headers["set-cookie"].rpartition("; ")[2]}


async def run(guessers: int, rounds: int, folder: Path) -> list[str]:
    """Measure quiet and under guessers; returns lines to print."""
    signers = await site.build(folder)
    stock = Stock(signers[0].push_token, seal_reports(signers[0], 2 * rounds))
    server = Server(folder, f"sqlite+aiosqlite:///{folder / 'steppe.db'}")
    server.start()
    statuses: Counter[int] = Counter()
    try:
        known = await known_cookie(server.port)
        quiet = await look(server.port, stock, rounds)
        tasks = [asyncio.create_task(guess(server.port, statuses)) for _ in range(guessers)]
        began = time.perf_counter()
        guessed = await look(server.port, stock, rounds)
        async with Wire(server.port) as wire:
            owner = await sign_in(wire, *DESK, known)
        seconds = time.perf_counter() - began
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        server.stop()
    lines = [f"{guessers} guessers, {seconds:.0f} s, answers {dict(statuses)}, the owner {owner.status}"]
    for name in ("push", "health"):
        told = (
            f"{when} p50 {p50(taken[name]):.1f} p95 {p95(taken[name]):.1f}"
            for when, taken in (("quiet", quiet), ("guessed at", guessed))
        )
        lines.append(f"{name} ms: {', '.join(told)}, p95 × {p95(guessed[name]) / p95(quiet[name]):.1f}")
    return lines


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.guessers", description=__doc__)
    parser.add_argument("--guessers", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=200, help="pushes of each half")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="steppe-guessers-") as folder:
        lines = asyncio.run(run(options.guessers, options.rounds, Path(folder)))
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()

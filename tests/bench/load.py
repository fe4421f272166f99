"""Clients that push as fast as the server answers, and what that costs the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median, quantiles

from tests.bench.reports import Stock
from tests.bench.wire import Answer, Wire

PUSH = "/api/v1/sync/push"


@dataclass(frozen=True, slots=True)
class Work:
    """How long a number of reports took: seconds by the clock, processor seconds, milliseconds of each request."""

    reports: int
    seconds: float
    server_cpu: float
    database_cpu: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Reports a second."""
        return self.reports / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Server processor milliseconds a report."""
        return self.server_cpu * 1000 / self.reports

    @property
    def database_cpu_ms(self) -> float:
        """The database server's processor milliseconds a report; 0 where the database is a library."""
        return self.database_cpu * 1000 / self.reports


def p50(values: Sequence[float]) -> float:
    """The median."""
    return median(values)


def p95(values: Sequence[float]) -> float:
    """The value nineteen of twenty stay under."""
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


async def push_all(
    port: int,
    stocks: Sequence[Stock],
    *,
    requests: int,
    batch: int,
    cpu: Callable[[], tuple[float, float]],
) -> Work:
    """Let every phone send `requests` pushes of `batch` reports, one after the other, all phones at once.

    Bodies are made before the clock starts. `cpu` reads the processor seconds of server and database. Raises
    AssertionError when an answer is not what a phone would be content with.
    """
    bodies = [[stock.take(batch) for _ in range(requests)] for stock in stocks]
    latencies: list[float] = []
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(Wire(port, stock.headers)) for stock in stocks]

        async def client(wire: Wire, queue: list[bytes]) -> None:
            for body in queue:
                began = time.perf_counter()
                answer = await wire.request("POST", PUSH, body)
                latencies.append((time.perf_counter() - began) * 1000)
                check(answer, batch)

        before, began = cpu(), time.perf_counter()
        await asyncio.gather(*(client(wire, queue) for wire, queue in zip(wires, bodies, strict=True)))
        seconds = time.perf_counter() - began
        after = cpu()
    reports = len(stocks) * requests * batch
    return Work(reports, seconds, after[0] - before[0], after[1] - before[1], latencies)


def check(answer: Answer, stored: int) -> None:
    """Fail unless every report of a push was stored."""
    assert answer.status == 200, answer.body[:500]
    assert answer.body.count(b'"status":"stored"') == stored, answer.body[:500]


async def timed(times: int, ask: Callable[[], Awaitable[object]]) -> list[float]:
    """Milliseconds of each of `times` askings, one after the other; two more before, not counted."""
    for _ in range(2):
        await ask()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return taken

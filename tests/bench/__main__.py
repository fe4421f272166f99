"""`make bench`: how fast, how large, at what cost: the phone, and the server on both database engines, in one run.

Prints figures and asserts none of them.

Absolute rates are this machine's, busy or idle; processor time per report and ratios travel better.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from tests.bench import measures, phone, site, workbooks
from tests.bench.measures import FULL, QUICK, Engine, Sizes
from tests.bench.reports import Signer, Stock, seal_all
from tests.bench.table import lines
from tests.e2e.processes import ROOT
from tests.e2e.server import Server
from tests.postgres import Cluster

DURABLE: Final = ("shared_buffers=256MB", "max_connections=60", "fsync=on", "synchronous_commit=on")
FOLDER: Final = ROOT / "var" / "bench"


def say(line: str) -> None:
    """Print what was found on the way, at once."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")


def environment() -> dict[str, Any]:
    """Return what the figures depend on."""
    words = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in words if line.startswith("model name")]
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "cores": os.cpu_count(),
        "processor": models[0] if models else platform.machine(),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in ("fastapi", "uvicorn", "sqlalchemy", "cryptography", "asyncpg")},
    }


async def run(sizes: Sizes, chosen: list[str], folder: Path) -> dict[str, dict[str, Any]]:
    """Build the mission, seal every report, measure each chosen engine, and return its figures by name."""
    base = folder / "base"
    signers = await site.build(base)
    count = sizes.reports_per_phone(len(signers))
    began = time.perf_counter()
    sealed = seal_all(signers, count)
    seconds = time.perf_counter() - began
    say(f"{len(signers) * count} reports sealed in {seconds:.0f} s")
    cluster = Cluster(DURABLE) if "PostgreSQL" in chosen else None
    figures = {}
    try:
        for name in chosen:
            with_cluster = cluster if name == "PostgreSQL" else None
            figures[name] = await one_engine(name, sizes, base, folder / name, with_cluster, signers, sealed)
    finally:
        if cluster:
            cluster.close()
    return figures


async def one_engine(
    name: str,
    sizes: Sizes,
    base: Path,
    data: Path,
    cluster: Cluster | None,
    signers: list[Signer],
    sealed: list[list[str]],
) -> dict[str, Any]:
    """Measure one engine on a copy of the mission."""
    url = cluster.url(cluster.create()) if cluster else f"sqlite+aiosqlite:///{data / 'steppe.db'}"
    await site.copy_to(base, data, url)
    stocks = [Stock(signer.push_token, items) for signer, items in zip(signers, sealed, strict=True)]
    server = Server(data, url)
    engine = Engine(name, server, stocks, cluster)
    empty = (await measures.disk(engine))["data"] if cluster else measures.settled_size(data)
    server.start()
    try:
        await measures.measure(engine, sizes, say)
    finally:
        server.stop()
    held = (await measures.disk(engine))["data"] if cluster else measures.settled_size(data)
    engine.figures["disk_bytes_per_report"] = round((held - empty) / engine.stored)
    return engine.figures


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, for a look")
    parser.add_argument("--only", choices=["phone", "server"], help="only one side of the wire")
    parser.add_argument("--engine", choices=["SQLite", "PostgreSQL"], help="only this one")
    parser.add_argument("--stored", type=int, help="only at so many reports held, with few pushes before")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the JSON figures")
    options = parser.parse_args()
    around = environment()
    figures: dict[str, Any] = {}
    phone_figures: dict[str, Any] = {}
    if options.only != "server":
        phone_figures = phone.measure(quick=options.quick, say=say)
    if options.only != "phone":
        figures = server_figures(options)
    around["load_after"] = os.getloadavg()[0]
    options.out.mkdir(parents=True, exist_ok=True)
    kept = options.out / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    kept.write_text(json.dumps({"environment": around, "figures": figures, "phone": phone_figures}, indent=1))
    table = [*(phone.lines(phone_figures) if phone_figures else []), "", *(lines(figures) if figures else [])]
    table += ["", *workbooks.lines()]
    sys.stdout.write("\n".join([*(f"{name}: {value}" for name, value in around.items()), "", *table]))
    sys.stdout.write(f"\n\n{kept}\n")


def server_figures(options: argparse.Namespace) -> dict[str, Any]:
    """Measure the chosen database engines."""
    with tempfile.TemporaryDirectory(prefix="steppe-bench-") as folder:
        chosen = [options.engine] if options.engine else ["SQLite", "PostgreSQL"]
        sizes = QUICK if options.quick or options.stored else FULL
        if options.stored:
            sizes = replace(sizes, stored=(options.stored,))
        return asyncio.run(run(sizes, chosen, Path(folder)))


if __name__ == "__main__":
    main()

"""Random revisions of reports, merged by the server, by the phone and by a model that says the rules plainly.

`python -m tests.bench.merges [graphs] [seed]` merges as many random graphs of revisions (100,000 by default), with
forks, rows, files, gaps and duplicates, in any order, and prints how many had conflicts, conflicts of rows and waiting
revisions. It ends with an error at the first graph that the three do not bring to the same bytes.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from steppe.submissions.register import Patch, merge
from tests.e2e.processes import ROOT
from tests.submissions.naive_register import canonical, naive_merge
from tests.submissions.register_graphs import REPEATS, graph, plain

BATCH = 20_000
"""Graphs that go to the phone's side at once."""


def compare(seeds: range, folder: Path, kinds: Counter[str]) -> None:
    """Merge the graphs of these seeds three times. Raises AssertionError with the seed of one that differs."""
    graphs = [graph(random.Random(seed)) for seed in seeds]
    for seed, patches, phones in zip(seeds, graphs, _on_the_phone(graphs, folder), strict=True):
        merged = merge(patches, REPEATS)
        server = canonical(asdict(merged))
        assert server == phones, f"server and phone differ at seed {seed}"
        assert server == canonical(naive_merge(patches, REPEATS)), f"the model differs at seed {seed}"
        kinds["graphs"] += 1
        kinds["with conflicts"] += bool(merged.conflicts)
        kinds["with rows in conflict"] += any(path.count("/") % 2 for path in merged.conflicts)
        kinds["with files"] += bool(merged.files)
        kinds["with waiting revisions"] += bool(merged.waiting)


def _on_the_phone(graphs: list[list[Patch]], folder: Path) -> Iterator[bytes]:
    file = folder / "graphs.jsonl"
    file.write_bytes(b"".join(canonical([plain(patch) for patch in patches]) + b"\n" for patches in graphs))
    node = shutil.which("node")
    assert node is not None, "Node is set up by `make setup`"
    subprocess.run(
        [node, "node_modules/vitest/vitest.mjs", "run", "src/engine/register.test.ts", "-t", "generated graphs"],
        cwd=ROOT / "pwa",
        env={**os.environ, "STEPPE_GENERATED_GRAPHS": str(file), "NO_COLOR": "1"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    yield from Path(f"{file}.merged").read_bytes().splitlines()


def main() -> None:
    """Read the arguments and print the figures."""
    count, seed = [*map(int, sys.argv[1:]), *(100_000, 1)[len(sys.argv) - 1 :]]
    kinds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for first in range(seed, seed + count, BATCH):
            compare(range(first, min(first + BATCH, seed + count)), Path(folder), kinds)
            print(", ".join(f"{number} {kind}" for kind, number in kinds.items()), flush=True)  # noqa: T201 - its output


if __name__ == "__main__":
    main()

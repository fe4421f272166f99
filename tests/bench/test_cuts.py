"""Some of the places at which `python -m tests.bench.cuts` cuts the line of a phone at a real server."""

import asyncio
from pathlib import Path

from tests.bench.cuts import cut, lay
from tests.e2e.server import Server
from tests.proof.fleet import build

EVERY = 701


def test_a_phone_that_was_cut_off_at_any_byte_stands_where_it_would_stand_without(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", f"sqlite+aiosqlite:///{tmp_path / 'steppe.db'}")
    asyncio.run(lay(server))
    outcome = cut(server, build(tmp_path, "cuts"), tmp_path, {"every": EVERY}, phones=2)
    assert outcome.faults == []
    assert {name for name, one in outcome.figures.items() if one["cuts"] > 0} == {"pull", "push", "upload"}

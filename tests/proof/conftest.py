"""A fleet of phones with a server, in a process of its own: what the proof puts in the place of things stays there."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.proof.__main__ import ROOT, job

Play = Callable[..., dict[str, Any]]


def _played(engine: str) -> Iterator[Play]:
    command = [sys.executable, "-m", "tests.proof", "--jobs", "--engine", engine]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:

        def play(schedules: int, **asked: Any) -> dict[str, Any]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({**job(asked.pop("seed", 1), schedules), **asked}) + "\n")
            process.stdin.flush()
            result: dict[str, Any] = json.loads(process.stdout.readline())
            return result

        yield play
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="session")
def play() -> Iterator[Play]:
    """Plays schedules on SQLite and returns what came of them."""
    yield from _played("sqlite")


@pytest.fixture(scope="session")
def play_on_postgresql() -> Iterator[Play]:
    """The same on PostgreSQL."""
    yield from _played("postgresql")

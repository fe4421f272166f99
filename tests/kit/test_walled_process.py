"""A stranger's file runs a process of its own into its walls: it ends for real, and nothing else is touched."""

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from steppe.kit.walled_process import Walls, run_walled

MEGABYTE = 1024 * 1024
WIDE = Walls(seconds=60, memory=512 * MEGABYTE, written=MEGABYTE)
PROGRAM = "tests_walled_program"
PYTHON = sys.executable
Known = TypeVar("Known")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module that the walled process can run: it stands within its walls, then does what its argument says."""
    site = tmp_path / "site"
    site.mkdir()
    (site / f"{PROGRAM}.py").write_text(
        textwrap.dedent("""
            import os, sys, time
            from steppe.kit.walled_process import stand_within

            [what] = stand_within(sys.argv[1:])
            sys.stdout.write(str(os.getpid()) + "\\n")
            sys.stdout.flush()
            exec(what)
        """)
    )
    # The process sees no PYTHONPATH: as in the field, it finds its modules where the interpreter's own stand.
    interpreter = tmp_path / "python"
    interpreter.write_text(
        f'#!/bin/sh\nshift 3\nexec {sys.executable} -c "import sys; sys.path.insert(0, {str(site)!r}); '
        f'import runpy; runpy.run_module({PROGRAM!r}, run_name={"__main__"!r}, alter_sys=True)" "$@"\n'
    )
    interpreter.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(interpreter))
    return interpreter


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(look: Callable[[], Known]) -> Known:
    for _ in range(3000):
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it never came")


def test_what_a_process_says_comes_back(program: Path) -> None:
    ended = run_walled(PROGRAM, ["print('done it')"], WIDE)
    assert (ended.ending, ended.output.splitlines()[1]) == ("done", b"done it")


@pytest.mark.parametrize("what", ["while True: pass", "time.sleep(600)"])
def test_a_process_beyond_its_time_is_ended_for_real(program: Path, what: str) -> None:
    ended = run_walled(PROGRAM, [what], Walls(5, 512 * MEGABYTE, MEGABYTE))
    assert ended.ending == "time"
    assert not is_running(int(ended.output))


def test_a_process_gets_no_more_memory_than_its_wall(program: Path) -> None:
    script = "try:\n x = bytearray(600 * 1024 * 1024)\nexcept MemoryError:\n print('refused')"
    assert run_walled(PROGRAM, [script], WIDE).output.splitlines()[1:] == [b"refused"]
    assert run_walled(PROGRAM, ["os.kill(os.getpid(), 11)"], WIDE).ending == "memory"


def test_a_process_writes_no_more_than_its_wall(program: Path) -> None:
    ended = run_walled(PROGRAM, ["sys.stdout.write('x' * 2_000_000)"], WIDE)
    assert ended.ending == "failed"
    assert len(ended.output) <= MEGABYTE


def test_a_process_sees_nothing_of_the_servers_environment(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPPE_SECRET", "a secret")
    ended = run_walled(PROGRAM, ["print(sorted(os.environ))"], WIDE)
    assert b"STEPPE" not in ended.output


def test_no_process_stays_behind_when_its_server_is_killed(program: Path, tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    script = f"open({str(noted)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    walls = "Walls(600, 512 * 1024 * 1024, 1024)"
    running = f"sys.executable = {str(program)!r}; run_walled({PROGRAM!r}, [{script!r}], {walls})"
    imports = "import sys; from steppe.kit.walled_process import Walls, run_walled"
    server = subprocess.Popen([PYTHON, "-c", f"{imports}; {running}"])
    pid = eventually(lambda: int(noted.read_text() or 0) if noted.exists() else 0)
    assert is_running(pid)
    server.send_signal(signal.SIGKILL)
    server.wait()
    assert eventually(lambda: not is_running(pid))

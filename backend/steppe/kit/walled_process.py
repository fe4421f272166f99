"""Run a program over a stranger's file in a process of its own, with walls of time, memory and bytes written.

Whatever the file makes of the program, the server waits at most so many seconds and loses nothing of its own memory;
no process stays behind, also when the server itself is killed meanwhile.
"""

from __future__ import annotations

import ctypes
import math
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

_PR_SET_PDEATHSIG: Final = 1
_NO_FILE_OF_MEMORY: Final = (0, 0)
_GRACE_SECONDS: Final = 2
"""After the wall of time the process ends itself, should nobody be left to end it."""
_WORDS: Final = 2000
"""Bytes of what a failed program said that are kept for the log."""

Ending = Literal["done", "time", "memory", "failed"]


@dataclass(frozen=True, slots=True)
class Walls:
    """What a process may take: seconds on the clock and of a processor, bytes of address space, bytes of one file."""

    seconds: float
    memory: int
    written: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, what it wrote, and for the log what it said when it failed."""

    ending: Ending
    output: bytes
    words: str = ""


def run_walled(module: str, arguments: Sequence[str], walls: Walls) -> Ended:
    """Run `python -m module …` and return how it ended, at the latest when its seconds are over. Blocks.

    The module calls `stand_within` before it touches anything; its standard output is what it has to say. It sees
    nothing of the server's environment, in which secrets stand, and inherits no open file. To be called where the
    caller's thread outlives the call: on Linux the process ends with it.
    """
    walled = [str(part) for part in (walls.seconds, walls.memory, walls.written)]
    command = [sys.executable, "-I", "-m", module, *walled, *arguments]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as words:
        with subprocess.Popen(  # noqa: S603 # a module of ours; arguments are data to it
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=words,
            env={"LANG": "C.UTF-8"},
            start_new_session=True,
        ) as process:
            try:
                code: int | None = process.wait(walls.seconds)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                # Also when the wait was interrupted: leaving the block would wait for the process to end by itself.
                process.kill()
        output.seek(0)
        words.seek(0, 2)
        words.seek(max(0, words.tell() - _WORDS))
        return Ended(_ending(code), output.read(walls.written), words.read().decode(errors="replace"))


def _ending(code: int | None) -> Ending:
    if code is None or code in {-signal.SIGXCPU, -signal.SIGALRM}:
        return "time"
    if code == 0:
        return "done"
    # A library that is refused memory does not always survive it; the kernel, when it is short of it, kills.
    return "memory" if code in {-signal.SIGSEGV, -signal.SIGKILL, -signal.SIGABRT, -signal.SIGBUS} else "failed"


def stand_within(arguments: Sequence[str]) -> Sequence[str]:
    """Put the walls around this very process, from the arguments it was given; returns those that are left."""
    seconds, memory, written = float(arguments[0]), int(arguments[1]), int(arguments[2])
    whole = math.ceil(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + _GRACE_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    resource.setrlimit(resource.RLIMIT_CORE, _NO_FILE_OF_MEMORY)
    signal.alarm(whole + _GRACE_SECONDS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    return arguments[3:]

"""`steppe` commands as processes of their own, forked from one that has imported the server already.

Importing takes 2.6 s of a core, and every browser test begins three to five commands while another shares the two cores
with it. What a test needs of a process stays: it has an environment of its own, knows the test's files only by their
names, and dies at once when it is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["__main__", "steppe.cli", "steppe.main"])


class SteppeProcess:
    """One running `steppe` command."""

    def __init__(
        self, arguments: list[str], environment: dict[str, str], *, reads: Path, writes: Path, complains: Path
    ) -> None:
        """Start the command at the top of the repository; its output is added to the files `writes` and `complains`."""
        files = (str(reads), str(writes), str(complains))
        self._process = _FORKING.Process(target=_run, args=(arguments, environment, files), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        pid = self._process.pid
        assert pid is not None
        return pid

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return not self._process.is_alive()

    def wait(self) -> int:
        """Wait until it ends; returns its exit code, for one that was killed the signal's number below zero."""
        self._process.join()
        code = self._process.exitcode
        assert code is not None
        self._process.close()
        return code

    def kill(self) -> None:
        """End it without a warning, as a power cut would; returns when it is gone."""
        self._process.kill()
        self.wait()


def _run(arguments: list[str], environment: dict[str, str], files: tuple[str, str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    added = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, (path, how) in enumerate(zip(files, (os.O_RDONLY, added, added), strict=True)):
        opened = os.open(path, how, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  (lives as long as the process)
    sys.argv = ["steppe", *arguments]
    from steppe.cli import main  # noqa: PLC0415  (only here: the tests themselves need none of it)

    main()

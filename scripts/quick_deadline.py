"""A plugin of pytest: begin no test after a moment, and say which files were not reached.

`STEPPE_QUICK_UNTIL` is that moment on the monotonic clock of this machine, in seconds.
"""

import os
import time

import pytest


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


class Deadline:
    """Stops a session between two tests; what ran is judged as if it had been all."""

    def __init__(self, until: float) -> None:
        self._until = until
        self._ended: set[str] = set()
        self._session: pytest.Session | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remember the session that may have to stop."""
        self._session = session

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Stop after this test when the time is over."""
        self._ended.add(nodeid)
        if self._session is not None and time.monotonic() >= self._until:
            self._session.shouldstop = "the time of `make quick` is over"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say a failure at once: whoever is ended from outside has no summary."""
        manager = self._session.config.pluginmanager if self._session is not None else None
        reporter = manager.get_plugin("terminalreporter") if manager is not None else None
        if report.failed and reporter is not None:
            reporter.write_line(f"FAILED {report.nodeid}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge by the tests that ran: being stopped is no failure."""
        if session.shouldstop:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if session.testsfailed else pytest.ExitCode.OK

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the files that were not reached, each on a line of its own."""
        items = self._session.items if self._session is not None else []
        waiting = dict.fromkeys(_file(item.nodeid) for item in items if item.nodeid not in self._ended)
        for name in waiting:
            terminalreporter.line(f"not reached, or not to its end: {name}")


def pytest_configure(config: pytest.Config) -> None:
    """Take the moment from the environment."""
    config.pluginmanager.register(Deadline(float(os.environ["STEPPE_QUICK_UNTIL"])))

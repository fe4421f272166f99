"""The server as a separate process, which a test can really stop and start again."""

import json
import os
import socket
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.e2e.processes import ROOT, SteppeProcess

PACK = ROOT / "backend" / "steppe" / "packs" / "kazakhstan_2021"
START_SECONDS = 60


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """`steppe serve` on a port of its own. It keeps its address and its data over stop() and start()."""

    def __init__(self, data: Path, database_url: str, port: int | None = None) -> None:
        """Name the data folder and the database; nothing runs before `start`."""
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.database_url = database_url
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data / "server.log"
        self._process: SteppeProcess | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Environment of the server and of its commands."""
        # Kept bytecode saves each process that the server starts some seconds.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return inherited | {
            "STEPPE_DATA": str(self.data),
            "STEPPE_DATABASE_URL": self.database_url,
            "STEPPE_PUBLIC_URL": self.url,
        }

    def command(self, *arguments: str | Path, piped: str = "") -> str:
        """Run one `steppe` command against this server's data, with `piped` on its input; return what it prints.

        Raises AssertionError with its output when it fails.
        """
        with TemporaryDirectory() as folder:
            reads, writes, complains = (Path(folder, name) for name in ("piped", "printed", "complaints"))
            reads.write_text(piped)
            words = [str(argument) for argument in arguments]
            code = SteppeProcess(words, self.environment, reads=reads, writes=writes, complains=complains).wait()
            printed = writes.read_text()
            assert code == 0, f"steppe {words} failed:\n{printed}\n{complains.read_text()}"
        return printed

    def json(self, *arguments: str | Path) -> Any:
        """Run one `steppe` command with --json and return what it answers."""
        return json.loads(self.command(*arguments, "--json"))

    def start(self) -> None:
        """Start and wait until the server says it is well. Raises AssertionError with its log when it does not."""
        assert self._process is None, "the server runs already"
        serve = ["serve", "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = SteppeProcess(
            serve, self.environment, reads=Path(os.devnull), writes=self.log, complains=self.log
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and not self._process.has_ended:
            try:
                if httpx.get(f"{self.url}/api/v1/health", timeout=2).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        words = self.log.read_text(errors="replace")[-4000:]
        self.stop()
        raise AssertionError(f"the server did not come up:\n{words}")

    def logged_errors(self) -> list[str]:
        """Lines of its log, over all its starts, that tell of a failure nobody foresaw (kit/logs.py)."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if '"level": "error"' in line or line.startswith("Traceback")]

    def stop(self) -> None:
        """Kill the server without a warning, as a power cut would."""
        if self._process:
            self._process.kill()
            self._process = None

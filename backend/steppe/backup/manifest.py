"""What a backup says of itself, as its last part: counts, hashes, and how far each mission's feed is in it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError

from steppe.backup.problems import DamagedBackup

MANIFEST: Final = "manifest.json"
SECRET: Final = "secret.key"  # noqa: S105 - the name of the part
ROWS: Final = "rows/"
FILES: Final = "files/"
_NAMED_AT_MOST: Final = 100


class MissionHead(BaseModel):
    """How far a mission's feed is in a backup."""

    id: UUID
    code: str
    epoch: int
    n: int = Field(description="its counter at the moment of the backup")
    safe_to: int = Field(description="up to which number everything is in it, files too; below `n` when some are lost")


class PartLine(BaseModel):
    """A part with rows."""

    name: str
    rows: int
    size: int
    sha256: str


class FilesLine(BaseModel):
    """Photos, recordings and files of forms. Their names end in their SHA-256, so what lies beside is told apart."""

    inside: int = 0
    inside_size: int = Field(default=0, description="bytes of these, all together")
    digest: str = Field(default="", description="SHA-256 over name and size of each, in the order of the backup")
    beside: int = Field(default=0, description="in the folder `files` beside the backup, encrypted by the phones")
    beside_size: int = 0
    lost: int = Field(default=0, description="that the server should hold and does not, or not as they were")
    lost_names: list[str] = Field(default_factory=list, description="the first of these")


class Manifest(BaseModel):
    """The last part of a backup."""

    format: Literal["steppe-backup"] = "steppe-backup"
    version: Literal[1] = 1
    made_at: datetime
    app: str
    schema_revision: str
    engine: str
    missions: list[MissionHead]
    tables: dict[str, int] = Field(description="rows by table")
    parts: list[PartLine]
    files: FilesLine
    secret_sha256: str


class Contents:
    """Counts up what goes into a backup, or comes out of one, so that the two can be compared."""

    def __init__(self) -> None:
        """Begin empty."""
        self.parts: list[PartLine] = []
        self.tables: dict[str, int] = {}
        self.files = FilesLine()
        self.secret_sha256 = ""
        self._digest = hashlib.sha256()

    def add_rows(self, name: str, table: str, rows: int, content: bytes) -> None:
        """Note a part with rows."""
        self.parts.append(PartLine(name=name, rows=rows, size=len(content), sha256=sha256(content)))
        self.tables[table] = self.tables.get(table, 0) + rows

    def add_inside(self, name: str, size: int) -> None:
        """Note a file that is a part, whose bytes are what its name says."""
        self.files.inside += 1
        self.files.inside_size += size
        self._digest.update(f"{name} {size}\n".encode())

    def add_beside(self, size: int) -> None:
        """Note a file that lies beside the backup."""
        self.files.beside += 1
        self.files.beside_size += size

    def add_lost(self, name: str) -> None:
        """Note a file that cannot be put into the backup."""
        self.files.lost += 1
        if self.files.lost <= _NAMED_AT_MOST:
            self.files.lost_names.append(name)

    def close(self) -> None:
        """Work out the digest of the files."""
        self.files.digest = self._digest.hexdigest()


def sha256(content: bytes) -> str:
    """Return the hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def is_named(content: bytes, name: str, size: int) -> bool:
    """Say whether bytes are the whole file that is called after their SHA-256."""
    return len(content) == size and sha256(content) == name.rpartition("/")[2]


def read_manifest(content: bytes) -> Manifest:
    """Return the manifest in a part. Raises DamagedBackup, also for one of a later form."""
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        msg = "its manifest cannot be read: it was made by another version"
        raise DamagedBackup(msg) from error

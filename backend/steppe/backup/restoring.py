"""Restoring a backup into an empty place, on either engine, so that phones notice and offer again what is not in it.

The whole file is read and compared with its manifest before anything is written. Files go first, then every row in one
transaction, which also begins the new epoch: until its commit there is nothing that a server could serve.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson
from pyrage import x25519
from sqlalchemy.exc import SQLAlchemyError

from steppe.attachments.blob_names import whole_name
from steppe.backup.commands import begin_epoch, forget_files, note_restored, nothing_is_safe, revoke_again, rewrap_keys
from steppe.backup.incarnation import Mark, Place, read_mark, write_mark
from steppe.backup.manifest import FILES, ROWS, SECRET, Manifest, MissionHead
from steppe.backup.places import Beside
from steppe.backup.problems import FilesMissing, LaterBackup, PlaceNotEmpty
from steppe.backup.queries import RESTORE, table_with_rows
from steppe.backup.reading import BackupReader, table_of_part, unpacked
from steppe.backup.revocation_list import REVOCATIONS, read_revocations
from steppe.backup.rows import WHOLE_FILES, copied_tables, delete_rows, write_rows
from steppe.kit.blobs import Blobs, BlobsAway
from steppe.kit.clock import iso
from steppe.kit.db import Database, DatabaseAway, WriteSession, sqlite_path
from steppe.kit.private_files import PRIVATE_FOLDER
from steppe.kit.settings import SECRET_FILE, Settings
from steppe.kit.sqlite import ServerRunning
from steppe.missions.safety import raise_safe_seq

_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Schema:
    """The steps of the schema: revisions this version knows, how a database comes to one, and to the newest."""

    revisions: Collection[str]
    newest: str
    bring_to: Callable[[Database, str], Awaitable[None]]
    migrate: Callable[[Database], Awaitable[None]]


@dataclass(slots=True)
class Restored:
    """What a restore came to."""

    manifest: Manifest
    places: dict[UUID, Place] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    """Files that the backup should have beside it and has not."""
    refused_again: int = 0

    def missing_of(self, head: MissionHead) -> list[str]:
        """Return the SHA-256 of a mission's missing files."""
        return [name.rpartition("/")[2] for name in self.missing if name.startswith(f"{head.id}/")]


class Restore:
    """One restore of one file into the place that the settings name."""

    def __init__(
        self, settings: Settings, database: Database, blobs: Blobs, schema: Schema, *, beside: Beside | None = None
    ) -> None:
        """Prepare to restore; `beside` is the folder of photos that lies beside a backup made with `--to`."""
        self._settings = settings
        self._database = database
        self._blobs = blobs
        self._schema = schema
        self._beside = beside
        self._written: list[str] = []
        self._is_blank = False

    async def run(self, path: Path, identity: x25519.Identity, *, is_incomplete: bool = False) -> Restored:
        """Restore the file. When that fails, the place is as empty as before.

        `is_incomplete`: go on without photos that are missing beside the file. Raises PlaceNotEmpty, ServerRunning,
        DamagedBackup, WrongRecoveryKey, LaterBackup, FilesMissing, BlobsAway and the database's errors.
        """
        await self._check_place()
        reader = BackupReader(path, identity)
        contents = await asyncio.to_thread(_look_through, reader)
        restored = Restored(reader.manifest)
        if restored.manifest.schema_revision not in self._schema.revisions:
            raise LaterBackup(restored.manifest.app)
        beside = await self._find_beside(contents)
        restored.missing = sorted(contents.photos.keys() - contents.inside - beside)
        if len(beside) < restored.manifest.files.beside and not is_incomplete:
            raise FilesMissing(f"{len(restored.missing)} files, such as {', '.join(restored.missing[:_NAMED])}")
        with self._cleared_on_failure():
            try:
                await self._write(reader, contents, beside, restored)
            except BaseException:
                if not self._is_blank:
                    with suppress(SQLAlchemyError, DatabaseAway):
                        await self._empty_again()
                with suppress(BlobsAway):
                    for name in self._written:
                        await self._blobs.delete(name)
                raise
        return restored

    async def _check_place(self) -> None:
        if await self._database.others():
            raise ServerRunning
        path = sqlite_path(self._settings)
        self._is_blank = path is not None and not await asyncio.to_thread(Path(path).exists)
        if not self._is_blank:
            async with self._database.read() as session:
                held = await table_with_rows(session, [table.name for table in copied_tables()])
            if held is not None:
                msg = f"its database has rows in {held}"
                raise PlaceNotEmpty(msg)
        if not await self._blobs.is_empty():
            msg = "its store of photos and files is not empty"
            raise PlaceNotEmpty(msg)

    async def _find_beside(self, contents: _Contents) -> set[str]:
        """Return the files beside the backup that are whole, by the names they have among the blobs."""
        if self._beside is None:
            return set()
        named = sorted(contents.photos.keys() - contents.inside)
        return {name for name in named if await self._beside.holds(name, contents.photos[name])}

    @contextmanager
    def _cleared_on_failure(self) -> Iterator[None]:
        secret = self._settings.data / SECRET_FILE
        had_secret = secret.exists()
        try:
            yield
        except BaseException:
            if not had_secret:
                secret.unlink(missing_ok=True)
            if self._is_blank:
                for ending in ("", "-wal", "-shm"):
                    Path(f"{sqlite_path(self._settings)}{ending}").unlink(missing_ok=True)
            raise

    async def _write(self, reader: BackupReader, contents: _Contents, beside: set[str], restored: Restored) -> None:
        await self._schema.bring_to(self._database, restored.manifest.schema_revision)
        secret = self._own_secret(contents.secret)
        for name, content in reader:
            if name.startswith(FILES):
                await self._put(name.removeprefix(FILES), content)
        for name in sorted(beside):
            assert self._beside is not None
            await self._put(name, await self._beside.get(name))
        mark = read_mark(self._settings.data)
        is_newest = restored.manifest.schema_revision == self._schema.newest
        async with self._database.write() as session:
            for name, content in reader:
                if name.startswith(ROWS):
                    await write_rows(session, table_of_part(name), unpacked(content))
            for head in restored.manifest.missions:
                await forget_files(session, head.id, restored.missing_of(head))
                if secret != contents.secret:
                    await rewrap_keys(session, head.id, contents.secret, secret)
                known = mark.missions.get(head.id, Place(epoch=head.epoch, n=head.n))
                restored.places[head.id] = await begin_epoch(session, head.id, known)
            if is_newest:
                await self._settle(session, restored)
        if not is_newest:
            # What follows needs the tables of today.
            await self._schema.migrate(self._database)
            async with self._database.write() as session:
                await self._settle(session, restored)
        write_mark(self._settings.data, Mark(missions=mark.missions | restored.places), is_synced=True)

    async def _settle(self, session: WriteSession, restored: Restored) -> None:
        """Say in the database what this restore means: what is safe, who stays refused, and that it was restored."""
        for head in restored.manifest.missions:
            epoch = restored.places[head.id].epoch
            if restored.missing_of(head):
                await nothing_is_safe(session, head.id)
            else:
                await raise_safe_seq(session, head.id, head.safe_to, epoch=epoch)
            detail = {"copy_of": iso(restored.manifest.made_at), "n": head.n, "epoch": epoch}
            await note_restored(session, head.id, action=RESTORE, detail=detail)
        revoked = read_revocations(self._settings.data / REVOCATIONS)
        restored.refused_again = await revoke_again(session, revoked)

    async def _empty_again(self) -> None:
        async with self._database.write() as session:
            await delete_rows(session)

    def _own_secret(self, theirs: bytes) -> bytes:
        """Return the secret of this place; one that has none takes over the backup's."""
        path = self._settings.data / SECRET_FILE
        if not self._settings.secret and not path.exists():
            self._settings.data.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(theirs.hex())
        return self._settings.secret_key

    async def _put(self, name: str, content: bytes) -> None:
        self._written.append(name)
        await self._blobs.put(name, content)


@dataclass(slots=True)
class _Contents:
    """What the first reading of a backup found: photos that its rows name, with their sizes, and files inside."""

    photos: dict[str, int] = field(default_factory=dict)
    inside: set[str] = field(default_factory=set)
    secret: bytes = b""


def _look_through(reader: BackupReader) -> _Contents:
    contents = _Contents()
    for name, content in reader:
        if name.startswith(FILES):
            contents.inside.add(name.removeprefix(FILES))
        elif name == SECRET:
            contents.secret = bytes.fromhex(content.decode())
        elif table_of_part(name) == WHOLE_FILES:
            head, *lines = unpacked(content).split(b"\n")
            columns = orjson.loads(head)
            for line in lines:
                row = dict(zip(columns, orjson.loads(line), strict=True))
                contents.photos[whole_name(UUID(row["mission_id"]), row["sha256"])] = row["size"]
    return contents

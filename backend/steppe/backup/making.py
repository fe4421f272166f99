"""Making a backup while the server serves: one snapshot of all rows, the files it names, and a check of the result.

The rows come out of one reading transaction, which holds nobody up (on SQLite the write-ahead log grows meanwhile).
Files are fetched after it: they never change, and what waits for a store must not hold a database connection. The
finished file is opened again from where it lies with a key that exists for this run only, restored into a scratch
place, and everything derived is derived anew there. Only then is it a backup.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final
from uuid import UUID

from pyrage import x25519

from steppe.attachments.blob_names import whole_name
from steppe.backup.manifest import FILES, MANIFEST, ROWS, SECRET, Contents, Manifest, MissionHead, is_named, sha256
from steppe.backup.places import UNFINISHED, Beside, make_private_folder, one_at_a_time, scratch_place, sha256_of
from steppe.backup.problems import BackupNotGood, DamagedBackup, NoRecoveryKey
from steppe.backup.queries import (
    files_of_forms,
    files_of_reports,
    lost_numbers,
    mission_heads,
    recovery_key,
    schema_revision,
)
from steppe.backup.reading import BackupReader, table_of_part, unpacked
from steppe.backup.rows import copied_tables, read_rows, write_rows
from steppe.backup.sealed_file import SealedWriter
from steppe.checklists.xlsform.form_files import blob_name
from steppe.kit.blobs import Blobs
from steppe.kit.clock import now
from steppe.kit.columns import metadata
from steppe.kit.db import Database
from steppe.kit.private_files import sync_to_disk
from steppe.kit.settings import Settings
from steppe.missions import keys
from steppe.missions.queries import every_mission, key_rows
from steppe.summaries.rebuild import rebuild

_SHOWN_DIFFERENCES: Final = 3
_PHOTOS_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class FinishedBackup:
    """A backup that stood its check: where it is, its name there, its SHA-256 (hex) and size, its manifest."""

    place: str
    name: str
    sha256: str
    size: int
    manifest: Manifest


@dataclass(slots=True)
class _Making:
    """What is known so far of the backup that is being made."""

    writer: SealedWriter
    contents: Contents = field(default_factory=Contents)
    heads: list[MissionHead] = field(default_factory=list)
    revision: str = ""
    photos: list[tuple[UUID, str, int]] = field(default_factory=list)
    forms: list[tuple[UUID, str, int]] = field(default_factory=list)
    lost: dict[UUID, list[str]] = field(default_factory=dict)


async def make_backup(
    database: Database, settings: Settings, blobs: Blobs, path: Path, *, beside: Beside | None = None
) -> FinishedBackup:
    """Write a backup to `path`, check it there, and return it. Nothing is left at `path` when that fails.

    `beside`: a place for the photos and recordings, where those that are there already are not written again; None
    puts them into the file. Raises NoRecoveryKey, BackupRunning, BackupNotWritten, BackupNotGood, BlobsAway.
    """
    run_key, recipients = await keys_of_run(database)
    with one_at_a_time(settings.data):
        make_private_folder(path.parent)
        unfinished = path.with_name(path.name + UNFINISHED)
        unfinished.unlink(missing_ok=True)
        try:
            said = await write_backup(database, settings, blobs, SealedWriter(unfinished, recipients), beside)
            await check_backup(settings.data, unfinished, run_key, said)
            whole = await asyncio.to_thread(sha256_of, unfinished)
            size = (await asyncio.to_thread(unfinished.stat)).st_size
            unfinished.replace(path)
            sync_to_disk(path.parent)
        finally:
            unfinished.unlink(missing_ok=True)
    return FinishedBackup(str(path), path.name, whole, size, said)


async def keys_of_run(database: Database) -> tuple[x25519.Identity, list[x25519.Recipient]]:
    """Return a key that exists for this run only, and to whom the file is sealed: to it, and to the recovery key.

    Raises NoRecoveryKey.
    """
    async with database.read() as session:
        public = await recovery_key(session)
    if public is None:
        raise NoRecoveryKey
    run_key = x25519.Identity.generate()
    return run_key, [x25519.Recipient.from_str(public), run_key.to_public()]


async def write_backup(
    database: Database, settings: Settings, blobs: Blobs, writer: SealedWriter, beside: Beside | None
) -> Manifest:
    """Write everything into a sealed file, photos beside it where there is a place for them; not checked yet."""
    made_at = now()
    making = _Making(writer)
    try:
        await _write_rows(database, making)
        for mission_id, digest, size in making.forms:
            await _put_inside(making, blobs, mission_id, blob_name(mission_id, digest), size)
        if beside is not None:
            await _put_beside(making, blobs, beside)
        else:
            for mission_id, digest, size in making.photos:
                await _put_inside(making, blobs, mission_id, whole_name(mission_id, digest), size)
        secret = (await _secret_of_keys(database, settings)).hex().encode()
        making.contents.secret_sha256 = sha256(secret)
        await asyncio.to_thread(writer.add, SECRET, secret)
        making.contents.close()
        said = Manifest(
            made_at=made_at,
            app=version("steppe"),
            schema_revision=making.revision,
            engine="sqlite" if database.is_sqlite else "postgresql",
            missions=await _safe_heads(database, making),
            tables=making.contents.tables,
            parts=making.contents.parts,
            files=making.contents.files,
            secret_sha256=making.contents.secret_sha256,
        )
        await asyncio.to_thread(writer.add, MANIFEST, said.model_dump_json().encode())
        await asyncio.to_thread(writer.finish)
    except BaseException:
        # Also when somebody pressed Ctrl-C: half a backup must not look like one.
        await asyncio.to_thread(writer.abandon)
        raise
    return said


async def _secret_of_keys(database: Database, settings: Settings) -> bytes:
    """Return the secret of the keys' wrapping: this process may have been started under an earlier one."""
    async with database.read() as session:
        missions = await every_mission(session)
        wrapped = [row.private_wrapped for one in missions for row in await key_rows(session, one.id)]
    for secret in settings.secrets():
        if all(keys.opens(one, secret) for one in wrapped):
            return secret
    return settings.secret_key


async def _write_rows(database: Database, making: _Making) -> None:
    async with database.read(is_snapshot=True) as session:
        making.revision = await schema_revision(session)
        making.heads = await mission_heads(session)
        making.forms = await files_of_forms(session)
        making.photos = await files_of_reports(session)
        for table in copied_tables():
            async for part in read_rows(session, table):
                name = f"{ROWS}{len(making.contents.parts):06d}.{part.table}.jsonl.gz"
                making.contents.add_rows(name, part.table, part.rows, part.content)
                await asyncio.to_thread(making.writer.add, name, part.content)


async def _fetched(making: _Making, blobs: Blobs, mission_id: UUID, name: str, size: int) -> bytes | None:
    """Return a file's bytes; None, noted as lost, when the server does not hold what its row says."""
    try:
        content = await blobs.get(name)
    except FileNotFoundError:
        content = b""
    if await asyncio.to_thread(is_named, content, name, size):
        return content
    making.contents.add_lost(name)
    making.lost.setdefault(mission_id, []).append(name.rpartition("/")[2])
    return None


async def _put_inside(making: _Making, blobs: Blobs, mission_id: UUID, name: str, size: int) -> None:
    content = await _fetched(making, blobs, mission_id, name, size)
    if content is not None:
        making.contents.add_inside(name, size)
        await asyncio.to_thread(making.writer.add, FILES + name, content)


async def _put_beside(making: _Making, blobs: Blobs, beside: Beside) -> None:
    # Some at a time: each waits for two places, and lies in memory meanwhile.
    for first in range(0, len(making.photos), _PHOTOS_AT_ONCE):
        some = (_put_one_beside(making, blobs, beside, *one) for one in making.photos[first : first + _PHOTOS_AT_ONCE])
        for outcome in await asyncio.gather(*some, return_exceptions=True):
            if outcome is not None:
                raise outcome


async def _put_one_beside(
    making: _Making, blobs: Blobs, beside: Beside, mission_id: UUID, digest: str, size: int
) -> None:
    name = whole_name(mission_id, digest)
    if not await beside.holds(name, size):
        content = await _fetched(making, blobs, mission_id, name, size)
        if content is None:
            return
        await beside.put(name, content)
    making.contents.add_beside(size)


async def _safe_heads(database: Database, making: _Making) -> list[MissionHead]:
    """Return the missions with the number up to which everything is in the backup, lost files considered."""
    async with database.read() as session:
        for head in making.heads:
            if lost := making.lost.get(head.id):
                head.safe_to = min([head.n, *(n - 1 for n in await lost_numbers(session, head.id, lost))])
    return making.heads


async def check_backup(data: Path, path: Path, key: x25519.Identity, said: Manifest) -> None:
    """Read a backup from where it lies, restore its rows into a scratch place, and derive everything anew there.

    Raises BackupNotGood.
    """
    with scratch_place(data) as scratch:
        trial = Database(Settings(data=scratch, database_url="", secret="", blob_url=""))
        try:
            async with trial.writer.begin() as connection:
                await connection.run_sync(metadata.create_all)
            reader = BackupReader(path, key)
            async with trial.write() as session:
                for name, content in reader:
                    if name.startswith(ROWS):
                        await write_rows(session, table_of_part(name), unpacked(content))
            if reader.manifest != said:
                msg = "its manifest is another"
                raise BackupNotGood(msg)
            replays = await rebuild(trial, is_check=True)
        except DamagedBackup as problem:
            raise BackupNotGood(problem.detail) from problem
        finally:
            await trial.close()
    differences = [one for replay in replays for one in replay.differences]
    if differences:
        msg = f"{len(differences)} differences: {'; '.join(differences[:_SHOWN_DIFFERENCES])}"
        raise BackupNotGood(msg)

"""Backups in an object store: good only once read back from there, and nothing that looks like one after a failure."""

from pathlib import Path

import pyrage
import pytest
from obstore.store import S3Store
from typer.testing import CliRunner

from steppe import backup_cli, migrate
from steppe.attachments.blob_names import whole_name
from steppe.backup.commands import note_backup
from steppe.backup.making import FinishedBackup
from steppe.backup.problems import BackupNotGood, BackupNotWritten, DamagedBackup, FilesMissing
from steppe.backup.recovery_words import make_recovery_words
from steppe.backup.restoring import Restore, Restored, Schema
from steppe.backup.stores import BackupStore, fetched_backup, store_backup
from steppe.cli import app
from steppe.kit import blobs as kit_blobs
from steppe.kit.blobs import Blobs, BlobsAway
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.missions.safety import read_safety
from tests.backup.conftest import done, failed
from tests.backup.rooms import falsify_reports, send_photo, set_key
from tests.fixtures_server import Server

URL = "s3://reports/backups/2021"
NAME = "steppe-20210110T090000Z.age"


def names(bucket: S3Store) -> list[str]:
    """Every object there is."""
    return sorted(entry["path"] for page in bucket.list() for entry in page)


async def back_up(server: Server, name: str = NAME) -> FinishedBackup:
    store = BackupStore(URL, server.settings)
    return await store_backup(server.database, server.settings, Blobs(server.settings), store, name)


async def restore(place: Settings, address: str, key: pyrage.x25519.Identity) -> Restored:
    database = Database(place)
    schema = Schema(migrate.revisions(), migrate.newest(), migrate.bring_to, migrate.migrate)
    try:
        async with fetched_backup(address, place) as (path, beside):
            return await Restore(place, database, Blobs(place), schema, beside=beside).run(path, key)
    finally:
        await database.close()


async def test_a_backup_in_a_store_makes_safe_and_comes_back_with_its_photos(
    server: Server, bucket: S3Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Several pieces up and down.
    monkeypatch.setattr(kit_blobs, "PIECE", 5 * 1024 * 1024)
    key = await set_key(server.database)
    photos = [await send_photo(server, server.phones[0], f"a board {number}".encode()) for number in range(3)]
    made = await back_up(server)
    mission = server.seeded.mission.id
    beside = sorted(f"backups/2021/files/{whole_name(mission, photo)}" for photo in photos)
    assert names(bucket) == [*beside, f"backups/2021/{NAME}"]
    assert (made.place, made.name, made.manifest.files.beside) == (f"{URL}/{NAME}", NAME, 3)
    async with server.database.write() as session:
        await note_backup(session, made, is_away=True, actor="test")
    async with server.database.read() as session:
        [head] = [one for one in made.manifest.missions if one.id == mission]
        assert (await read_safety(session, mission)).safe_seq == head.n
    place = Settings(data=tmp_path / "new", database_url="", secret="", blob_url="")
    restored = await restore(place, made.place, key)
    assert restored.missing == []
    for photo in photos:
        name = whole_name(mission, photo)
        assert await Blobs(place).get(name) == await Blobs(server.settings).get(name)
    assert list(place.data.glob("backup-scratch-*")) == []


async def test_photos_that_are_there_are_not_sent_again(
    server: Server, bucket: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_key(server.database)
    await send_photo(server, server.phones[0], b"a board")
    await back_up(server)
    await send_photo(server, server.phones[0], b"another board")
    sent: list[str] = []
    put = BackupStore.put

    async def noted(self: BackupStore, name: str, content: bytes) -> None:
        sent.append(name)
        await put(self, name, content)

    monkeypatch.setattr(BackupStore, "put", noted)
    made = await back_up(server, "steppe-20210111T090000Z.age")
    assert (len(sent), made.manifest.files.beside) == (1, 2)
    assert len([name for name in names(bucket) if name.endswith(".age")]) == 2


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_what_comes_back_changed_is_not_kept(
    server: Server, bucket: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_key(server.database)
    put_file = Blobs.put_file

    async def damaged(self: Blobs, name: str, path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[-100] ^= 1
        path.write_bytes(content)
        await put_file(self, name, path)

    with monkeypatch.context() as patched:
        patched.setattr(Blobs, "put_file", damaged)
        with pytest.raises(BackupNotGood):
            await back_up(server)
    assert names(bucket) == []

    async def another(self: Blobs, name: str, to: str) -> None:
        await self.put(to, b"something else " + name.encode())

    with monkeypatch.context() as patched:
        patched.setattr(Blobs, "copy", another)
        with pytest.raises(BackupNotGood):
            await back_up(server)
    assert names(bucket) == []


async def test_a_backup_whose_reports_are_not_what_phones_signed_is_not_kept(server: Server, bucket: S3Store) -> None:
    await set_key(server.database)
    await server.push(server.phones[0], server.phones[0].report())
    await falsify_reports(server)
    with pytest.raises(BackupNotGood, match="severity differ"):
        await back_up(server)
    assert names(bucket) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("step", ["put_file", "copy"])
async def test_a_store_that_goes_away_midway_is_said_and_nothing_is_left(
    server: Server, bucket: S3Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await set_key(server.database)

    async def away(*_: object) -> None:
        raise BlobsAway

    with monkeypatch.context() as patched:
        patched.setattr(Blobs, step, away)
        with pytest.raises(BackupNotWritten, match="does not answer or refuses"):
            await back_up(server)
    assert names(bucket) == []
    assert list(server.settings.data.glob("backup-scratch-*")) == []
    await back_up(server)
    with pytest.raises(BackupNotWritten, match="is there already"):
        await back_up(server)
    assert names(bucket) == [f"backups/2021/{NAME}"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_backup_or_photo_that_is_not_in_the_store_is_said(
    server: Server, bucket: S3Store, tmp_path: Path
) -> None:
    key = await set_key(server.database)
    photo = await send_photo(server, server.phones[0], b"a board")
    made = await back_up(server)
    place = Settings(data=tmp_path / "new", database_url="", secret="", blob_url="")
    with pytest.raises(DamagedBackup, match="is not there"):
        await restore(place, f"{URL}/steppe-20200101T000000Z.age", key)
    name = f"backups/2021/files/{whole_name(server.seeded.mission.id, photo)}"
    whole = bytes(bucket.get(name).bytes())
    bucket.put(name, b"x" * len(whole))
    with pytest.raises(DamagedBackup, match="its bytes are others"):
        await restore(place, made.place, key)
    bucket.delete(name)
    with pytest.raises(FilesMissing):
        await restore(place, made.place, key)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_command_writes_to_a_store_prunes_there_and_restores_from_there(
    terminal: CliRunner, bucket: S3Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_recovery_words()
    monkeypatch.setattr(backup_cli, "make_recovery_words", lambda: made)
    monkeypatch.setattr(backup_cli, "places_to_repeat", lambda _count: [0, 1, 2])
    done(terminal.invoke(app, ["migrate"]))
    done(terminal.invoke(app, ["backup", "key"], input="\n".join(made.words[:3]) + "\n"))
    for day in (1, 2, 3):
        bucket.put(f"backups/2021/steppe-2021010{day}T090000Z.age", b"an old one")
    bucket.put("backups/2021/notes.txt", b"not ours")
    said = done(terminal.invoke(app, ["backup", "--to", URL, "--keep", "2d"]))
    assert f"{URL}/steppe-" in said
    assert "It lies off this machine" in said
    assert "steppe-20210102T090000Z.age was deleted." in said
    address = said.partition(": good.")[0]
    left = [address.removeprefix("s3://reports/"), "backups/2021/notes.txt", "backups/2021/steppe-20210103T090000Z.age"]
    assert names(bucket) == sorted(left)
    assert "away" in done(terminal.invoke(app, ["backup", "list"]))
    monkeypatch.setenv("STEPPE_DATA", str(tmp_path / "new"))
    monkeypatch.setenv("STEPPE_DATABASE_URL", "")
    assert "Restored what the server held" in done(
        terminal.invoke(app, ["restore", address], input=" ".join(made.words) + "\n")
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    words = failed(terminal.invoke(app, ["backup", "--to", URL]))
    assert "The backup could not be written" in words
    assert "See that the folder or the store is there" in words

"""A backup shows one moment, is read back before it counts, and tells phones what they may let go of."""

import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, update
from sqlmodel import col

from steppe.attachments.blob_names import whole_name
from steppe.backup import making, rows
from steppe.backup.commands import note_away, note_backup
from steppe.backup.manifest import FILES, SECRET
from steppe.backup.places import (
    BadKeep,
    backup_name,
    delete_expendable,
    expendable,
    moment_of,
    one_at_a_time,
    read_keep,
)
from steppe.backup.problems import BackupNotGood, BackupNotWritten, BackupRunning, NoRecoveryKey, UnknownBackup
from steppe.backup.queries import backup_by_digest
from steppe.backup.reading import BackupReader
from steppe.backup.sealed_file import SealedWriter
from steppe.kit.blobs import Blobs
from steppe.kit.db import ReadSession
from steppe.missions.models import Mission
from steppe.missions.safety import Safety, read_safety
from steppe.summaries.rebuild import rebuild
from tests.backup.rooms import back_up, everything, falsify_reports, send_photo, set_key
from tests.fixtures_server import Server
from tests.summaries.test_rebuild import push_random


async def safety(server: Server) -> Safety:
    async with server.database.read() as session:
        return await read_safety(session, server.seeded.mission.id)


async def test_a_backup_holds_every_row_file_and_the_secret(server: Server, tmp_path: Path) -> None:
    key = await set_key(server.database)
    await push_random(server, 1)
    photo = await send_photo(server, server.phones[0], b"a protocol on a board")
    made = await back_up(server, tmp_path / "out" / "a.age")
    reader = BackupReader(Path(made.place), key)
    parts = dict(reader)
    assert reader.manifest == made.manifest
    live = await everything(server.database, without=set())
    assert made.manifest.tables == {name: len(held) for name, held in live.items()}
    assert made.manifest.tables["inbox_item"] > 5
    name = whole_name(server.seeded.mission.id, photo)
    assert parts[FILES + name] == await Blobs(server.settings).get(name)
    assert parts[SECRET].decode() == server.settings.secret_key.hex()
    assert stat.S_IMODE(Path(made.place).stat().st_mode) == 0o600
    assert [path.name for path in Path(made.place).parent.iterdir()] == ["a.age"]
    assert not list(server.settings.data.glob("backup-scratch-*"))
    heads = {head.code: head for head in made.manifest.missions}
    assert heads["TST2021"].safe_to == heads["TST2021"].n


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_without_a_recovery_key_no_backup_is_made(server: Server, tmp_path: Path) -> None:
    with pytest.raises(NoRecoveryKey):
        await back_up(server, tmp_path / "a.age")
    assert not (tmp_path / "a.age").exists()


async def test_what_comes_while_a_backup_is_made_is_in_the_next_one_whole(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_key(server.database)
    await push_random(server, 1)
    before = await everything(server.database)
    plain = rows.read_rows
    pushed = 0

    async def read_slowly(session: ReadSession, source: Table) -> AsyncIterator[rows.RowPart]:
        nonlocal pushed
        async for part in plain(session, source):
            yield part
        if source.name in {"change", "inbox_item", "revision"}:
            pushed += 1
            await server.push(server.phones[0], server.phones[0].report())

    monkeypatch.setattr(making, "read_rows", read_slowly)
    made = await back_up(server, tmp_path / "a.age")
    assert pushed == 3
    # The check restored it and derived everything anew, so rows of different moments would have been found there.
    assert made.manifest.tables["inbox_item"] == len(before["inbox_item"])
    assert made.manifest.tables["submission"] == len(before["submission"])
    [head] = [one for one in made.manifest.missions if one.code == "TST2021"]
    async with server.database.write() as session:
        await note_backup(session, made, is_away=True, actor="test")
    # Every push was one number: what came meanwhile is not safe yet.
    assert (await safety(server)).safe_seq == head.n
    assert len((await everything(server.database))["inbox_item"]) == len(before["inbox_item"]) + 3


async def test_phones_hear_that_they_may_let_go_once_a_backup_lies_elsewhere(server: Server, tmp_path: Path) -> None:
    await set_key(server.database)
    await push_random(server, 1)
    made = await back_up(server, tmp_path / "a.age")
    async with server.database.write() as session:
        await note_backup(session, made, is_away=False, actor="test")
    assert (await safety(server)).safe_seq is None
    with pytest.raises(UnknownBackup):
        async with server.database.write() as session:
            await backup_by_digest(session, "0" * 64)
    async with server.database.write() as session:
        assert await note_away(session, await backup_by_digest(session, made.sha256), actor="test")
    [head] = [one for one in made.manifest.missions if one.code == "TST2021"]
    assert await safety(server) == Safety(1, head.n)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_backup_from_before_a_restore_makes_nothing_safe_after_it(server: Server, tmp_path: Path) -> None:
    await set_key(server.database)
    made = await back_up(server, tmp_path / "a.age")
    async with server.database.write() as session:
        await session.execute(update(Mission).where(col(Mission.id) == server.seeded.mission.id).values(epoch=2))
        held = await note_backup(session, made, is_away=False, actor="test")
        assert not await note_away(session, held, actor="test")
    assert await safety(server) == Safety(2, None)


async def test_numbers_stay_unsafe_from_a_lost_photo_on(server: Server, tmp_path: Path) -> None:
    await set_key(server.database)
    first = await send_photo(server, server.phones[0], b"first")
    earlier = await back_up(server, tmp_path / "a.age")
    [before] = [one for one in earlier.manifest.missions if one.code == "TST2021"]
    lost = await send_photo(server, server.phones[0], b"second")
    await send_photo(server, server.phones[0], b"third")
    store = Blobs(server.settings)
    await store.put(whole_name(server.seeded.mission.id, lost), b"changed bytes")
    made = await back_up(server, tmp_path / "b.age")
    assert made.manifest.files.lost_names == [whole_name(server.seeded.mission.id, lost)]
    assert made.manifest.files.inside == 2
    [head] = [one for one in made.manifest.missions if one.code == "TST2021"]
    # Its report came right after the first photo, then itself.
    assert head.safe_to == before.n + 1
    assert head.safe_to < head.n
    assert first != lost


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_photos_beside_are_written_once_and_mended(server: Server, tmp_path: Path) -> None:
    await set_key(server.database)
    photo = await send_photo(server, server.phones[0], b"first")
    beside = tmp_path / "away" / "files"
    await back_up(server, tmp_path / "away" / "a.age", beside=beside)
    kept = beside / whole_name(server.seeded.mission.id, photo)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    inode = kept.stat().st_ino
    made = await back_up(server, tmp_path / "away" / "b.age", beside=beside)
    assert kept.stat().st_ino == inode
    assert (made.manifest.files.beside, made.manifest.files.inside) == (1, 0)
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + b"?")
    await back_up(server, tmp_path / "away" / "c.age", beside=beside)
    assert kept.read_bytes() == whole


async def test_a_backup_whose_tallies_are_wrong_is_not_kept(server: Server, tmp_path: Path) -> None:
    await set_key(server.database)
    await push_random(server, 1)
    await falsify_reports(server)
    with pytest.raises(BackupNotGood, match="severity differ"):
        await back_up(server, tmp_path / "out" / "a.age")
    assert list((tmp_path / "out").iterdir()) == []
    await rebuild(server.database, is_check=False)
    await back_up(server, tmp_path / "out" / "a.age")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_file_that_changed_on_the_disk_is_noticed_at_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_key(server.database)
    finish = SealedWriter.finish

    def finish_badly(writer: SealedWriter) -> None:
        finish(writer)
        path = next(tmp_path.glob("out/*.part"))
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    monkeypatch.setattr(SealedWriter, "finish", finish_badly)
    with pytest.raises(BackupNotGood):
        await back_up(server, tmp_path / "out" / "a.age")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_full_disk_leaves_no_file_and_says_so(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_key(server.database)

    def full(_reader: object, _writer: object, _recipients: object) -> None:
        msg = "OSError: [Errno 28] No space left on device"
        raise pyrage.EncryptError(msg)

    monkeypatch.setattr("steppe.backup.sealed_file.encrypt_io", full)
    with pytest.raises(BackupNotWritten, match="No space left"):
        await back_up(server, tmp_path / "out" / "a.age")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_two_backups_at_once_are_refused(server: Server, tmp_path: Path) -> None:
    await set_key(server.database)
    with one_at_a_time(server.settings.data), pytest.raises(BackupRunning):
        await back_up(server, tmp_path / "a.age")


MOMENTS = st.lists(
    st.datetimes(datetime(2021, 1, 1), datetime(2021, 3, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - as Hypothesis asks
        lambda moment: moment.replace(microsecond=0)
    ),
    unique=True,
    max_size=40,
)


@given(MOMENTS, st.integers(0, 10), st.integers(0, 6))
def test_what_is_kept_is_the_newest_and_the_last_of_each_day_and_week(
    moments: list[datetime], days: int, weeks: int
) -> None:
    kept = set(moments) - expendable(moments, days, weeks)
    if not moments:
        assert kept == set()
        return
    assert max(moments) in kept
    assert len(kept) <= days + weeks + 1
    last_of_day = {max(other for other in moments if other.date() == one.date()) for one in moments}
    assert set(sorted(last_of_day)[-days:] if days else []) <= kept <= last_of_day
    covered = {one.isocalendar()[:2] for one in kept}
    wanted = sorted({one.isocalendar()[:2] for one in moments})[-weeks:] if weeks else []
    assert set(wanted) <= covered


def test_only_dated_backups_are_ever_deleted(tmp_path: Path) -> None:
    newest = datetime(2021, 1, 20, 3, 0, tzinfo=UTC)
    names = [backup_name(newest - timedelta(hours=12 * back)) for back in range(20)]
    for name in [*names, "notes.txt", "steppe-by-hand.age", f"{names[0]}.part"]:
        (tmp_path / name).write_text("x")
    gone = delete_expendable(tmp_path, "2d1w")
    assert names[0] not in gone
    assert len(gone) == 18
    assert {"notes.txt", "steppe-by-hand.age"} <= {path.name for path in tmp_path.iterdir()}
    assert moment_of(names[0]) == newest
    for bad in ("", "d", "7", "4w7d", "-1d", "0d"):
        with pytest.raises(BadKeep):
            read_keep(bad)

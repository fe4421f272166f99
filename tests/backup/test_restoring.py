"""A backup comes back on either engine as it was, and phones are told that it is another time."""

import random
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
from sqlalchemy import Connection, inspect
from sqlmodel import col, select, update

from steppe import migrate
from steppe.attachments.blob_names import whole_name
from steppe.attachments.models import Attachment
from steppe.backup import making, rows
from steppe.backup.commands import note_backup
from steppe.backup.incarnation import AHEAD, MARK, Mark, Place, next_epoch, read_mark, write_mark
from steppe.backup.places import BesideFolder
from steppe.backup.problems import DamagedBackup, FilesMissing, LaterBackup, PlaceNotEmpty, WrongRecoveryKey
from steppe.backup.restoring import Restore, Restored, Schema
from steppe.backup.revocation_list import REVOCATIONS, append_revocations
from steppe.backup.sealed_file import SealedWriter, read_parts
from steppe.doctor import check_secret
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database, is_passing
from steppe.kit.settings import Settings
from steppe.kit.sqlite import ServerRunning
from steppe.missions.models import Mission, MissionCounter
from steppe.missions.safety import Safety, read_safety
from steppe.people.models import DeskSession, Device
from steppe.submissions.models import Submission
from steppe.summaries.rebuild import rebuild
from tests.backup.rooms import back_up, everything, send_photo, set_key
from tests.conftest import EngineName
from tests.fixtures_server import Server, node
from tests.postgres import Cluster
from tests.summaries.test_rebuild import push_random

SCHEMA = Schema(migrate.revisions(), migrate.newest(), migrate.bring_to, migrate.migrate)
CHANGED = {"mission", "mission_counter", "audit_entry", "backup", "recovery_key"}
only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture(params=["sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An empty place on the engine that the test asks for."""
    data = tmp_path / "place"
    if request.param == "sqlite":
        yield Settings(data=data, database_url=f"sqlite+aiosqlite:///{data / 'steppe.db'}")
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.create()
    yield Settings(data=data, database_url=cluster.url(name))
    cluster.drop(name)


async def restore(
    place: Settings, path: Path, key: pyrage.x25519.Identity, schema: Schema = SCHEMA, **more: Any
) -> Restored:
    database = Database(place)
    try:
        folder = more.pop("beside", None)
        beside = BesideFolder(folder) if folder else None
        return await Restore(place, database, Blobs(place), schema, beside=beside).run(path, key, **more)
    finally:
        await database.close()


async def columns_at(revision: str, data: Path) -> dict[str, set[str]]:
    """The tables of an earlier schema with their columns."""
    database = Database(Settings(data=data, database_url=""))
    await migrate.bring_to(database, revision)

    def look(connection: Connection) -> dict[str, set[str]]:
        seen = inspect(connection)
        return {name: {one["name"] for one in seen.get_columns(name)} for name in seen.get_table_names()}

    async with database.reader.connect() as connection:
        there = await connection.run_sync(look)
    await database.close()
    return there


def files(place: Settings) -> list[str]:
    """Everything that lies in a place, folders and the names of locks aside."""
    return sorted(str(path.relative_to(place.data)) for path in place.data.rglob("*") if path.is_file())


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
async def test_what_one_engine_held_the_other_holds_and_goes_on_with(
    server: Server, place: Settings, tmp_path: Path, engine_name: EngineName
) -> None:
    key = await set_key(server.database)
    await push_random(server, 1)
    photo = await send_photo(server, server.phones[0], b"a protocol on a board")
    phone, mission = server.phones[0], server.seeded.mission.id
    old = await server.pull(phone)
    before = await everything(server.database, without=CHANGED)
    made = await back_up(server, tmp_path / "a.age")
    later = phone.report()
    lost = (await server.push(phone, later))["read"]["items"][0]
    restored = await restore(place, Path(made.place), key)
    async with node(place, server.seeded) as again:
        after = await everything(again.database, without=CHANGED)
        # A line of the feed for each mission tells open desks of the restore, and nothing else came.
        told = [line for line in after["change"] if '"restore"' in line]
        assert len(told) == len(restored.places)
        after["change"] = [line for line in after["change"] if line not in told]
        assert after == before
        assert [found.differences for found in await rebuild(again.database, is_check=True)] == [[], []]
        assert await check_secret(place, again.database) == 4
        name = whole_name(mission, photo)
        assert await Blobs(place).get(name) == await Blobs(server.settings).get(name)
        here = restored.places[mission]
        [head] = [one for one in made.manifest.missions if one.id == mission]
        assert here.n == head.n + AHEAD
        assert here.epoch > head.epoch
        answer = await again.push(phone, later, later)
        assert [one["status"] for one in answer["results"]] == ["stored", "duplicate"]
        assert answer["read"]["items"][0]["seq"] == here.n + 1 != lost["seq"]
        assert (answer["read"]["epoch"], answer["read"]["safe_seq"]) == (here.epoch, head.n)
        page = await again.pull(phone, old["next_cursor"])
        assert {one["kind"] for one in page["changes"]} >= {"mission", "checklist", "submission"}
        async with again.database.read() as session:
            assert (await session.exec(select(DeskSession))).first() is None
    assert read_mark(place.data).missions == restored.places


@only_sqlite
async def test_a_cut_or_changed_file_is_refused_before_anything_is_written(
    server: Server, place: Settings, tmp_path: Path
) -> None:
    key = await set_key(server.database)
    await push_random(server, 1, rounds=1)
    made = await back_up(server, tmp_path / "a.age")
    whole = Path(made.place).read_bytes()
    chance = random.Random(7)
    harmed = tmp_path / "harmed.age"
    place.data.mkdir()
    cuts = [0, 1, 20, len(whole) // 2, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(20))]
    flips = [0, 21, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(22))]
    for cut in cuts:
        harmed.write_bytes(whole[:cut])
        with pytest.raises((DamagedBackup, WrongRecoveryKey)):
            await restore(place, harmed, key)
    for place_of_flip in flips:
        changed = bytearray(whole)
        changed[place_of_flip] ^= 1 << chance.randrange(8)
        harmed.write_bytes(changed)
        with pytest.raises((DamagedBackup, WrongRecoveryKey)):
            await restore(place, harmed, key)
    harmed.write_bytes(whole + b"\0")
    with pytest.raises(DamagedBackup):
        await restore(place, harmed, key)
    with pytest.raises(WrongRecoveryKey):
        await restore(place, Path(made.place), pyrage.x25519.Identity.generate())
    assert files(place) == []


@only_sqlite
async def test_a_file_without_its_end_or_with_other_parts_is_refused_though_it_opens(
    server: Server, place: Settings, tmp_path: Path
) -> None:
    key = await set_key(server.database)
    made = await back_up(server, tmp_path / "a.age")
    parts = list(read_parts(Path(made.place), key))
    swapped = [parts[1], parts[0], *parts[2:]]
    doubled = [*parts[:-1], parts[0], parts[-1]]
    for name, others in (("short", parts[:-1]), ("fewer", parts[1:]), ("order", swapped), ("twice", doubled)):
        writer = SealedWriter(tmp_path / name, [key.to_public()])
        for part in others:
            writer.add(*part)
        writer.finish()
        with pytest.raises(DamagedBackup):
            await restore(place, tmp_path / name, key)
    assert files(place) == []


@only_sqlite
async def test_a_place_with_something_in_it_is_left_alone(server: Server, place: Settings, tmp_path: Path) -> None:
    key = await set_key(server.database)
    made = await back_up(server, tmp_path / "a.age")
    with pytest.raises(PlaceNotEmpty, match="has rows in"):
        await restore(server.settings, Path(made.place), key)
    await Blobs(place).put("photo", b"of somebody")
    with pytest.raises(PlaceNotEmpty, match="store of photos"):
        await restore(place, Path(made.place), key)
    assert files(place) == ["blobs/photo"]


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
@only_sqlite
async def test_a_database_that_another_process_uses_is_left_alone(
    server: Server, place: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await set_key(server.database)
    made = await back_up(server, tmp_path / "a.age")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("steppe.kit.db.os.getpid", lambda: 1)
        other = Database(place)
        await other.check()
    with pytest.raises(ServerRunning):
        await restore(place, Path(made.place), key)
    await other.close()


@only_sqlite
async def test_a_full_disk_leaves_the_place_empty(server: Server, place: Settings, tmp_path: Path) -> None:
    key = await set_key(server.database)
    await push_random(server, 1)
    await send_photo(server, server.phones[0], b"a protocol on a board")
    made = await back_up(server, tmp_path / "a.age")
    place.data.mkdir()
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (450_000, most))
    try:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which of the two it is, the engine decides
            await restore(place, Path(made.place), key)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert is_passing(caught.value)
    assert files(place) == []
    await restore(place, Path(made.place), key)


@only_sqlite
async def test_a_place_with_its_own_secret_keeps_it(server: Server, place: Settings, tmp_path: Path) -> None:
    key = await set_key(server.database)
    made = await back_up(server, tmp_path / "a.age")
    other = Settings(data=place.data, database_url=place.database_url, secret="ab" * 32)
    await restore(other, Path(made.place), key)
    database = Database(other)
    assert await check_secret(other, database) == 4
    await database.close()
    assert not (place.data / "secret.key").exists()


@only_sqlite
async def test_photos_beside_come_back_and_missing_ones_are_asked_for_again(
    server: Server, place: Settings, tmp_path: Path
) -> None:
    key = await set_key(server.database)
    photos = [await send_photo(server, server.phones[0], content) for content in (b"first", b"second")]
    mission, beside = server.seeded.mission.id, tmp_path / "files"
    earlier = await back_up(server, tmp_path / "a.age", beside=beside)
    async with server.database.write() as session:
        await note_backup(session, earlier, is_away=True, actor="test")
    made = await back_up(server, tmp_path / "b.age", beside=beside)
    (beside / whole_name(mission, photos[1])).write_bytes(b"changed")
    with pytest.raises(FilesMissing, match="1 files, such as"):
        await restore(place, Path(made.place), key, beside=beside)
    assert files(place) == []
    restored = await restore(place, Path(made.place), key, beside=beside, is_incomplete=True)
    assert restored.missing == [whole_name(mission, photos[1])]
    database = Database(place)
    async with database.read() as session:
        assert await session.get(Attachment, (mission, photos[0])) is not None
        assert await session.get(Attachment, (mission, photos[1])) is None
        # What was promised before does not hold any more.
        assert await read_safety(session, mission) == Safety(restored.places[mission].epoch, 0)
    await database.close()
    async with node(place, server.seeded) as again:
        answer = await again.push(server.phones[0], server.phones[0].seal(server.phones[0].made[1]))
        assert answer["results"][0]["needs"] == [photos[1]]


@only_sqlite
async def test_a_phone_that_was_refused_after_the_backup_stays_refused(
    server: Server, place: Settings, tmp_path: Path
) -> None:
    key = await set_key(server.database)
    made = await back_up(server, tmp_path / "a.age")
    gone, phone = server.phones[0], server.phones[1]
    place.data.mkdir()
    at = datetime(2021, 1, 9, tzinfo=UTC)
    append_revocations(place.data / REVOCATIONS, {gone.id: {"revoked_at": at, "name": "other"}})
    append_revocations(place.data / REVOCATIONS, {server.seeded.mission.id: {"revoked_at": at}})
    with (place.data / REVOCATIONS).open("ab") as file:
        file.write(b'\n{"device": "torn')
    restored = await restore(place, Path(made.place), key)
    assert restored.refused_again == 1
    database = Database(place)
    async with database.read() as session:
        devices = dict((await session.exec(select(Device.id, Device.revoked_at))).all())
        assert (devices[gone.id], devices[phone.id]) == (at, None)
    await database.close()


@only_sqlite
async def test_a_backup_of_a_later_version_is_refused_and_one_of_an_earlier_brought_up(
    server: Server, place: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await set_key(server.database)
    await push_random(server, 1)
    now = await back_up(server, tmp_path / "now.age")
    known = Schema(migrate.revisions() - {now.manifest.schema_revision}, "0014", migrate.bring_to, migrate.migrate)
    with pytest.raises(LaterBackup):
        await restore(place, Path(now.place), key, known)
    # As the version of that schema wrote it: without the tables and columns that came since.
    then_columns = await columns_at("0014", tmp_path / "then")
    query = rows._query

    def names(source: Any) -> list[str]:
        return [one.name for one in source.columns if one.name in then_columns[source.name]]

    monkeypatch.setattr(rows, "column_names", names)
    monkeypatch.setattr(
        rows,
        "_query",
        lambda source: query(source).with_only_columns(*(source.columns[name] for name in names(source))),
    )
    tables = [one for one in rows.copied_tables() if one.name in then_columns]
    monkeypatch.setattr(making, "copied_tables", lambda: tables)

    async def revision(_session: object) -> str:
        return "0014"

    async def checked(*_given: object) -> None:
        """Say nothing: that version looked at its backup by its own rules, and knew nothing of edits and facts."""

    monkeypatch.setattr(making, "schema_revision", revision)
    monkeypatch.setattr(making, "check_backup", checked)
    async with server.database.write() as writing:
        # No report was withdrawn then.
        withdrawn = update(Submission).where(col(Submission.status) == "withdrawn")
        await writing.execute(withdrawn.values(status="received"))
    then = await back_up(server, tmp_path / "then.age")
    monkeypatch.undo()
    restored = await restore(place, Path(then.place), key)
    database = Database(place)
    assert await migrate.pending(database) == ""
    async with database.read() as session:
        mission = await session.get(Mission, server.seeded.mission.id)
        counter = await session.get(MissionCounter, server.seeded.mission.id)
        assert mission is not None
        assert counter is not None
        assert Place(epoch=mission.epoch, n=counter.n) == restored.places[mission.id]
    await database.close()


@only_sqlite
async def test_what_the_place_knows_of_later_times_is_left_behind_too(
    server: Server, place: Settings, tmp_path: Path
) -> None:
    key = await set_key(server.database)
    made = await back_up(server, tmp_path / "a.age")
    mission = server.seeded.mission.id
    write_mark(place.data, Mark(missions={mission: Place(epoch=2_000_000_000, n=5_000_000)}), is_synced=True)
    restored = await restore(place, Path(made.place), key)
    assert restored.places[mission] == Place(epoch=2_000_000_001, n=5_000_000 + AHEAD)
    assert files(place) == sorted(["steppe.db", "secret.key", MARK])


def test_one_file_restored_twice_by_machines_that_know_nothing_of_each_other_gives_two_epochs() -> None:
    first = datetime(2026, 1, 9, 3, 0, tzinfo=UTC)
    epochs = [next_epoch((1,), first + timedelta(seconds=seconds)) for seconds in (0, 2, 24 * 3600)]
    assert len(set(epochs)) == 3
    assert epochs == sorted(epochs)
    assert next_epoch((epochs[2], 1), first) == epochs[2] + 1


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
@only_sqlite
async def test_what_fails_after_the_rows_were_written_leaves_the_place_empty(
    server: Server, place: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await set_key(server.database)
    await send_photo(server, server.phones[0], b"a protocol on a board")
    made = await back_up(server, tmp_path / "a.age")

    def full(_data: Path, _mark: Mark, *, is_synced: bool) -> None:
        msg = "No space left on device"
        raise OSError(msg)

    with monkeypatch.context() as failing:
        failing.setattr("steppe.backup.restoring.write_mark", full)
        with pytest.raises(OSError, match="No space left"):
            await restore(place, Path(made.place), key)
    assert files(place) == []
    await restore(place, Path(made.place), key)

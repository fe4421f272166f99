"""An older database that somebody put back by hand is noticed, and nothing is acknowledged into a file that is gone."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, select
from typer.testing import CliRunner

from steppe import doctor
from steppe.audit.models import AuditEntry
from steppe.backup.incarnation import AHEAD, MARK, Mark, Place, read_mark, write_mark
from steppe.backup.keeper import IncarnationKeeper
from steppe.backup.revocation_list import REVOCATIONS, read_revocations
from steppe.cli import app
from steppe.kit.db import Database, DatabaseAway, DatabaseReplaced
from steppe.kit.sqlite import FileIdentity, ServerRunning, served_alone
from steppe.missions.models import Mission, MissionCounter
from steppe.people.models import Device
from tests.backup.conftest import failed
from tests.fixtures_server import API, Server, node

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


async def place(server: Server) -> Place:
    async with server.database.read() as session:
        mission = await session.get(Mission, server.seeded.mission.id)
        counter = await session.get(MissionCounter, server.seeded.mission.id)
        assert mission is not None
        assert counter is not None
        return Place(epoch=mission.epoch, n=counter.n)


async def set_counter(server: Server, n: int) -> None:
    async with server.database.write() as session:
        mine = col(MissionCounter.mission_id) == server.seeded.mission.id
        await session.execute(update(MissionCounter).where(mine).values(n=n))


async def test_a_counter_behind_its_mark_begins_a_new_epoch_beyond_it(server: Server) -> None:
    phone, mission = server.phones[0], server.seeded.mission.id
    await server.push(phone, phone.report(), phone.report())
    keeper = IncarnationKeeper(server.database, server.settings)
    await keeper.look()
    was = await place(server)
    assert read_mark(server.settings.data).missions[mission] == was
    # As after `pg_restore` or `cp` of a copy that did not have the last two.
    await set_counter(server, was.n - 2)
    again = IncarnationKeeper(server.database, server.settings)
    await again.first_look()
    here = await place(server)
    assert here.n == was.n + AHEAD
    assert here.epoch > was.epoch
    assert again.put_back is not None
    assert (again.put_back.mission, again.put_back.was, again.put_back.found) == ("TST2021", was.n, was.n - 2)
    answer = await server.push(phone, phone.report())
    assert answer["read"]["items"][0]["seq"] == here.n + 1
    assert answer["read"]["epoch"] == here.epoch
    async with server.database.read() as session:
        mine = select(AuditEntry.action).where(AuditEntry.mission_id == mission)
        assert list((await session.exec(mine)).all()) == ["mission.put_back"]
    # Once: the next look, of this node or another, finds nothing.
    await again.look()
    await IncarnationKeeper(server.database, server.settings).look()
    assert await place(server) == Place(epoch=here.epoch, n=here.n + 1)


async def test_a_database_put_back_under_a_running_server_is_noticed_too(server: Server) -> None:
    keeper = IncarnationKeeper(server.database, server.settings)
    await keeper.look()
    was = await place(server)
    await set_counter(server, was.n - 1)
    await keeper.look()
    assert (await place(server)).n == was.n + AHEAD


@pytest.mark.parametrize(("failure", "level"), [(DatabaseAway, "WARNING"), (DatabaseReplaced, "ERROR")])
async def test_a_database_that_was_away_is_looked_at_as_soon_as_it_is_back(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failure: type[DatabaseAway],
    level: str,
) -> None:
    monkeypatch.setattr("steppe.backup.keeper.TICK_SECONDS", 0.01)
    monkeypatch.setattr("steppe.backup.keeper._IDLE_TICKS", 10**9)
    phone, mission = server.phones[0], server.seeded.mission.id
    keeper = IncarnationKeeper(server.database, server.settings)
    await keeper.look()
    await server.push(phone, phone.report())
    failed_at: list[str] = []

    def away(*_: object, **__: object) -> object:
        monkeypatch.delattr(server.database, "read")
        failed_at.append("read")
        raise failure

    monkeypatch.setattr(server.database, "read", away)
    looking = asyncio.create_task(keeper.run())
    async with asyncio.timeout(10):
        while not failed_at or read_mark(server.settings.data).missions[mission] != await place(server):  # noqa: ASYNC110 - no event tells of a file
            await asyncio.sleep(0.01)
    looking.cancel()
    assert [record.levelname for record in caplog.records if "looked after" in record.message] == [level]


async def test_ordinary_stops_and_starts_and_other_nodes_change_nothing(server: Server) -> None:
    was = await place(server)
    first, second = (IncarnationKeeper(server.database, server.settings) for _ in range(2))
    await first.look()
    await server.push(server.phones[0], server.phones[0].report())
    await second.look()
    await first.look(is_last=True)
    await server.push(server.phones[1], server.phones[1].report())
    await IncarnationKeeper(server.database, server.settings).first_look()
    assert await place(server) == Place(epoch=was.epoch, n=was.n + 2)


@only_sqlite
async def test_a_copy_put_back_with_cp_is_noticed_at_the_start_and_told(
    server: Server, database: Database, tmp_path: Path
) -> None:
    data, phone = server.settings.data, server.phones[0]
    await server.push(phone, phone.report())
    with sqlite3.connect(data / "steppe.db") as live, sqlite3.connect(tmp_path / "copy.db") as copy:
        live.backup(copy)
    live.close()
    copy.close()
    lost = phone.report()
    number = (await server.push(phone, lost))["read"]["items"][0]["seq"]
    keeper = IncarnationKeeper(server.database, server.settings)
    await keeper.look(is_last=True)
    await server.database.close()
    await database.close()
    for ending in ("-wal", "-shm"):
        (data / f"steppe.db{ending}").unlink(missing_ok=True)
    shutil.copy(tmp_path / "copy.db", data / "steppe.db")
    async with node(server.settings, server.seeded) as again:
        app_keeper = again.client._transport.app.state.parts[IncarnationKeeper]  # type: ignore[attr-defined]  # httpx keeps it
        await app_keeper.first_look()
        answer = await again.push(phone, lost)
        assert answer["results"][0]["status"] == "stored"
        assert answer["read"]["items"][0]["seq"] > number
        assert "put_back" in (await again.client.get(f"{API}/health")).json()
        checks = {check.subject: check for check in await doctor.examine(server.settings, again.database)}
        assert "an older database of TST2021 was put back" in checks["database's age"].state


@only_sqlite
@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda path: shutil.copy(path, f"{path}.2") and Path(f"{path}.2").replace(path)]
)
async def test_nothing_is_acknowledged_into_a_file_that_is_gone(server: Server, harm: Callable[[Path], object]) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    harm(server.settings.data / "steppe.db")
    response = await server.client.post(f"{API}/sync/push", json=phone.push_body(phone.report()), headers=phone.bearer)
    assert (response.status_code, response.json()["type"]) == (503, "urn:steppe:problem:try-later")
    assert (await server.client.get(f"{API}/health")).status_code == 503
    with pytest.raises(DatabaseReplaced):
        await IncarnationKeeper(server.database, server.settings).look()
    # A connection made anew does not slip into the other file.
    await server.database.writer.dispose()
    with pytest.raises(DatabaseReplaced):
        async with server.database.write() as session:
            await session.exec(select(Mission.id).where(Mission.id == server.seeded.mission.id))


async def test_a_phone_refused_once_stays_refused_when_an_older_database_is_put_back(server: Server) -> None:
    gone = server.phones[0].id
    at = datetime(2021, 1, 9, tzinfo=UTC)
    async with server.database.write() as session:
        await session.execute(update(Device).where(col(Device.id) == gone).values(revoked_at=at))
    keeper = IncarnationKeeper(server.database, server.settings)
    await keeper.look()
    await keeper.look()
    listed = server.settings.data / REVOCATIONS
    assert read_revocations(listed).keys() == {gone}
    assert len(listed.read_bytes().split(b"\n")) == 2
    async with server.database.write() as session:
        await session.execute(update(Device).where(col(Device.id) == gone).values(revoked_at=None))
    await set_counter(server, 1)
    await IncarnationKeeper(server.database, server.settings).look()
    async with server.database.read() as session:
        device = await session.get(Device, gone)
        assert device is not None
        assert device.revoked_at == at


async def refuse(server: Server, phone: UUID, serial: int | None, at: datetime | None = None) -> None:
    """Set what the database says of a phone that is refused by this order; None: it is not."""
    refused_at = at or (datetime(2021, 1, 9, tzinfo=UTC) if serial else None)
    values = {"revoked_at": refused_at, **({"revoked_serial": serial} if serial else {})}
    async with server.database.write() as session:
        await session.execute(update(Device).where(col(Device.id) == phone).values(**values))


async def test_servers_that_share_a_list_hold_a_refused_phone_once(server: Server) -> None:
    gone = server.phones[0].id
    nodes = [IncarnationKeeper(server.database, server.settings) for _ in range(2)]
    for keeper in nodes:
        await keeper.look()
    await refuse(server, gone, 7)
    for keeper in nodes:
        await keeper.look()
    listed = server.settings.data / REVOCATIONS
    assert listed.read_bytes().count(str(gone).encode()) == 1


async def test_a_phone_that_is_refused_anew_gets_its_later_order_when_an_older_database_is_put_back(
    server: Server,
) -> None:
    again, later = server.phones[0].id, server.phones[1].id
    keeper = IncarnationKeeper(server.database, server.settings)
    for phone, serial in ((again, 7), (later, None), (again, None), (later, 8), (again, 9)):
        await refuse(server, phone, serial)
        await keeper.look()
    listed = server.settings.data / REVOCATIONS
    assert {device: said["revoked_serial"] for device, said in read_revocations(listed).items()} == {again: 9, later: 8}
    # A copy of the time of the first order: it is no news to the list.
    await refuse(server, again, 7)
    await refuse(server, later, None)
    await set_counter(server, 1)
    await IncarnationKeeper(server.database, server.settings).look()
    async with server.database.read() as session:
        serials = dict((await session.exec(select(Device.id, Device.revoked_serial))).all())
    assert (serials[again], serials[later]) == (9, 8)
    assert len(listed.read_bytes().splitlines()) == 4


def test_a_mark_that_cannot_be_read_is_no_mark(tmp_path: Path) -> None:
    assert read_mark(tmp_path) == Mark()
    (tmp_path / MARK).write_text('{"missions": {')
    assert read_mark(tmp_path) == Mark()
    write_mark(tmp_path / "new", Mark(), is_synced=True)
    assert read_mark(tmp_path / "new") == Mark()


def test_a_second_server_of_one_file_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPPE_DATA", str(tmp_path))
    path = str(tmp_path / "steppe.db")
    with served_alone(path), pytest.raises(ServerRunning), served_alone(path):
        pass
    with served_alone(path):
        assert "A server is using this database" in failed(CliRunner().invoke(app, ["serve"]))
    with served_alone(path), served_alone(None), served_alone(""):
        pass


def test_a_file_is_the_same_while_its_name_leads_to_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1")
    identity = FileIdentity(str(path))
    assert identity.is_same()
    path.write_text("2")
    assert identity.is_same()
    path.rename(tmp_path / "b")
    assert not identity.is_same()
    (tmp_path / "b").rename(path)
    assert identity.is_same()
    assert FileIdentity("").is_same()

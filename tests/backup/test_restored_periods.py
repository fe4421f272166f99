"""After a restore the desk is told of which time its own facts may be missing, until somebody has looked after it."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from steppe import doctor, migrate
from steppe.audit.models import AuditEntry
from steppe.backup.incarnation import read_mark
from steppe.backup.keeper import IncarnationKeeper
from steppe.backup.queries import unread_restores
from steppe.backup.restoring import Restore, Schema
from steppe.kit.blobs import Blobs
from steppe.kit.clock import iso, now
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.missions.models import Change, Mission, MissionCounter
from tests.backup.rooms import back_up, set_key
from tests.fixtures_desk import OWN, asked, cookie
from tests.fixtures_neighbour import NEIGHBOUR
from tests.fixtures_server import API, Server, node


async def put_back(server: Server, *, by: int = 1) -> None:
    """Do to the seeded mission what an older database does, and let the server notice."""
    keeper = IncarnationKeeper(server.database, server.settings)
    await keeper.look()
    async with server.database.write() as session:
        own = col(MissionCounter.mission_id) == server.seeded.mission.id
        await session.execute(update(MissionCounter).where(own).values(n=MissionCounter.n - by))
    await keeper.look()


async def listed(server: Server, role: str = "coordinator") -> list[dict[str, Any]]:
    """What the desk shows this role."""
    answer = await asked(server, role, "/restores")
    restores: list[dict[str, Any]] = answer["restores"]
    return restores


async def read(server: Server, role: str, *restores: str) -> int:
    """Say as this role that these were looked after; returns the status of the answer."""
    headers = {**cookie(server, role), **OWN}
    body = {"restores": list(restores)}
    return (await server.client.post(f"{API}/restores/read", json=body, headers=headers)).status_code


async def entries(server: Server, action: str) -> list[AuditEntry]:
    async with server.database.read() as session:
        own = select(AuditEntry).where(AuditEntry.mission_id == server.seeded.mission.id, AuditEntry.action == action)
        return list((await session.exec(own)).all())


async def test_nothing_is_told_of_a_mission_that_never_was_restored(server: Server) -> None:
    assert await listed(server) == []
    assert "restore" not in {check.subject for check in await doctor.examine(server.settings, server.database)}


async def test_each_period_is_listed_until_somebody_has_looked_after_it(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    before = now()
    await put_back(server)
    await server.push(phone, phone.report())
    await put_back(server)
    # Desks that were open hear of it too.
    assert await last_number(server) == read_mark(server.settings.data).missions[server.seeded.mission.id].n
    second, first = await listed(server)
    assert [await listed(server, role) for role in ("head", "admin")] == [[second, first]] * 2
    assert first["since"] <= iso(before) < first["until"] < second["until"]
    assert first["until"] <= second["since"] <= second["until"]
    assert first["is_by_hand"]
    told = [check for check in await doctor.examine(server.settings, server.database) if check.subject == "restore"]
    assert [check.is_well for check in told] == [False, False]
    since, until = (iso(datetime.fromisoformat(second[name])) for name in ("since", "until"))
    assert f"TST2021: what was decided from {since} to {until} may be missing" in told[0].state

    number = await last_number(server)
    assert await read(server, "admin", first["id"]) == 200
    # Other desks hear of it.
    assert await last_number(server) > number
    assert await listed(server) == [second]
    assert await read(server, "head", first["id"], second["id"]) == 200
    assert await listed(server) == []
    looked = await entries(server, "mission.restore_read")
    assert sorted(entry.object_id for entry in looked) == sorted([first["id"], second["id"]])
    assert {entry.actor.partition(":")[0] for entry in looked} == {"person"}
    assert len({entry.actor for entry in looked}) == 2
    assert "restore" not in {check.subject for check in await doctor.examine(server.settings, server.database)}


async def last_number(server: Server) -> int:
    async with server.database.read() as session:
        query = select(Change.n).where(Change.mission_id == server.seeded.mission.id).order_by(col(Change.n).desc())
        return (await session.exec(query.limit(1))).one()


async def test_another_missions_restore_is_neither_shown_nor_marked(server: Server) -> None:
    async with server.database.write() as session:
        other = (await session.exec(select(Mission).where(Mission.code == NEIGHBOUR))).one()
        other.epochs = [{"epoch": 2, "receipts": 0, "at": iso(now())}]
        session.add(other)
        theirs = AuditEntry(
            mission_id=other.id, actor="command line", action="mission.restore", object_id=str(other.id), detail={}
        )
        session.add(theirs)
        await session.flush()
        their_id = theirs.id
    assert await listed(server) == []
    await put_back(server)
    [own] = await listed(server)
    assert UUID(own["id"]) != their_id
    for strange in (str(their_id), str(uuid4())):
        assert await read(server, "head", own["id"], strange) == 404
    assert await listed(server) == [own]
    state = {check.state for check in await doctor.examine(server.settings, server.database)}
    assert any(one.startswith(f"{NEIGHBOUR}: what was decided before ") for one in state)


async def test_what_was_written_before_an_older_database_was_noticed_does_not_shorten_the_period(
    server: Server,
) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    keeper = IncarnationKeeper(server.database, server.settings)
    await keeper.look()
    noted = read_mark(server.settings.data).noted_at
    assert noted is not None
    async with server.database.write() as session:
        own = col(MissionCounter.mission_id) == server.seeded.mission.id
        await session.execute(update(MissionCounter).where(own).values(n=0))
        session.add(
            AuditEntry(mission_id=server.seeded.mission.id, actor="test", action="grant.add", object_id="x", detail={})
        )
    await keeper.look()
    [period] = await listed(server)
    assert datetime.fromisoformat(period["since"]) <= noted


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_restore_lists_the_time_since_its_backup(server: Server, tmp_path: Path) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    key = await set_key(server.database)
    made = await back_up(server, tmp_path / "a.age")
    place = Settings(data=tmp_path / "new", database_url="", secret="", blob_url="", pwa_dist=tmp_path / "none")
    database = Database(place)
    schema = Schema(migrate.revisions(), migrate.newest(), migrate.bring_to, migrate.migrate)
    await Restore(place, database, Blobs(place), schema).run(Path(made.place), key)
    await database.close()
    async with node(place, server.seeded) as restored:
        [entry] = await entries(restored, "mission.restore")
        async with restored.database.read() as session:
            [period] = await unread_restores(session, server.seeded.mission.id)
        assert (period.id, period.is_by_hand) == (entry.id, False)
        assert period.since is not None
        assert iso(period.since) == iso(made.manifest.made_at)
        assert period.until == entry.at

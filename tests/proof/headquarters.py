"""The server of the proof: the real application, which dies, comes back, and is put back to an older copy."""

import asyncio
import gzip
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import orjson
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from steppe import main, migrate
from steppe.backup.commands import note_backup
from steppe.backup.keeper import IncarnationKeeper
from steppe.backup.making import make_backup
from steppe.backup.restoring import Restore, Schema
from steppe.checklists.commands import set_status
from steppe.kit.blobs import Blobs, Breaker
from steppe.kit.db import Database, DatabaseAway, WriteSession
from steppe.kit.settings import Settings
from steppe.missions.feed import Changed, announce, take_numbers
from steppe.missions.key_rotation import rotate
from steppe.missions.models import Mission, PlaceList
from steppe.missions.safety import raise_safe_seq
from steppe.people.commands import open_enrolment
from steppe.people.models import Device, Person, Team
from steppe.people.moving import move
from steppe.people.revocations import UnknownPhone, revoke
from steppe.summaries.rebuild import rebuild
from tests.backup.rooms import set_key
from tests.fixtures_mission import seed
from tests.proof.asgi import Answered, Asked, ask
from tests.proof.durable import FullStore, steps, trouble, virtual_seconds
from tests.proof.facts import held, is_whole
from tests.proof.places import Engine, Place

Result = TypeVar("Result")
PLACES = "00112233aabbccdd"
SCHEMA = Schema(migrate.revisions(), migrate.newest(), migrate.bring_to, migrate.migrate)


class _SameRoutes(FastAPI):
    """The application with the routes of the first one: to make them takes longer than a whole schedule."""

    routes_made: list[Any]

    def include_router(self, *_given: Any, **_options: Any) -> None:
        self.router.routes = list(self.routes_made)


class _NoRoutes:
    def __init__(self, **_options: Any) -> None:
        pass

    def include_router(self, *_given: Any) -> None:
        pass

    def get(self, *_given: Any, **_options: Any) -> Any:
        return lambda function: function


_databases: dict[str, Database] = {}


def _same_database(settings: Settings) -> Database:
    """The connections of the first server at this address, all closed meanwhile: their statements are compiled."""
    database = _databases.setdefault(settings.sqlalchemy_url, Database(settings))
    database.after_commit.clear()
    database._identity._first = None
    return database


def _make_app(place: Place) -> FastAPI:
    app = main.create_app(place.settings)
    if not isinstance(app, _SameRoutes):
        _SameRoutes.routes_made = app.router.routes
        vars(main).update(FastAPI=_SameRoutes, APIRouter=_NoRoutes, Database=_same_database)
    return app


class Headquarters:
    """One mission's server. `faults` gathers answers 5xx that are no 503, and what escaped the application."""

    def __init__(self, engine: Engine) -> None:
        """Keep the engine; nothing runs before `lay`."""
        self._engine = engine
        self._app: FastAPI | None = None
        self._own: set[asyncio.Task[Any]] = set()
        self.faults: list[str] = []
        self._backup: Path | None = None
        self.mission: UUID

    async def lay(self) -> None:
        """Make the mission that all schedules begin with, and serve it for phones to enrol."""
        self._migrated = self._engine.make("migrated")
        database = Database(self._migrated.settings)
        await migrate.migrate(database)
        await database.close()
        self._place = self._engine.copy(self._migrated, "laid")
        database = Database(self._place.settings)
        seeded = await seed(database, self._place.settings)
        self.mission = seeded.mission.id
        self._version = seeded.checklist_version_id
        await lay_places(database, self.mission)
        self._recovery = await set_key(database)
        await database.close()
        await self.start()

    async def keep(self) -> None:
        """Keep what stands now as what every schedule begins with."""
        await self.stop()
        self._laid = self._engine.copy(self._place, "template")

    async def begin(self) -> None:
        """Begin a schedule."""
        self.trouble(None, is_store_full=False)
        await self.stop()
        self.faults = []
        self._place = self._engine.copy(self._laid, "served")
        await self.start()

    async def start(self) -> None:
        """Serve what lies at the place."""
        if self._app is None:
            steps.born()
            self._app = _make_app(self._place)
            blobs = self._blobs
            vars(blobs).update(_store=FullStore(blobs._store), _breaker=Breaker(virtual_seconds))
            await self._keeper.first_look()

    async def stop(self) -> None:
        """End in good order."""
        if self._app is not None:
            await self._look(is_last=True)
            await self._close()

    async def _look(self, *, is_last: bool = False) -> None:
        with suppress(SQLAlchemyError, DatabaseAway):
            await self._keeper.look(is_last=is_last)

    async def second(self) -> None:
        """Let a second pass, as it does between the last change and whatever befalls the server: its watch looks."""
        if self._app is not None and self._keeper._is_changed:
            await self._look()

    def trouble(self, database: str | None, *, is_store_full: bool) -> None:
        """Let the machine be in trouble from now on, or no longer (`durable.Trouble`)."""
        trouble.database, trouble.is_store_full = database, is_store_full

    async def _close(self) -> None:
        await self._database.close()
        self._app = None

    async def drop(self) -> None:
        """Let the process be gone, whatever it was doing: what was not committed never was."""
        steps.died.set()
        running = [task for task in asyncio.all_tasks() if task not in self._own and task is not asyncio.current_task()]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        if self._app is not None:
            await self._close()

    async def copy(self, *, is_safe: bool) -> None:
        """Make a copy of database and bytes; when it `is_safe` it lies off this machine, and the server is told so."""
        await self.stop()
        self._backup = None
        self._copied = self._engine.copy(self._place, "copied")
        await self.start()
        if is_safe:
            await self.note_safe()

    async def note_safe(self) -> None:
        """Tell the server that all it has lies in a copy off this machine."""
        async with self._database.write() as session:
            mission = await session.get_one(Mission, self.mission)
            head = await take_numbers(session, self.mission, 0) - 1
            await raise_safe_seq(session, self.mission, head, epoch=mission.epoch)

    async def back_up(self, *, is_safe: bool) -> None:
        """Do what `steppe backup` does, and `confirm` when it `is_safe`. Raises the command's problems."""
        await self.start()
        # Beside the one before: a backup that fails leaves that.
        path, new = self._engine.folder / "backup.age", self._engine.folder / "backup.new.age"
        new.unlink(missing_ok=True)
        made = await make_backup(self._database, self._place.settings, self._blobs, new)
        async with self._database.write() as session:
            await note_backup(session, made, is_away=is_safe, actor="proof")
        self._backup = new.replace(path)

    async def put_back(self, bytes_of: str) -> None:
        """Put the copy in the place of what was served: by `steppe restore` into an empty place, or by hand.

        By hand the bytes may `stay` as they are, or be those `of the copy`, or be `gone`.
        """
        self.trouble(None, is_store_full=False)
        if bytes_of == "gone":
            # Whoever loses bytes and no rows is told by `steppe verify` alone: here something was in the newer rows.
            await self.start()
            await self.publish()
        await self.stop()
        if self._backup is not None:
            await self._restore(self._backup)
        else:
            self._place = self._engine.put_back(self._copied, self._place)
            if bytes_of != "stay":
                shutil.rmtree(self._place.data / "blobs", ignore_errors=True)
            if bytes_of == "of the copy" and (self._copied.data / "blobs").exists():
                shutil.copytree(self._copied.data / "blobs", self._place.data / "blobs")
        await self.start()

    async def _restore(self, path: Path) -> None:
        steps.born()
        empty = self._engine.copy(self._migrated, "restored")
        database = Database(empty.settings)
        restore = Restore(empty.settings, database, Blobs(empty.settings), SCHEMA)
        await restore.run(path, self._recovery)
        await database.close()
        self._place = empty

    @property
    def _database(self) -> Database:
        assert self._app is not None
        database: Database = self._app.state.parts[Database]
        return database

    @property
    def _blobs(self) -> Blobs:
        assert self._app is not None
        blobs: Blobs = self._app.state.parts[Blobs]
        return blobs

    @property
    def _keeper(self) -> IncarnationKeeper:
        assert self._app is not None
        keeper: IncarnationKeeper = self._app.state.parts[IncarnationKeeper]
        return keeper

    def spare(self, task: asyncio.Task[Any] | None) -> None:
        """Count a task as the proof's own, which no server's death ends."""
        if task is not None:
            self._own.add(task)

    async def ask(self, asked: Asked) -> Answered | None:
        """Put a request to the server; None when it is away, or died over it."""
        if self._app is None:
            return None
        asking = asyncio.create_task(ask(self._app, asked))
        dying = asyncio.create_task(steps.died.wait())
        await asyncio.wait({asking, dying}, return_when=asyncio.FIRST_COMPLETED)
        dying.cancel()
        if not asking.done():
            await self.drop()
            return None
        error = asking.exception()
        if error is not None:
            self.faults.append(f"{asked.method} {asked.path}: {error!r}")
            return None
        answered = asking.result()
        steps.disarm()
        if answered.status >= 500 and answered.status != 503:
            self.faults.append(f"{asked.method} {asked.path}: {answered.status}")
        return answered

    async def code(self, team: str, person: str | None) -> str | None:
        """Return a new enrolment code, for this person of the team; None while the server or its database is away."""

        async def work(session: WriteSession) -> str:
            known = await session.get_one(Person, UUID(person)) if person else None
            # A restored server may not know that somebody was moved.
            code_of = (await session.get_one(Team, known.team_id)).code if known else team
            code, _ = await open_enrolment(
                session,
                mission_id=self.mission,
                team_code=code_of,
                actor="proof",
                username=known.username if known else None,
            )
            return code

        return await self._at_desk(work)

    async def publish(self) -> None:
        """Announce something to every phone."""
        await self._at_desk(lambda session: announce(session, self.mission, Changed("mission", str(self.mission))))

    async def retire(self) -> None:
        """Retire the checklist: what is finished from it later is taken all the same."""
        await self._at_desk(
            lambda session: set_status(
                session,
                mission_id=self.mission,
                version_id=self._version,
                status="retired",
                reason="proof",
                actor="proof",
            )
        )

    async def revoke(self, device: str) -> None:
        """Refuse a phone from now on, if the server knows it."""
        with suppress(UnknownPhone):
            await self._at_desk(lambda session: revoke(session, self.mission, device, reason="lost", actor="proof"))

    async def move(self, person: str, team: str) -> list[str] | None:
        """Make an observer one of another team; the ids of the phones that go along."""

        async def work(session: WriteSession) -> list[str]:
            known = await session.get_one(Person, UUID(person))
            await move(session, self.mission, known.username, team, actor="proof")
            phones = select(col(Device.id)).where(Device.mission_id == self.mission, Device.person_id == known.id)
            return [str(phone) for phone in (await session.exec(phones)).all()]

        return await self._at_desk(work)

    async def rotate(self, purpose: str) -> None:
        """Put a new key of a purpose into force."""

        async def work(session: WriteSession) -> None:
            mission = await session.get_one(Mission, self.mission)
            await rotate(session, mission, purpose, secret=self._place.settings.secret_key, actor="proof")

        await self._at_desk(work)

    async def _at_desk(self, work: Callable[[WriteSession], Awaitable[Result]]) -> Result | None:
        """Let somebody at headquarters do something; nothing comes of it while there is no server or no database."""
        if self._app is None:
            return None
        with suppress(SQLAlchemyError, DatabaseAway):
            async with self._database.write() as session:
                return await work(session)
        return None

    async def facts(self) -> dict[str, Any]:
        """Return everything the server holds, as far as promises speak of it."""
        database = self._database
        replays = await rebuild(database, is_check=True)
        async with database.read(is_snapshot=True) as session:
            facts = await held(session, self.mission)
        facts["attachments"] = {one.sha256: await is_whole(self._blobs, one) for one in facts["attachments"]}
        return facts | {
            "differences": [one for replay in replays for one in replay.differences],
            "faults": self.faults,
        }


async def lay_places(database: Database, mission_id: UUID) -> None:
    """Give the mission that `seed` wrote the list of places which it announced."""
    whole = {
        "version": PLACES,
        "regions": [{"code": "KZ-AST", "name": {"en": "Astana"}}],
        "districts": [{"code": "KZ-AST-01", "region": "KZ-AST", "name": {"en": "First"}}],
        "stations": {"columns": ["number", "region", "district"], "rows": [["101", "KZ-AST", "KZ-AST-01"]]},
    }
    content = gzip.compress(orjson.dumps(whole))
    async with database.write() as session:
        session.add(PlaceList(mission_id=mission_id, version=PLACES, stations=1, content=content))
        await announce(session, mission_id, Changed("places", PLACES))

"""The server of the proof: the real application, which dies, comes back, and is put back to an older copy."""

import asyncio
import gzip
import hashlib
from typing import Any
from uuid import UUID

import orjson
from fastapi import FastAPI
from sqlalchemy import select
from sqlmodel import col

from steppe import main
from steppe.attachments.blob_names import whole_name
from steppe.attachments.models import Attachment
from steppe.backup.keeper import IncarnationKeeper
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database, ReadSession
from steppe.kit.settings import Settings
from steppe.migrate import migrate
from steppe.missions.feed import Changed, announce, take_numbers
from steppe.missions.models import Change, Mission, MissionCounter, PlaceList
from steppe.missions.safety import raise_safe_seq
from steppe.people.commands import open_enrolment
from steppe.people.models import Team
from steppe.submissions.models import Submission
from steppe.submissions.opening import read_signed
from steppe.submissions.sealing import content_hash
from steppe.summaries.rebuild import rebuild
from steppe.sync.models import InboxItem
from tests.fixtures_mission import seed
from tests.proof.asgi import Answered, Asked, ask
from tests.proof.durable import steps
from tests.proof.places import Engine, Place

PLACES = "00112233aabbccdd"


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
        self.mission: UUID

    async def lay(self) -> None:
        """Make the mission that all schedules begin with, and serve it for phones to enrol."""
        self._place = self._engine.make("laid")
        database = Database(self._place.settings)
        await migrate(database)
        seeded = await seed(database, self._place.settings)
        self.mission = seeded.mission.id
        await lay_places(database, self.mission)
        await database.close()
        await self.start()

    async def keep(self) -> None:
        """Keep what stands now as what every schedule begins with."""
        await self.stop()
        self._laid = self._engine.copy(self._place, "template")

    async def begin(self) -> None:
        """Begin a schedule."""
        await self.stop()
        self.faults = []
        self._place = self._engine.copy(self._laid, "served")
        await self.start()

    async def start(self) -> None:
        """Serve what lies at the place."""
        if self._app is None:
            steps.born()
            self._app = _make_app(self._place)
            await self._keeper.first_look()

    async def stop(self) -> None:
        """End in good order."""
        if self._app is not None:
            await self._keeper.look(is_last=True)
            await self._close()

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

    async def copy(self) -> None:
        """Make a copy of the database, and note what it holds as safe: it lies off this machine from now on."""
        await self.stop()
        self._copied = self._engine.copy(self._place, "copied")
        await self.start()
        async with self._database.write() as session:
            mission = await session.get_one(Mission, self.mission)
            head = await take_numbers(session, self.mission, 0) - 1
            await raise_safe_seq(session, self.mission, head, epoch=mission.epoch)

    async def put_back(self) -> None:
        """Put the copy in the place of what was served, by hand and without a word."""
        await self.stop()
        self._place = self._engine.put_back(self._copied, self._place)
        await self.start()

    @property
    def _database(self) -> Database:
        assert self._app is not None
        database: Database = self._app.state.parts[Database]
        return database

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
        # A second has passed, as it does between the last change and whatever a hand does to the files.
        await self._keeper.look()
        if answered.status >= 500 and answered.status != 503:
            self.faults.append(f"{asked.method} {asked.path}: {answered.status}")
        return answered

    async def code(self, team: str) -> str | None:
        """Return a new enrolment code; None while the server is away."""
        if self._app is None:
            return None
        async with self._database.write() as session:
            code, _ = await open_enrolment(session, mission_id=self.mission, team_code=team, actor="proof")
        return code

    async def publish(self) -> None:
        """Announce something to every phone, unless the server is away."""
        if self._app is None:
            return
        async with self._database.write() as session:
            await announce(session, self.mission, Changed("mission", str(self.mission)))

    async def facts(self) -> dict[str, Any]:
        """Return everything the server holds, as far as promises speak of it."""
        database = self._database
        replays = await rebuild(database, is_check=True)
        async with database.read(is_snapshot=True) as session:
            mission = await session.get_one(Mission, self.mission)
            counter = await session.get_one(MissionCounter, self.mission)
            numbers = select(col(Change.n)).where(col(Change.mission_id) == self.mission).order_by(col(Change.n))
            facts = {
                "epoch": mission.epoch,
                "n": counter.n,
                "feed": [n for (n,) in (await session.execute(numbers)).all()],
                "inbox": await _inbox(session, self.mission),
                "submissions": await _submissions(session, self.mission),
                "differences": [one for replay in replays for one in replay.differences],
                "faults": self.faults,
            }
            uploads = (
                (await session.execute(select(Attachment).where(col(Attachment.mission_id) == self.mission)))
                .scalars()
                .all()
            )
        assert self._app is not None
        blobs: Blobs = self._app.state.parts[Blobs]
        facts["attachments"] = {one.sha256: await _is_whole(blobs, one) for one in uploads}
        return facts


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


async def _inbox(session: ReadSession, mission_id: UUID) -> list[dict[str, Any]]:
    query = select(InboxItem).where(col(InboxItem.mission_id) == mission_id).order_by(col(InboxItem.seq))
    return [_item(item) for item in (await session.execute(query)).scalars().all()]


def _item(item: InboxItem) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "seq": item.seq,
        "outcome": item.outcome,
        "reason": item.reason,
        "id": str(item.revision_id) if item.revision_id else None,
        "hash": item.hash,
    }
    if item.raw_form == "signed":
        canonical = read_signed(item.raw).canonical
        facts["rehashed"] = content_hash(canonical)
        facts["revision"] = orjson.loads(canonical)
    return facts


async def _submissions(session: ReadSession, mission_id: UUID) -> dict[str, str]:
    """Return the team of each."""
    query = (
        select(col(Submission.id), col(Team.code))
        .join(Team, col(Team.id) == col(Submission.team_id))
        .where(col(Submission.mission_id) == mission_id)
    )
    return {str(key): team for key, team in (await session.execute(query)).all()}


async def _is_whole(blobs: Blobs, upload: Attachment) -> bool:
    if upload.completed_at is None:
        return False
    try:
        content = await blobs.get(whole_name(upload.mission_id, upload.sha256))
    except FileNotFoundError:
        return False
    return len(content) == upload.size and hashlib.sha256(content).hexdigest() == upload.sha256

"""The application: lists the routers and wires the parts, nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI, Response

from steppe.attachments.routes import router as attachments
from steppe.backup.keeper import IncarnationKeeper
from steppe.backup.routes import router as backup
from steppe.backup.timer import BackupTimer
from steppe.checklists.form_process import FormCompiler
from steppe.checklists.routes import publishing
from steppe.checklists.routes import router as checklists
from steppe.decisions.commands import DecisionRecorder
from steppe.decisions.routes import router as decisions
from steppe.exports.routes import router as exports
from steppe.kit.blobs import Blobs
from steppe.kit.clock import iso
from steppe.kit.db import Database
from steppe.kit.headers import SafeHeaders
from steppe.kit.http import API, BlobsDep, DatabaseDep, install_problem_handlers, json_response
from steppe.kit.logs import RequestLog
from steppe.kit.packing import PackedAnswers
from steppe.kit.pages import pages
from steppe.kit.parts import Parts
from steppe.kit.private_files import keep_files_private
from steppe.kit.settings import Settings
from steppe.live.routes import router as live
from steppe.live.watch import Watch
from steppe.missions.routes import router as missions
from steppe.people.access import EnrolmentTries, PushCallers, desk
from steppe.people.dpop import FreshNonce
from steppe.people.routes import router as people
from steppe.people.sign_in import SignIns
from steppe.quarantine.quarantine import Quarantine
from steppe.quarantine.routes import router as quarantine
from steppe.queries.returning import ReturningReports
from steppe.queries.routes import router as queries
from steppe.review.asked_reports import open_query_warnings, returning_by
from steppe.review.routes import router as review
from steppe.submissions.mission_cache import MissionCache
from steppe.summaries.commands import apply as keep_tallies
from steppe.summaries.routes import router as summaries
from steppe.sync.item_checker import ItemChecker
from steppe.sync.push_batcher import PushBatcher
from steppe.sync.routes import router as sync


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the server for these settings (from the environment by default)."""
    keep_files_private()
    settings = settings or Settings()
    database = Database(settings)
    keeper = IncarnationKeeper(database, settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with keeper.looking(), BackupTimer(database, settings).running():
            yield
        await database.close()

    app = FastAPI(title="Steppe", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    missions_known = MissionCache(database, settings)
    recorder = DecisionRecorder(keep_tallies, [open_query_warnings])
    app.state.parts = Parts(
        settings,
        database,
        Blobs(settings),
        PushCallers(database),
        SignIns(database, settings),
        EnrolmentTries(settings.enrolments_per_address),
        missions_known,
        PushBatcher(database, keep_tallies),
        recorder,
        Quarantine(database, missions_known, keep_tallies),
        Watch(database),
        FormCompiler(),
        ItemChecker(),
        PackedAnswers(),
        ReturningReports(returning_by(recorder)),
        keeper,
    )
    install_problem_handlers(app)
    app.add_middleware(FreshNonce, secret=settings.secret_key)
    app.add_middleware(SafeHeaders, settings=settings)
    app.add_middleware(RequestLog)

    api = APIRouter(prefix=API)

    @api.get("/health", tags=["kit"])
    async def health(database: DatabaseDep, blobs: BlobsDep) -> Response:
        """Say whether the server can receive: 503 when it cannot reach its database.

        Without its object store it is `red` too, but answers 200: whoever balances several servers must not take out
        those that still receive reports. `put_back`: when an older database was last found in the newer one's place.
        """
        await database.check()
        is_well = await blobs.check()
        told = {"status": "ok" if is_well else "red", "database": "ok", "blobs": "ok" if is_well else "away"}
        if keeper.put_back is not None:
            told["put_back"] = iso(keeper.put_back.at)
        return json_response(told)

    @api.get("/openapi.json", include_in_schema=False, dependencies=[Depends(desk("administer"))])
    async def description() -> Response:
        """Return the description of this interface, to those who run the system: a stranger needs no map of it."""
        return json_response(app.openapi())

    # Pushes first: an address is found by trying one router after the other.
    first = (sync, attachments, people, missions, checklists, publishing)
    for router in (*first, decisions, quarantine, summaries, review, queries, live, exports, backup):
        api.include_router(router)
    app.include_router(api)

    if settings.pwa_dist.is_dir():
        app.include_router(pages(settings.pwa_dist))
    return app

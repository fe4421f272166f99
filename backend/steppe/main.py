"""The application: lists the routers and wires the parts, nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from steppe.kit.blobs import Blobs
from steppe.kit.db import Database
from steppe.kit.http import install_problem_handlers
from steppe.kit.settings import Settings

API = "/api/v1"


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the server for these settings (from the environment by default)."""
    settings = settings or Settings()
    database = Database(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await database.close()

    app = FastAPI(title="Steppe", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=f"{API}/openapi.json")
    app.state.settings = settings
    app.state.database = database
    app.state.blobs = Blobs(settings)
    install_problem_handlers(app)
    return app

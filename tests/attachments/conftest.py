from collections.abc import AsyncIterator

import pytest

from steppe.kit.blobs import Blobs
from tests.attachments.object_store import ObjectStore, object_store
from tests.fixtures_server import Server, node
from tests.fixtures_server import server as server

PATIENCE = 0.5


@pytest.fixture
async def store(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ObjectStore]:
    async with object_store() as opened:
        for name, value in opened.environment.items():
            monkeypatch.setenv(name, value)
        yield opened


@pytest.fixture
async def far(server: Server, store: ObjectStore) -> AsyncIterator[Server]:
    """A node whose bytes are in the object store; it has two connections of each kind."""
    elsewhere = server.settings.model_copy(update={"blob_url": "s3://bucket", "pool_size": 2})
    async with node(elsewhere, server.seeded) as opened:
        opened.client._transport.app.state.parts.put(Blobs(elsewhere, patience=PATIENCE))  # type: ignore[attr-defined]  # the client knows its application by a private name
        yield opened

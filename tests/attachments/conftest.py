from collections.abc import AsyncIterator

import pytest

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from tests.fixtures_server import Server, serving


@pytest.fixture
async def server(settings: Settings, database: Database) -> AsyncIterator[Server]:
    """A seeded server on the test's engine."""
    made = await serving(settings, database)
    async with made.client:
        yield made
    await made.database.close()

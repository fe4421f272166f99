"""Migrations bring an empty database to exactly the tables in code, on both engines, and running them again is free."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from steppe import migrate
from steppe.audit.models import AuditEntry
from steppe.kit.db import Database
from steppe.kit.settings import Settings


@pytest.fixture
async def blank(blank_engine_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(Settings(data=tmp_path / "data", database_url=blank_engine_url))
    yield opened
    await opened.close()


async def test_the_migrated_schema_is_the_tables_in_code(blank: Database) -> None:
    assert "at revision None" in await migrate.pending(blank)
    await migrate.migrate(blank)
    await migrate.check(blank)
    assert await migrate.pending(blank) == ""


async def test_migrating_again_changes_nothing(blank: Database) -> None:
    await migrate.migrate(blank)
    async with blank.write() as session:
        session.add(AuditEntry(actor="a", action="b", object_id="c"))
    await migrate.migrate(blank)
    async with blank.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM audit_entry"))).scalar_one() == 1

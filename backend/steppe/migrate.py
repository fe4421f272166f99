"""Running migrations from code: the command line, the demo and the tests do it the same way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from steppe.kit.db import Database
from steppe.summaries.recount import recount_uncounted

FOLDER = Path(__file__).parents[2] / "migrations"


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


async def _with_connection(database: Database, act: Callable[[Config], object]) -> None:
    def run(connection: Connection) -> None:
        act(_config(connection))

    async with database.writer.begin() as connection:
        await connection.run_sync(run)


async def migrate(database: Database) -> None:
    """Bring the schema to the newest version and count what a migration left uncounted; free when all is there."""
    await bring_to(database, "head")
    await recount_uncounted(database)


async def bring_to(database: Database, revision: str) -> None:
    """Bring an older schema, or none, to one of `revisions()`, or to `head`; rows of that revision fit in then."""
    await _with_connection(database, lambda config: command.upgrade(config, revision))


def newest() -> str:
    """Return the revision that the tables in code have."""
    head = ScriptDirectory(str(FOLDER)).get_current_head()
    assert head is not None
    return head


def revisions() -> set[str]:
    """Return every revision of the schema that this version knows."""
    return {step.revision for step in ScriptDirectory(str(FOLDER)).walk_revisions()}


async def check(database: Database) -> None:
    """Compare the database with the tables in code. Raises alembic's CommandError when they differ."""
    await _with_connection(database, command.check)


async def new_revision(database: Database, message: str) -> None:
    """Write a migration file from the difference between the database and the tables in code; read it before use."""
    number = f"{len(list((FOLDER / 'versions').glob('*.py'))) + 1:04d}"
    await _with_connection(database, lambda config: command.revision(config, message, autogenerate=True, rev_id=number))


async def pending(database: Database) -> str:
    """Say how the schema stands behind the code: empty when it is up to date."""

    def compare(connection: Connection) -> str:
        here = MigrationContext.configure(connection).get_current_revision()
        head = newest()
        return "" if here == head else f"at revision {here}, the code needs {head}"

    async with database.reader.connect() as connection:
        return await connection.run_sync(compare)

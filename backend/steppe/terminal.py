"""How commands run in a terminal: what they open, and how they tell an expected failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError

from steppe import migrate
from steppe.kit.db import Database, DatabaseAway, is_passing
from steppe.kit.problems import Problem
from steppe.kit.settings import Settings
from steppe.missions.tables import PackProblems

Result = TypeVar("Result")
MissionOption = Annotated[
    str | None, typer.Option("--mission", help="code of the mission; not needed when there is one")
]


class SchemaBehind(Problem):
    """The database lacks migrations of this version."""

    slug = "schema-behind"
    title = "The database is not at this version's schema"
    next = "Run `steppe migrate` (back up first), then try again."


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's work to its end."""
    with told():
        return asyncio.run(work)


@contextmanager
def told() -> Iterator[None]:
    """Tell an expected failure in words, with exit code 1, not as a traceback."""
    try:
        yield
    except (SQLAlchemyError, DatabaseAway) as error:
        if not is_passing(error):
            raise
        typer.echo(f"The database cannot be used: {getattr(error, 'orig', None) or error.__cause__ or error}", err=True)
        typer.echo("Check STEPPE_DATABASE_URL, that its server runs, and that its disk has room.", err=True)
        raise typer.Exit(1) from error
    except Problem as problem:
        typer.echo(f"{problem.title}: {problem.detail}\n{problem.next}", err=True)
        raise typer.Exit(1) from problem
    except PackProblems as problems:
        typer.echo(str(problems), err=True)
        raise typer.Exit(1) from problems


@asynccontextmanager
async def opened(*, is_migrated: bool = True) -> AsyncIterator[tuple[Settings, Database]]:
    """Give the settings and the database. Raises SchemaBehind for an older schema, unless `is_migrated` is False."""
    settings = Settings()
    database = Database(settings)
    try:
        if is_migrated and (difference := await migrate.pending(database)):
            raise SchemaBehind(difference)
        yield settings, database
    finally:
        await database.close()

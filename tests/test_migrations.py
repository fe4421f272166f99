from pathlib import Path

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.migrate import check, migrate


async def test_the_migrations_lead_to_the_tables_in_code(blank_engine_url: str, tmp_path: Path) -> None:
    database = Database(Settings(data=tmp_path, database_url=blank_engine_url))
    await migrate(database)
    await check(database)
    await database.close()


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)
    await check(database)

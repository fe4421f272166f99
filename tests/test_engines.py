from sqlalchemy import text

from steppe.kit.db import Database
from tests.conftest import EngineName
from tests.fixtures_neighbour import NEIGHBOUR


async def test_a_test_gets_the_engine_it_names(database: Database, engine_name: EngineName) -> None:
    assert (await database.check()).lower().startswith(engine_name)


async def test_what_one_test_writes_no_other_test_sees(database: Database) -> None:
    async with database.read() as session:
        assert (await session.execute(text("SELECT code FROM mission"))).scalars().all() == [NEIGHBOUR]

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.kit.sqlite import EAGER_ROWS

COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :last) SELECT i FROM n"


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite database without tables."""
    opened = Database(Settings(data=tmp_path))
    async with opened.write() as session:
        await session.execute(text("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT UNIQUE)"))
    yield opened
    await opened.close()


@pytest.mark.parametrize("rows", [0, 1, EAGER_ROWS - 1, EAGER_ROWS, EAGER_ROWS + 1, 3 * EAGER_ROWS])
async def test_a_result_of_any_length_comes_whole_and_in_order(empty: Database, rows: int) -> None:
    async with empty.read() as session:
        found = (await session.execute(text(f"{COUNT} LIMIT :rows"), {"last": rows + 1, "rows": rows})).scalars().all()
    assert found == list(range(1, rows + 1))


@pytest.mark.parametrize("rows", [1, EAGER_ROWS, EAGER_ROWS + 1, 3 * EAGER_ROWS])
async def test_a_streamed_result_comes_whole_and_in_order(empty: Database, rows: int) -> None:
    async with empty.read() as session:
        stream = await session.stream(text(COUNT), {"last": rows}, execution_options={"yield_per": 7})
        found = [row async for row in stream.scalars()]
    assert found == list(range(1, rows + 1))


async def test_a_refused_statement_leaves_the_connection_of_use(empty: Database) -> None:
    async def add(*words: str) -> None:
        async with empty.write() as session:
            for word in words:
                await session.execute(text("INSERT INTO word (text) VALUES (:text)"), {"text": word})

    async def read(statement: str) -> list[str]:
        async with empty.read() as session:
            return list((await session.execute(text(statement))).scalars())

    await add("steppe", "feather grass")
    with pytest.raises(IntegrityError):
        await add("lost", "steppe")
    with pytest.raises(OperationalError):
        await read("SELECT nothing FROM nowhere")
    assert await read("SELECT text FROM word ORDER BY id") == ["steppe", "feather grass"]


async def test_what_was_inserted_is_counted_and_returned(empty: Database) -> None:
    async with empty.write() as session:
        added = await session.execute(text("INSERT INTO word (text) VALUES ('steppe') RETURNING id"))
        assert added.scalar_one() == 1
        changed = await session.execute(text("UPDATE word SET text = 'desert'"))
        assert changed.rowcount == 1  # type: ignore[attr-defined]  # a cursor result

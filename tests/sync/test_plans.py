"""A push costs the same with a million reports as with one: SQLite must find rows by index, never by walking."""

from typing import Any

import pytest
from sqlalchemy import event

from tests.fixtures_checklist import answers
from tests.fixtures_server import Server

WALKED = ("inbox_item", "submission", "revision", "revision_attachment", "tally", "change", "station", "attachment")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_no_statement_of_a_push_walks_a_table(server: Server) -> None:
    phone = server.phones[0]
    attachment = {"path": "photo", "type": "image/jpeg", "sha256": "a" * 64, "size": 9, "key": "A" * 43}
    items = [
        phone.report(answers(photo="b" * 64), attachments=[{**attachment, "plain_sha256": "b" * 64}]),
        phone.report(answers(station="201")),
    ]
    await server.push(phone, items[0])
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            seen.append((statement, parameters[0] if many else parameters))

    for engine in (server.database.reader, server.database.writer):
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    await server.push(phone, *items, "nonsense", "more nonsense")
    assert len(seen) > 7
    statements = seen.copy()
    plans: set[str] = set()
    async with server.database.reader.connect() as connection:
        for statement, parameters in statements:
            for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters)):
                plans.add(row._mapping["detail"])
    for table in WALKED:
        assert not [plan for plan in plans if plan.startswith(f"SCAN {table}")]
        # A search by nothing but the mission is a walk too.
        assert not [plan for plan in plans if plan.startswith(f"SEARCH {table} ") and plan.endswith("(mission_id=?)")]

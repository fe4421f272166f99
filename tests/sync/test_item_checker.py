"""Forms are evaluated beside the event loop and outside every transaction, for first revisions and for edits alike."""

import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlmodel import col

from steppe.kit.db import Database, WriteSession
from steppe.submissions.current import project as real_project
from steppe.submissions.models import Submission
from steppe.sync import item_checker, queries
from tests.fixtures_checklist import answers
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server


async def remarks(server: Server) -> list[str]:
    async with server.database.read() as session:
        rows = (await session.execute(own(Submission).order_by(col(Submission.id)))).scalars().all()
    return [row.answers["remarks"] for row in rows]


async def test_no_form_is_evaluated_on_the_event_loop_or_while_anybody_writes(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing: list[int] = []
    projected: list[tuple[bool, int]] = []
    real_write = Database.write

    @asynccontextmanager
    async def write(database: Database) -> AsyncIterator[WriteSession]:
        async with real_write(database) as session:
            writing.append(1)
            try:
                yield session
            finally:
                writing.pop()

    def project(*given: Any) -> Any:
        projected.append((threading.current_thread() is threading.main_thread(), len(writing)))
        return real_project(*given)

    monkeypatch.setattr(Database, "write", write)
    monkeypatch.setattr("steppe.submissions.merging.project", project)
    phone = server.phones[0]
    first = json.loads(phone.revise(answers(remarks="first")))
    edits = {"submission": first["submission"], "base": [first["id"]]}
    pushed = [phone.seal(phone.made[-1]), phone.report({"remarks": "second"}, **edits)]
    answer = await server.push(phone, *pushed)
    assert [result["status"] for result in answer["results"]] == ["stored", "stored"]
    assert projected == [(False, 0), (False, 0)]
    assert await remarks(server) == ["second"]


async def test_an_edit_whose_report_changed_meanwhile_is_read_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = server.phones[0]
    first = json.loads(phone.revise(answers(remarks="first")))
    await server.push(phone, phone.seal(phone.made[-1]))
    of = {"submission": first["submission"]}
    second = json.loads(phone.revise({"remarks": "second"}, **of, base=[first["id"]]))
    between = phone.seal(phone.made[-1])
    third = phone.report({"station": "164"}, **of, base=[second["id"]])
    real, readings = queries.read_push, list[int]()

    async def read_too_early(*given: Any) -> queries.Push:
        read = await real(*given)
        readings.append(len(readings))
        if len(readings) == 1:
            stored = await server.push(phone, between)
            assert stored["results"] == [{"status": "stored"}]
        return read

    monkeypatch.setattr(queries, "read_push", read_too_early)
    assert (await server.push(phone, third))["results"] == [{"status": "stored"}]
    # The early reading, the one of what came between, and the second of the edit.
    assert len(readings) == 3
    assert await remarks(server) == ["second"]


async def test_what_cannot_be_checked_in_time_is_told_to_come_again_and_kept_nowhere(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_checker, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(item_checker, "TURN_SECONDS", -1)
    phone = server.phones[0]
    pushed = [phone.report(answers(remarks=str(number))) for number in range(3)]
    retry, stored, duplicate = {"status": "retry"}, {"status": "stored"}, {"status": "duplicate"}
    answer = await server.push(phone, *reversed(pushed))
    # The device's order, whatever the push's: an edit must not come before what it edits.
    assert answer["results"] == [retry, retry, stored]
    assert len(answer["read"]["items"]) == 1
    assert await remarks(server) == ["0"]
    assert (await server.push(phone, *pushed[1:]))["results"] == [stored, retry]
    monkeypatch.setattr(item_checker, "PATIENCE_SECONDS", 5)
    assert (await server.push(phone, *pushed))["results"] == [duplicate, duplicate, stored]


async def test_reports_of_a_costly_form_wait_for_each_other_on_a_thread_of_their_own(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def project(*given: Any) -> Any:
        threads.append(threading.current_thread().name.rpartition("_")[0])
        return real_project(*given)

    monkeypatch.setattr("steppe.submissions.merging.project", project)
    phone = server.phones[0]
    for costly_seconds in (60, -1, -1, -1, 60, 60):
        monkeypatch.setattr(item_checker, "COSTLY_SECONDS", costly_seconds)
        await server.push(phone, phone.report())
    # Nobody knows the first; it was cheap, the second was not; after three of those nothing cheap is believed.
    assert threads == ["costly-item-checker", "item-checker", *["costly-item-checker"] * 4]

"""Whatever one item raises, it alone is kept for a person; the rest of its push is stored and receipted."""

import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from steppe.kit.columns import table_of
from steppe.missions.models import Mission
from steppe.submissions.models import Revision, Submission
from steppe.summaries.rebuild import rebuild
from steppe.sync.models import InboxItem
from tests.fixtures_checklist import answers
from tests.fixtures_neighbour import own
from tests.fixtures_server import API, Server
from tests.sync.rows import assert_feed_has_no_gaps, count

POISON = "poison"
PLACES = {
    "opening": "steppe.sync.items.read_made",
    "checking": "steppe.sync.items.check_answers",
    "deriving": "steppe.submissions.merging.project",
    "deriving an edit": "steppe.submissions.merging.project",
    "counting": "steppe.summaries.commands.take",
}
ERRORS = (RecursionError, MemoryError, ValueError, KeyError, ZeroDivisionError, zlib.error, AssertionError)


def raiser(place: str, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a step raise for items that hold POISON, and for no others."""
    module, _, name = PLACES[place].rpartition(".")
    real: Callable[..., Any] = getattr(__import__(module, fromlist=[name]), name)

    def step(*given: Any) -> Any:
        if POISON in repr(given):
            raise error
        return real(*given)

    monkeypatch.setattr(PLACES[place], step)


async def push_poison_between(server: Server, *, is_edit: bool = False) -> list[dict[str, Any]]:
    """Push a report before, a poisoned one, an edit of the poisoned one and a report after; receipts are checked."""
    phone = server.phones[0]
    made = json.loads(phone.revise())
    before = phone.seal(phone.made[-1])
    of = {"submission": made["submission"], "base": [made["id"]]} if is_edit else {}
    poisoned = phone.report({"remarks": POISON} if is_edit else answers(remarks=POISON), **of)
    items = [before, poisoned, phone.report(), phone.report(), "nonsense"]
    answer = await server.push(phone, *items)
    assert len(answer["read"]["items"]) == len(items)
    again = await server.push(phone, *items)
    assert again["read"]["items"] == answer["read"]["items"]
    assert [one["status"] for one in again["results"]] == [
        "duplicate" if one["status"] == "stored" else one["status"] for one in answer["results"]
    ]
    results: list[dict[str, Any]] = answer["results"]
    return results


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("place", PLACES)
async def test_an_item_that_raises_is_kept_aside_and_the_others_are_stored(
    server: Server, monkeypatch: pytest.MonkeyPatch, place: str, error: type[Exception]
) -> None:
    raiser(place, error("of the item"), monkeypatch)
    results = await push_poison_between(server, is_edit=place == "deriving an edit")
    expected = {"status": "quarantined", "reason": "cannot_project"}
    stored = {"status": "stored"}
    assert results == [stored, expected, stored, stored, {"status": "quarantined", "reason": "unreadable"}]
    assert await count(server.database, Submission) == 3
    await assert_feed_has_no_gaps(server.database)
    async with server.database.read() as session:
        aside = (await session.exec(own(InboxItem).where(col(InboxItem.reason) == "cannot_project"))).all()
    assert len(aside) == 1
    [_, found] = await rebuild(server.database, is_check=True)
    assert found.differences == []


async def test_a_row_the_database_refuses_is_kept_aside_alone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real refusal: on PostgreSQL it ends the transaction unless a savepoint stands before it."""
    real = __import__("steppe.sync.commands", fromlist=["write_revisions"]).write_revisions

    async def refused(session: Any, mission_id: Any, stored: Any, waits: Any) -> None:
        await real(session, mission_id, stored, waits)
        if POISON in repr(stored):
            mission = (await session.execute(select(table_of(Mission)))).mappings().first()
            await session.execute(insert(table_of(Mission)).values(**mission))

    monkeypatch.setattr("steppe.sync.commands.write_revisions", refused)
    results = await push_poison_between(server)
    assert [one.get("reason", one["status"]) for one in results] == [
        "stored", "cannot_project", "stored", "stored", "unreadable",
    ]  # fmt: skip
    assert await count(server.database, Revision) == 3
    [_, found] = await rebuild(server.database, is_check=True)
    assert found.differences == []


async def test_an_edit_of_what_was_kept_aside_waits_with_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    raiser("counting", KeyError("of the item"), monkeypatch)
    phone = server.phones[0]
    made = json.loads(phone.revise(answers(remarks=POISON)))
    poisoned = phone.seal(phone.made[-1])
    edit = phone.report({"voters": 1}, submission=made["submission"], base=[made["id"]])
    answer = await server.push(phone, poisoned, edit, phone.report())
    assert [one.get("reason", one["status"]) for one in answer["results"]] == [
        "cannot_project", "stored", "stored",
    ]  # fmt: skip
    assert await count(server.database, Submission) == 1


async def test_an_edit_merged_with_one_that_cannot_be_stored_comes_again_and_is_taken_without_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = server.phones[0]
    made = json.loads(phone.revise())
    await server.push(phone, phone.seal(phone.made[-1]))
    raiser("counting", KeyError("of the item"), monkeypatch)
    of = {"submission": made["submission"], "base": [made["id"]]}
    poisoned, beside = phone.report({"remarks": POISON}, **of), phone.report({"voters": 8}, **of)
    answer = await server.push(phone, poisoned, beside)
    assert [one.get("reason", one["status"]) for one in answer["results"]] == ["cannot_project", "retry"]
    assert (await server.push(phone, beside))["results"] == [{"status": "stored"}]


@pytest.mark.parametrize(
    "error", [OperationalError("SELECT 1", {}, Exception("database is locked")), ConnectionRefusedError("gone")]
)
async def test_what_passes_sets_nothing_aside(
    server: Server, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A database that is locked or away says nothing of the item: nothing is stored, the phone tries again."""
    raiser("counting", error, monkeypatch)
    phone = server.phones[0]
    body = phone.push_body(phone.report(answers(remarks=POISON)))
    try:
        response = await server.client.post(f"{API}/sync/push", json=body, headers=phone.bearer)
        assert response.status_code == 503
    except ConnectionRefusedError:
        pass
    assert await count(server.database, InboxItem) == 0
    monkeypatch.undo()
    response = await server.client.post(f"{API}/sync/push", json=body, headers=phone.bearer)
    assert response.json()["results"] == [{"status": "stored"}]

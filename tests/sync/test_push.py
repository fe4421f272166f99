"""What becomes of the items of a push: docs/protocol.md §4."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import func, select

from steppe.kit.clock import now
from steppe.kit.db import Database
from steppe.people.models import Device
from steppe.people.revocations import REVOKED_MAY_PUSH
from steppe.submissions.models import Submission, Tally
from steppe.submissions.sealing import content_hash
from steppe.sync import queries
from steppe.sync.models import InboxItem
from tests.fixtures_checklist import answers
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server, node
from tests.sync.rows import assert_feed_has_no_gaps, count, everything


async def test_a_report_is_stored_tallied_and_receipted(server: Server) -> None:
    phone = server.phones[0]
    canonical = phone.revise()
    answer = await server.push(phone, phone.seal(canonical))
    [result] = answer["results"]
    assert result["status"] == "stored"
    [receipt] = answer["read"]["items"]
    assert receipt["hash"] == content_hash(canonical)
    assert receipt["device_seq"] == 1
    assert answer["read"]["mission"] == str(server.seeded.mission.id)
    assert answer["read"]["device"] == str(phone.id)
    async with server.database.read() as session:
        submission = (await session.execute(own(Submission))).scalar_one()
        tally = (await session.execute(own(Tally))).scalar_one()
        device = await session.get_one(Device, phone.id)
    assert (submission.code, submission.region_code, submission.district_code) == ("LTO01-A001", "KZ-AST", "KZ-AST-01")
    assert (submission.place, submission.status, submission.observed_on.isoformat()) == (
        "101",
        "received",
        "2021-01-10",
    )
    assert submission.answers == answers()
    assert tally.n == 1
    assert tally.counts["box_sealed"] == {"yes": 1}
    assert "source_kind" not in tally.counts
    assert (device.outbox_waiting, device.device_seq_made) == (0, 1)
    assert device.last_contact_at is not None


async def test_replaying_a_push_ten_times_changes_nothing(server: Server) -> None:
    phone = server.phones[0]
    items = [phone.report(answers(box_sealed="no")) for _ in range(5)]
    first = await server.push(phone, *items, "not a report")
    before = await everything(server.database)
    for _ in range(10):
        again = await server.push(phone, *items, "not a report")
        assert [one["status"] for one in again["results"]] == ["duplicate"] * 5 + ["quarantined"]
        assert again["read"]["items"] == first["read"]["items"]
    assert await everything(server.database) == before
    await assert_feed_has_no_gaps(server.database)


async def test_the_same_item_twice_in_one_push_is_stored_once(server: Server) -> None:
    phone = server.phones[0]
    item = phone.report()
    answer = await server.push(phone, item, item, "x", "x")
    assert [one["status"] for one in answer["results"]] == ["stored", "duplicate", "quarantined", "quarantined"]
    assert await count(server.database, InboxItem) == 2
    await assert_feed_has_no_gaps(server.database)


async def test_a_revision_sealed_anew_is_still_the_same_revision(server: Server) -> None:
    phone = server.phones[0]
    canonical = phone.revise()
    await server.push(phone, phone.seal(canonical))
    answer = await server.push(phone, phone.seal(canonical))
    assert answer["results"][0]["status"] == "duplicate"


async def test_phones_pushing_the_same_items_at_once_store_each_once(server: Server) -> None:
    first, second, other = server.phones
    mine = [first.report() for _ in range(6)]
    theirs = [second.report() for _ in range(6)]
    elsewhere = [other.report(answers(station="301")) for _ in range(6)]
    answers_of_all = await asyncio.gather(
        server.push(first, *mine, *theirs),
        server.push(second, *theirs, *mine),
        server.push(other, *elsewhere),
        server.push(first, *mine),
        server.push(second, *mine, *elsewhere),
    )
    stored = [
        receipt["id"]
        for answer in answers_of_all
        for one, receipt in zip(answer["results"], answer["read"]["items"], strict=True)
        if one["status"] == "stored"
    ]
    assert len(stored) == len(set(stored)) == 18
    facts = {one["id"]: one for answer in answers_of_all for one in answer["read"]["items"]}
    assert all(facts[one["id"]] == one for answer in answers_of_all for one in answer["read"]["items"])
    assert await count(server.database, Submission) == 18
    await assert_feed_has_no_gaps(server.database)
    async with server.database.read() as session:
        total = (await session.execute(select(func.sum(own(Tally).subquery().c.n)))).scalar_one()
    assert total == 18


async def test_a_phone_may_carry_the_reports_of_another(server: Server) -> None:
    first, _, other = server.phones
    answer = await server.push(other, first.report())
    assert answer["results"][0]["status"] == "stored"
    async with server.database.read() as session:
        submission = (await session.execute(own(Submission))).scalar_one()
    assert submission.team_id == first.team_id


async def test_an_edit_replaces_what_it_was_based_on(server: Server) -> None:
    phone = server.phones[0]
    first = phone.revise(answers(box_sealed="no", added=2000))
    facts = json.loads(first)
    edit = phone.revise(
        {"box_sealed": "yes", "remarks": None, "station": "201"}, submission=facts["submission"], base=[facts["id"]]
    )
    # Both in one push, the edit first: a device's revisions are taken in the order it made them.
    answer = await server.push(phone, phone.seal(edit), phone.seal(first))
    assert [one["status"] for one in answer["results"]] == ["stored", "stored"]
    async with server.database.read() as session:
        submission = (await session.execute(own(Submission))).scalar_one()
        tallies = list((await session.execute(own(Tally))).scalars())
    assert submission.code == "LTO01-A001"
    assert submission.region_code == "KZ-AKM"
    assert submission.answers == answers(box_sealed="yes", remarks=None, station="201", added=2000)
    assert [flag["question"] for flag in submission.flags] == ["added"]
    [tally] = tallies
    assert tally.region_code == "KZ-AKM"
    assert tally.counts["box_sealed"] == {"yes": 1}
    later = phone.revise({"added": 4}, submission=facts["submission"], base=[json.loads(edit)["id"]])
    await server.push(phone, phone.seal(later))
    async with server.database.read() as session:
        submission = (await session.execute(own(Submission))).scalar_one()
        [tally] = (await session.execute(own(Tally))).scalars()
    assert submission.region_code == "KZ-AKM"
    assert submission.flags == []
    assert tally.counts.get("flags") is None
    assert tally.counts["added"] == {"n": 1, "sum": 4}


async def test_a_report_from_an_unknown_station_is_not_placed(server: Server) -> None:
    phone = server.phones[2]
    await server.push(phone, phone.report(answers(station="99999")))
    async with server.database.read() as session:
        submission = (await session.execute(own(Submission))).scalar_one()
    assert (submission.region_code, submission.place) == ("", "99999")


async def test_what_a_phone_revoked_between_reading_and_writing_brings_is_kept_aside(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = server.phones[0]
    await server.push(phone)
    real = queries.read_push

    async def read_then_revoked(*given: Any) -> queries.Push:
        read = await real(*given)
        async with server.database.write() as session:
            device = await session.get_one(Device, phone.id)
            device.revoked_at = device.revoked_at or now()
        return read

    monkeypatch.setattr(queries, "read_push", read_then_revoked)
    assert (await server.push(phone, phone.report()))["results"][0]["reason"] == "revoked_device"
    assert (await count(server.database, InboxItem), await count(server.database, Submission)) == (1, 0)


async def test_a_claim_of_reports_made_rises_by_a_thousand_at_most(server: Server) -> None:
    """One lie in a thief's hands would otherwise silence the alarm for missing reports for ever."""
    phone = server.phones[0]
    for claimed, expected in ((7, 7), (2**31 - 1, 1_007), (3, 1_007), (1_500, 1_500)):
        phone.seq = claimed
        await server.push(phone)
        async with server.database.read() as session:
            assert (await session.get_one(Device, phone.id)).device_seq_made == expected


async def test_an_empty_push_only_notes_the_contact(server: Server) -> None:
    phone = server.phones[0]
    before = await everything(server.database)
    phone.seq = 7
    answer = await server.push(phone)
    assert (answer["results"], answer["read"]["items"]) == ([], [])
    assert await everything(server.database) == before
    async with server.database.read() as session:
        device = await session.get_one(Device, phone.id)
    assert device.device_seq_made == 7


async def test_two_servers_on_one_database_store_each_item_once(server: Server, database: Database) -> None:
    """Two API nodes (on SQLite: two processes' worth of connections) take the same push at the same time."""
    phone = server.phones[0]
    items = [phone.report() for _ in range(10)]
    async with node(server.settings, server.seeded) as other:
        both = await asyncio.gather(*(one.push(phone, *items) for one in (server, other) * 3))
    statuses = [one["status"] for answer in both for one in answer["results"]]
    assert statuses.count("stored") == 10
    assert statuses.count("duplicate") == 50
    assert all(answer["read"]["items"] == both[0]["read"]["items"] for answer in both)
    await assert_feed_has_no_gaps(server.database)


async def test_more_pushes_at_once_than_connections_are_all_served(server: Server) -> None:
    """A push must not keep its reading connection while it waits for the writing one: the pool would lock itself up."""
    phone = server.phones[0]
    pushes = 3 * (server.settings.pool_size + 1)
    items = [phone.report() for _ in range(pushes)]
    taken = await asyncio.gather(*(server.push(phone, item) for item in items))
    assert [one["results"][0]["status"] for one in taken] == ["stored"] * pushes
    await assert_feed_has_no_gaps(server.database)


async def test_pushes_of_many_phones_at_once_share_transactions(server: Server) -> None:
    phones = server.phones
    commits = 0

    def note() -> None:
        nonlocal commits
        commits += 1

    server.database.after_commit.add(note)
    items = [(phone, phone.report(answers(station="101"))) for _ in range(8) for phone in phones]
    pushed = await asyncio.gather(*(server.push(phone, item) for phone, item in items))
    assert [one["results"][0]["status"] for one in pushed] == ["stored"] * len(items)
    assert [one["read"]["device"] for one in pushed] == [str(phone.id) for phone, _ in items]
    assert commits < len(items)
    await assert_feed_has_no_gaps(server.database)
    async with server.database.read() as session:
        total = (await session.execute(select(func.sum(own(Tally).subquery().c.n)))).scalar_one()
    assert total == len(items)


async def test_a_phone_gone_between_two_pushes_is_refused_at_once(server: Server, database: Database) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report())
    before = await count(database, InboxItem)
    async with database.write() as session:
        (await session.get_one(Device, phone.id)).revoked_at = now() - REVOKED_MAY_PUSH
    body = phone.push_body(phone.report())
    refused = await server.client.post("/api/v1/sync/push", json=body, headers=phone.bearer)
    assert refused.status_code == 401
    assert await count(database, InboxItem) == before


async def test_a_phone_whose_person_changed_pushes_as_the_new_one(server: Server, database: Database) -> None:
    phone, other = server.phones[0], server.phones[2]
    await server.push(phone, phone.report())
    async with database.write() as session:
        (await session.get_one(Device, phone.id)).person_id = other.person_id
    answer = await server.push(phone, phone.report(), phone.report(author=str(other.person_id)))
    assert [one["status"] for one in answer["results"]] == ["quarantined", "stored"]

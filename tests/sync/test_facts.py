"""Signed facts travel as reports do: one chain of numbers, receipts, duplicates, quarantine, rebuild (protocol §3)."""

import json
from typing import Any

from sqlalchemy import delete
from sqlmodel import col

from steppe.people.revocations import revoke
from steppe.submissions.models import SignedFact
from steppe.submissions.sealing import content_hash
from steppe.summaries.rebuild import rebuild
from steppe.sync.models import InboxItem
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server
from tests.review.test_missing_reports import counts, told
from tests.sync.rows import assert_feed_has_no_gaps, count, everything


async def facts(server: Server) -> list[SignedFact]:
    async with server.database.read() as session:
        return list((await session.exec(own(SignedFact).order_by(col(SignedFact.seq)))).all())


async def differences(server: Server, *, is_check: bool = True) -> list[str]:
    return [one for replay in await rebuild(server.database, is_check=is_check) for one in replay.differences]


async def test_a_question_stands_in_the_chain_of_reports_and_is_receipted_once(server: Server) -> None:
    phone = server.phones[0]
    items = [phone.report(), phone.fact("question", text="May we go in?"), phone.report()]
    answer = await server.push(phone, *reversed(items))
    assert "question" in answer["reads"]
    assert [one["status"] for one in answer["results"]] == ["stored"] * 3
    receipt = next(one for one in answer["read"]["items"] if one["device_seq"] == 2)
    assert (receipt["id"], receipt["hash"]) == (json.loads(phone.made[1])["id"], content_hash(phone.made[1]))
    [fact] = await facts(server)
    assert (fact.kind, fact.said, fact.device_seq) == ("question", {"text": "May we go in?"}, 2)
    assert (fact.team_id, fact.prev_hash) == (phone.team_id, content_hash(phone.made[0]))
    await assert_feed_has_no_gaps(server.database)
    # Nothing is missing: it is one of the phone's numbers.
    assert counts(await told(server, phone)) == (3, 3, 0, 0, 0, [])
    before = await everything(server.database)
    again = await server.push(phone, phone.seal(phone.made[1]))
    assert again["results"][0]["status"] == "duplicate"
    assert again["read"]["items"][0] == receipt
    assert await everything(server.database) == before


async def test_a_gap_that_only_a_fact_fills_is_told(server: Server) -> None:
    phone = server.phones[0]
    report, question, last = phone.report(), phone.fact("question", text="?"), phone.fact("question", text="!")
    await server.push(phone, report, last)
    assert counts(await told(server, phone)) == (3, 2, 0, 0, 1, [(2, 2)])
    await server.push(phone, question)
    assert counts(await told(server, phone)) == (3, 3, 0, 0, 0, [])


async def test_a_fact_that_does_not_fit_is_kept_for_a_person_under_a_receipt(server: Server) -> None:
    phone, _, other = server.phones
    made = json.loads(phone.revise())
    await server.push(phone, phone.seal(phone.made[0]))
    ours = {"submission": made["submission"]}
    cases: list[tuple[str, str]] = [
        (phone.fact("question", text="ours", about=ours), ""),
        (other.fact("question", text="theirs", about=ours), "wrong_team"),
        (phone.fact("question", text="x", named={"team": "LTO02"}), "wrong_team"),
        (phone.fact("handover", to="x"), "unknown_fact"),
        (phone.fact("question", text=""), "bad_fact"),
        (phone.fact("question", text="x", named={"device_seq": 1}), "sequence_reused"),
        (phone.fact("question", text="x", named={"id": made["id"]}), "same_id_other_content"),
    ]
    answer = await server.push(phone, *(item for item, _ in cases))
    assert [one.get("reason", "") for one in answer["results"]] == [reason for _, reason in cases]
    assert len(answer["read"]["items"]) == len(cases)
    assert [fact.said["text"] for fact in await facts(server)] == ["ours"]
    assert await count(server.database, InboxItem) == 1 + len(cases)
    await assert_feed_has_no_gaps(server.database)
    # What is kept aside is no report to close: a rebuild passes it by.
    assert await differences(server) == []


async def test_a_report_cannot_take_the_number_or_the_id_of_a_fact(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.fact("question", text="x"))
    taken = json.loads(phone.made[0])
    answer = await server.push(phone, phone.report(device_seq=1), phone.report(id=taken["id"]))
    assert [one["reason"] for one in answer["results"]] == ["sequence_reused", "same_id_other_content"]


async def test_a_rebuild_finds_a_lost_fact_in_the_inbox(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report(), phone.fact("question", text="x"))
    before = [repr(fact) for fact in await facts(server)]
    assert await differences(server) == []
    async with server.database.write() as session:
        await session.execute(delete(SignedFact).where(col(SignedFact.mission_id) == server.seeded.mission.id))
    [lost] = await differences(server)
    assert "question" in lost
    await differences(server, is_check=False)
    assert [repr(fact) for fact in await facts(server)] == before


async def test_what_a_refused_phone_asks_is_kept_aside(server: Server) -> None:
    phone, mate, _ = server.phones
    question = mate.fact("question", text="x")
    async with server.database.write() as session:
        await revoke(session, server.seeded.mission.id, f"{mate.team}-{mate.letter}", reason="lost", actor="test")
    answer: dict[str, Any] = await server.push(phone, question)
    assert answer["results"][0]["reason"] == "revoked_device"
    assert await facts(server) == []

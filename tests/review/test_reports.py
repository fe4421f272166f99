"""Reports at the desk: who reads which, and what stands in them."""

import json
import uuid
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import event

from steppe.checklists.commands import set_status
from tests.fixtures_desk import ask, asked, cookie, push_photo, push_reports
from tests.fixtures_server import API, Server

LEVELS = ("internal", "restricted", "confidential", "sealed")
READS = {
    "expert": {"internal", "restricted"},
    "coordinator": {"internal", "restricted", "confidential"},
    "head": set(LEVELS),
}


@pytest.mark.parametrize("role", READS)
async def test_a_role_lists_and_opens_exactly_the_levels_it_may_read(server: Server, role: str) -> None:
    ids = await push_reports(server, server.phones[0], *({"conf_level": level} for level in LEVELS))
    listed = await asked(server, role, "/submissions")
    assert {line["level"] for line in listed["submissions"]} == READS[role]
    for level, submission in zip(LEVELS, ids, strict=True):
        status = (await ask(server, role, f"/submissions/{submission}")).status_code
        assert status == (200 if level in READS[role] else 404)


async def test_unknown_and_forbidden_look_the_same(server: Server) -> None:
    [secret] = await push_reports(server, server.phones[0], {"conf_level": "sealed"})
    forbidden = await ask(server, "expert", f"/submissions/{secret}")
    unknown = await ask(server, "expert", f"/submissions/{uuid.uuid4()}")
    assert forbidden.status_code == unknown.status_code == 404
    assert forbidden.json() == unknown.json()


async def test_a_long_list_comes_page_by_page_without_gaps(server: Server) -> None:
    await push_reports(server, server.phones[0], *({} for _ in range(7)))
    seen: list[int] = []
    before = None
    while True:
        page = await asked(server, "expert", "/submissions", limit=3, **({"before": before} if before else {}))
        seen += [line["n"] for line in page["submissions"]]
        before = page["before"]
        if before is None:
            break
    assert len(seen) == 7
    assert seen == sorted(set(seen), reverse=True)


async def test_filters_narrow_the_list(server: Server) -> None:
    await push_reports(server, server.phones[0], {"station": "101", "box_sealed": "no"}, {"station": "201"})
    await push_reports(server, server.phones[2], {"station": "301"}, {"station": None})

    async def codes(**filters: object) -> list[str]:
        return [line["code"] for line in (await asked(server, "expert", "/submissions", **filters))["submissions"]]

    assert await codes(severity=3) == ["LTO01-A001"]
    assert await codes(region="KZ-AKM") == ["LTO01-A002"]
    assert await codes(team="LTO02") == ["LTO02-A002", "LTO02-A001"]
    assert await codes(q="lto02") == ["LTO02-A002", "LTO02-A001"]
    assert await codes(q="301") == ["LTO02-A001"]
    assert await codes(q="_") == []
    assert await codes(checklist="visit", region="none") == ["LTO02-A002"]
    assert await codes(checklist="other") == []


async def test_a_report_tells_answers_in_words_flags_first_and_how_it_came(server: Server) -> None:
    phone = server.phones[0]
    [submission] = await push_reports(
        server, phone, {"box_sealed": "no", "inc": ["r1"], "inc/r1/inc_kind": "violence", "inc/r1/inc_text": "A push"}
    )
    report = await asked(server, "expert", f"/submissions/{submission}")
    assert [(flag["path"], flag["severity"]) for flag in report["noted"]] == [("box_sealed", 3), ("inc/r1/inc_kind", 3)]
    parts = {
        part["answer"]["path"]: part["answer"] for s in report["sections"] for part in s["parts"] if part["answer"]
    }
    assert parts["box_sealed"]["labels"] == [{"en": "no", "ru": "no (ru)"}]
    assert parts["box_sealed"]["severity"] == 3
    assert parts["station"]["labels"] == [{"en": "101 · School", "ru": "101 · School (ru)"}]
    [row] = next(part["rows"] for part in report["sections"][-1]["parts"])
    assert [answer["value"] for answer in row["answers"]] == ["violence", "A push"]
    [revision] = report["revisions"]
    made = json.loads(phone.made[-1])
    assert (revision["device"], revision["device_seq"], revision["id"]) == ("A", 1, made["id"])
    assert revision["made_at"].startswith(made["made_at"][:19])
    assert revision["received_at"] is not None
    assert report["code"] == "LTO01-A001"


async def test_a_sealed_answer_is_seen_by_the_head_of_mission_alone(server: Server) -> None:
    [submission] = await push_reports(server, server.phones[0], {"source_name": "Somebody Real"})
    for role in ("expert", "coordinator"):
        report = await ask(server, role, f"/submissions/{submission}")
        assert "Somebody Real" not in report.text
        assert '"is_sealed":true' in report.text
    assert "Somebody Real" in (await ask(server, "head", f"/submissions/{submission}")).text


async def test_a_photo_is_shown_in_clear_and_locked_in_its_place(server: Server) -> None:
    sha256 = await push_photo(server, server.phones[0], b"\xff\xd8 a picture")
    shown = await ask(server, "expert", f"/attachments/{sha256}/content")
    assert shown.content == b"\xff\xd8 a picture"
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["content-disposition"].startswith("inline")
    [line] = (await asked(server, "expert", "/submissions"))["submissions"]
    [attachment] = (await asked(server, "expert", f"/submissions/{line['id']}"))["attachments"]
    assert attachment["is_complete"]


async def test_a_file_that_is_no_picture_is_saved_and_never_shown(server: Server) -> None:
    sha256 = await push_photo(server, server.phones[0], b"<script>alert(1)</script>", type="text/html")
    saved = await ask(server, "expert", f"/attachments/{sha256}/content")
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("asked_for", "status", "content", "said"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=5-2", 416, b"", "bytes */10"),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_player_gets_the_piece_of_a_recording_it_asks_for(
    server: Server, asked_for: str, status: int, content: bytes, said: str | None
) -> None:
    sha256 = await push_photo(server, server.phones[0], b"0123456789", type="audio/webm")
    headers = {**cookie(server, "expert"), "Range": asked_for}
    response = await server.client.get(f"{API}/attachments/{sha256}/content", headers=headers)
    assert (response.status_code, response.content, response.headers.get("content-range")) == (status, content, said)
    assert response.headers["content-type"] == "audio/webm"


async def test_a_photo_is_as_confidential_as_its_report_and_its_question(server: Server) -> None:
    phone = server.phones[0]
    sha256 = await push_photo(server, phone, b"a badge", question="source_name")
    assert (await ask(server, "expert", f"/attachments/{sha256}/content")).status_code == 404
    assert (await ask(server, "head", f"/attachments/{sha256}/content")).status_code == 200
    assert (await ask(server, "head", f"/attachments/{'0' * 64}/content")).status_code == 404


async def test_quarantine_tells_why_and_whence_but_not_what(server: Server) -> None:
    await server.push(server.phones[0], "a phone spoke nonsense")
    page = await asked(server, "expert", "/quarantine")
    assert (page["count"], page["reasons"]) == (1, {"unreadable": 1})
    assert [(item["team"], item["device"], item["reason"]) for item in page["items"]] == [("LTO01", "A", "unreadable")]
    assert "nonsense" not in json.dumps(page)


async def test_noise_from_one_phone_hides_nothing_that_was_kept_aside(server: Server) -> None:
    phone, second, _ = server.phones
    await server.push(phone, phone.report({"nonsense": "x"}))
    await server.push(second, "only once")
    for start in range(0, 150, 50):
        await server.push(phone, *(f"noise {start + number}" for number in range(50)))
    page = await asked(server, "expert", "/quarantine")
    assert (page["count"], page["reasons"]) == (152, {"bad_answers": 1, "unreadable": 151})
    shown = Counter((item["device"], item["reason"]) for item in page["items"])
    assert shown == {("A", "unreadable"): 10, (second.letter, "unreadable"): 1, ("A", "bad_answers"): 1}
    assert [item["seq"] for item in page["items"]] == sorted((item["seq"] for item in page["items"]), reverse=True)


async def test_teams_tell_what_their_phones_made_and_nobody_holds(server: Server) -> None:
    phone = server.phones[0]
    lost = [phone.report() for _ in range(3)]
    await server.push(phone, lost[0])
    teams = {team["code"]: team for team in (await asked(server, "auditor", "/teams"))["teams"]}
    assert (teams["LTO01"]["devices"], teams["LTO01"]["waiting"]) == (2, 2)
    # The auditor reads no reports: to them a contact is a day.
    assert teams["LTO01"]["last_contact_on"] is not None
    assert teams["LTO01"]["last_contact_at"] is None
    assert (teams["LTO02"]["waiting"], teams["LTO02"]["last_contact_on"]) == (0, None)
    told = {team["code"]: team for team in (await asked(server, "expert", "/teams"))["teams"]}
    assert told["LTO01"]["last_contact_at"] is not None
    assert told["LTO02"]["last_contact_at"] is None
    await server.push(phone, *lost)
    assert [team["waiting"] for team in (await asked(server, "auditor", "/teams"))["teams"]] == [0, 0]


async def test_teams_tell_of_numbers_that_never_came_between_those_that_did(server: Server) -> None:
    phone = server.phones[0]
    made = [phone.report() for _ in range(5)]

    async def skipped() -> list[int]:
        return [
            team["skipped"] for team in (await asked(server, "auditor", "/teams"))["teams"] if team["code"] == "LTO01"
        ]

    await server.push(phone, made[0], made[4])
    assert await skipped() == [3]
    await server.push(phone, *made)
    assert await skipped() == [0]


async def test_nobody_reads_without_signing_in(server: Server) -> None:
    response = await server.client.get(f"{API}/submissions")
    assert response.status_code == 401


async def test_a_report_that_came_after_its_version_was_retired_is_accepted_and_marked_late(server: Server) -> None:
    phone, version = server.phones[0], server.seeded.checklist_version_id
    await push_reports(server, phone, {})

    async def late() -> list[bool]:
        listed = await asked(server, "expert", "/submissions")
        return [line["is_late"] for line in listed["submissions"]]

    async with server.database.write() as session:
        mission = server.seeded.mission.id
        await set_status(session, mission_id=mission, version_id=version, status="retired", reason="", actor="test")
    [second] = await push_reports(server, phone, {})
    assert await late() == [True, False]
    assert (await asked(server, "expert", f"/submissions/{second}"))["is_late"]
    async with server.database.write() as session:
        await set_status(
            session, mission_id=mission, version_id=version, status="open", reason="too early", actor="test"
        )
    assert await late() == [False, False]


async def test_an_attachment_is_called_by_its_question(server: Server) -> None:
    await push_photo(server, server.phones[0], b"\xff\xd8 a picture")
    [line] = (await asked(server, "expert", "/submissions"))["submissions"]
    [attachment] = (await asked(server, "expert", f"/submissions/{line['id']}"))["attachments"]
    assert attachment["label"] == {"en": "photo", "ru": "photo (ru)"}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_what_was_kept_aside_is_found_without_walking_the_inbox(server: Server) -> None:
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, parameters))

    event.listen(server.database.reader.sync_engine, "before_cursor_execute", note)
    await asked(server, "expert", "/quarantine")
    asks = [(statement, parameters) for statement, parameters in seen if "inbox_item" in statement]
    assert len(asks) == 2
    async with server.database.reader.connect() as connection:
        for statement, parameters in asks:
            rows = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters))).all()
            assert any("ix_inbox_item_quarantined" in str(tuple(row)) for row in rows), [tuple(row) for row in rows]

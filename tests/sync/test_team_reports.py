"""What the reports of a team say, as its phones get it: docs/protocol.md §14."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import pytest
from httpx import Response
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import update
from sqlmodel import col

from steppe.missions.models import Mission
from steppe.people.models import Device
from steppe.people.moving import move
from steppe.submissions.models import Submission
from steppe.submissions.sealing import b64u
from steppe.sync.models import InboxItem
from tests.fixtures_checklist import answers
from tests.fixtures_phone import Phone
from tests.fixtures_server import Server

Held = Mapping[str, Iterable[str]]


async def give_key(server: Server, phone: Phone) -> ECKey:
    """Give a phone a content key, as it registers one itself (tests/people/test_content_key.py)."""
    key = ECKey.generate_key("P-256")
    jwk = {part: key.as_dict(private=False)[part] for part in ("kty", "crv", "x", "y")}
    async with server.database.write() as session:
        device = await session.get_one(Device, phone.id)
        device.content_jwk = jwk
        session.add(device)
    return key


async def ask(server: Server, phone: Phone, held: Held) -> Response:
    reports = [{"submission": report, "held": list(ids)} for report, ids in held.items()]
    return await server.as_device(phone, "POST", "/sync/team-reports", json={"reports": reports})


def opened(server: Server, phone: Phone, key: ECKey, sealed: str) -> list[dict[str, Any]]:
    """What a sealed answer says, with every signature and hash of it verified by another JOSE than the phone's."""
    found = jwe.decrypt_compact(sealed, key, algorithms=["ECDH-ES", "A256GCM"])
    assert {part: found.headers()[part] for part in ("alg", "enc", "typ", "kid")} == {
        "alg": "ECDH-ES",
        "enc": "A256GCM",
        "typ": "steppe-reports+jwe",
        "kid": key.thumbprint(),
    }
    signed, _, content = zlib.decompress(found.plaintext or b"", -zlib.MAX_WBITS).partition(b"\n")
    read = jws.deserialize_compact(signed, ECKey.import_key(server.seeded.receipt_jwk), algorithms=["ES256"])
    assert read.headers()["typ"] == "steppe-reports+jws"
    assert json.loads(read.payload) == {
        "mission": str(server.seeded.mission.id),
        "device": str(phone.id),
        "sha256": b64u(hashlib.sha256(content).digest()),
    }
    revisions: list[dict[str, Any]] = json.loads(content)
    return revisions


async def told(server: Server, phone: Phone, key: ECKey, held: Held) -> list[dict[str, Any]]:
    answer = (await ask(server, phone, held)).json()
    assert answer["more"] is False
    return [] if answer["sealed"] is None else opened(server, phone, key, answer["sealed"])


async def heads(server: Server, phone: Phone) -> dict[str, list[str]]:
    page = await server.pull(phone)
    return {change["id"]: change["data"]["heads"] for change in page["changes"] if change["kind"] == "submission"}


async def test_a_partner_s_phone_gets_the_revisions_it_lacks_and_nobody_reads_them_on_the_way(server: Server) -> None:
    phone, mate, _ = server.phones
    key = await give_key(server, mate)
    first = json.loads(phone.revise(answers(remarks="Feather grass")))
    await server.push(phone, phone.seal(phone.made[0]))
    report = first["submission"]
    edit = json.loads(phone.revise({"secrecy": "no"}, submission=report, base=[first["id"]], reason="correction"))
    await server.push(phone, phone.seal(phone.made[1]))
    assert "content_key" in (await server.push(mate))["reads"]
    assert await heads(server, mate) == {report: [edit["id"]]}
    answer = await ask(server, mate, {report: []})
    for plain in (b"Feather grass", b"secrecy", report.encode(), first["id"].encode()):
        assert plain not in answer.content
    [one, other] = opened(server, mate, key, answer.json()["sealed"])
    assert (one["id"], one["base"], one["patch"]) == (first["id"], [], first["patch"])
    assert (other["id"], other["base"], other["patch"]) == (edit["id"], [first["id"]], {"secrecy": "no"})
    assert (one["device"], one["letter"], one["author"]) == (str(phone.id), "A", str(phone.person_id))
    assert (one["tz"], one["made_at"], one["files"]) == ("Asia/Almaty", first["made_at"], {})
    assert ("reason" in one, other["reason"]) == (False, "correction")
    assert "attachments" not in one
    assert [each["id"] for each in await told(server, mate, key, {report: [first["id"]]})] == [edit["id"]]
    assert await told(server, mate, key, {report: [first["id"], edit["id"]]}) == []


async def test_no_other_team_s_phone_gets_anything_of_a_report_and_no_other_key_opens_it(server: Server) -> None:
    phone, mate, other = server.phones
    keys = [await give_key(server, each) for each in (mate, other)]
    made = json.loads(phone.revise(answers(remarks="Feather grass")))
    await server.push(phone, phone.seal(phone.made[0]))
    theirs = await ask(server, other, {made["submission"]: []})
    assert theirs.json() == {"sealed": None, "more": False}
    sealed = (await ask(server, mate, {made["submission"]: []})).json()["sealed"]
    with pytest.raises(JoseError):
        opened(server, mate, keys[1], sealed)
    # Of what an earlier version took in nobody wrote the team down: the report's alone holds.
    mine = server.seeded.mission.id
    async with server.database.write() as session:
        await session.execute(update(InboxItem).where(col(InboxItem.mission_id) == mine).values(team_id=None))
    assert (await ask(server, other, {made["submission"]: []})).json()["sealed"] is None
    assert len(await told(server, mate, keys[0], {made["submission"]: []})) == 1
    async with server.database.write() as session:
        await session.execute(update(InboxItem).where(col(InboxItem.mission_id) == mine).values(team_id=phone.team_id))
    # With the wall around reports away, what another team had signed does not go either.
    async with server.database.write() as session:
        await session.execute(
            update(Submission)
            .where(
                col(Submission.id) == UUID(made["submission"]), col(Submission.mission_id) == server.seeded.mission.id
            )
            .values(team_id=other.team_id)
        )
    assert (await ask(server, other, {made["submission"]: []})).json()["sealed"] is None


async def test_a_phone_that_moved_gets_nothing_of_the_team_before_and_all_of_the_new_one(server: Server) -> None:
    phone, mate, other = server.phones
    key = await give_key(server, mate)
    left, new = json.loads(phone.revise()), json.loads(other.revise(answers(station="301")))
    await server.push(phone, phone.seal(phone.made[0]))
    await server.push(other, other.seal(other.made[0]))
    async with server.database.write() as session:
        await move(session, server.seeded.mission.id, "LTO01B", "LTO02", actor="test")
    said = await told(server, mate, key, {left["submission"]: [], new["submission"]: []})
    assert [each["id"] for each in said] == [new["id"]]


async def test_nothing_goes_down_without_a_key_nor_where_copies_are_removed_nor_of_a_withdrawn_report(
    server: Server,
) -> None:
    phone, mate, _ = server.phones
    made = json.loads(phone.revise())
    await server.push(phone, phone.seal(phone.made[0]))
    without = await ask(server, mate, {made["submission"]: []})
    assert (without.status_code, without.json()["type"]) == (409, "urn:steppe:problem:no-content-key")
    key = await give_key(server, mate)
    assert len(await told(server, mate, key, {made["submission"]: []})) == 1
    for policy, status in (({"local_copy": "remove"}, "received"), ({"local_copy": "keep"}, "withdrawn")):
        async with server.database.write() as session:
            mission = server.seeded.mission.id
            await session.execute(update(Mission).where(col(Mission.id) == mission).values(policy=policy))
            await session.execute(update(Submission).where(col(Submission.mission_id) == mission).values(status=status))
        assert await told(server, mate, key, {made["submission"]: []}) == []


async def test_what_is_sealed_is_read_by_the_pair_that_wrote_it_and_what_waits_or_was_kept_aside_by_nobody(
    server: Server,
) -> None:
    phone, mate, _ = server.phones
    key = await give_key(server, mate)
    made = json.loads(phone.revise(answers(conf_level="sealed")))
    waits = phone.report({"secrecy": "no"}, submission=made["submission"], base=[str(phone.id)])
    aside = phone.report({"none": "such"}, submission=made["submission"], base=[made["id"]])
    await server.push(phone, phone.seal(phone.made[0]), waits, aside)
    assert [each["id"] for each in await told(server, mate, key, {made["submission"]: []})] == [made["id"]]


async def test_an_answer_is_bounded_and_the_next_one_goes_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, mate, _ = server.phones
    key = await give_key(server, mate)
    made = [json.loads(phone.revise(answers(remarks="x" * 3000))) for _ in range(5)]
    await server.push(phone, *[phone.seal(each) for each in phone.made])
    for name, most, sizes in (("_MOST_REVISIONS", 2, [2, 2, 1]), ("_MOST_BYTES", 8000, [2, 2, 1])):
        with monkeypatch.context() as bounded:
            bounded.setattr(f"steppe.sync.team_reports.{name}", most)
            held: dict[str, list[str]] = {each["submission"]: [] for each in made}
            came, more = [], True
            while more:
                answer = (await ask(server, mate, held)).json()
                page = opened(server, mate, key, answer["sealed"])
                for each in page:
                    held[each["submission"]].append(each["id"])
                came.append(len(page))
                more = answer["more"]
        assert came == sizes, name
    too_many = await ask(server, mate, {str(UUID(int=number)): [] for number in range(51)})
    assert too_many.status_code == 400

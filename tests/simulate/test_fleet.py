import io
from collections.abc import Awaitable, Callable
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image
from sqlalchemy import delete
from sqlmodel import col

from steppe import simulate
from steppe.attachments.models import Attachment
from steppe.backup.commands import begin_epoch
from steppe.backup.incarnation import Place
from steppe.checklists.definition import Definition
from steppe.kit.db import Database
from steppe.people.matching import keys_thumbprint
from steppe.simulate import BadReceiptError, Item, Outbox, Phone, fleet
from steppe.simulate.fleet import Orders
from steppe.simulate.outbox import sealed_hash
from steppe.simulate.pictures import page
from steppe.simulate.proofs import OtherKeysError, public_jwk, receipt_claims
from steppe.submissions.models import Revision, Submission
from steppe.submissions.sealing import CURVE
from steppe.sync.models import InboxItem
from tests.fixtures_neighbour import own

Codes = Callable[..., Awaitable[list[str]]]
ELECTION_DAY = date(2021, 1, 10)


async def test_every_simulated_report_of_every_checklist_is_stored(
    http: httpx.AsyncClient, database: Database, codes: Codes, definitions: dict[str, Definition]
) -> None:
    given = await codes("LTO01", "LTO06", "LTO09")
    orders = Orders(given, submissions=25, last=ELECTION_DAY, seed=3, photos=0.5, batch=20)
    outcome = await fleet.run(http, orders)
    assert outcome.quarantined == {}
    assert (outcome.phones, outcome.received) == (3, 75)
    assert outcome.by_form.keys() == definitions.keys()
    visits = [count for form, count in outcome.by_form.items() if definitions[form].kind == "polling_station"]
    assert sum(visits) == 30
    async with database.read() as session:
        submissions = (await session.exec(own(Submission))).all()
        attachments = (await session.exec(own(Attachment))).all()
    assert len(submissions) == 75
    assert {submission.region_code for submission in submissions} >= {"KZ-ZHA"}
    assert len(attachments) == outcome.attachments > 5
    assert [attachment for attachment in attachments if attachment.completed_at is None] == []


async def test_a_phone_numbers_and_chains_its_reports(
    http: httpx.AsyncClient, database: Database, codes: Codes
) -> None:
    await fleet.run(http, Orders(await codes("LTO02"), submissions=7, last=ELECTION_DAY, photos=0, batch=3))
    async with database.read() as session:
        revisions = (await session.exec(own(Revision).order_by(col(Revision.device_seq)))).all()
    assert [revision.device_seq for revision in revisions] == list(range(1, 8))
    assert [revision.prev_hash for revision in revisions] == ["", *(revision.hash for revision in revisions[:-1])]
    made = [revision.made_at for revision in revisions]
    assert made == sorted(made)


async def test_the_same_seed_reports_the_same_from_other_phones(
    http: httpx.AsyncClient, database: Database, codes: Codes
) -> None:
    for code in await codes("LTO03", "LTO03"):
        await fleet.run(http, Orders([code], submissions=6, last=ELECTION_DAY, seed=11))
    async with database.read() as session:
        query = own(Submission).order_by(Submission.code)
        answers = [submission.answers for submission in (await session.exec(query)).all()]
    assert len(answers) == 12
    assert answers[:6] == answers[6:]


async def test_a_stale_nonce_costs_a_repetition_not_the_request(
    http: httpx.AsyncClient, codes: Codes, definitions: dict[str, Definition]
) -> None:
    phone = Phone(http, _nonce="")
    await phone.enrol((await codes("LTO04"))[0])
    phone._nonce = "stale"
    await phone.pull()
    assert {definition.id for definition in phone.definitions.values()} == definitions.keys()
    assert len(phone.places["regions"]) == 17


async def test_a_refused_request_says_what_the_server_said(http: httpx.AsyncClient, codes: Codes) -> None:
    [code] = await codes("LTO05")
    await Phone(http).enrol(code)
    with pytest.raises(httpx.HTTPStatusError, match=r"409 .*code-used"):
        await Phone(http).enrol(code)


async def test_a_phone_gives_its_code_to_no_server_with_other_keys(http: httpx.AsyncClient, codes: Codes) -> None:
    (code,) = await codes("LTO05")
    with pytest.raises(OtherKeysError):
        await Phone(http).enrol(f"{code}.{'0' * 30}")
    # The code is as good as new.
    phone = Phone(http)
    await phone.enrol(code)
    (code,) = await codes("LTO05")
    await Phone(http).enrol(f"{code}.{keys_thumbprint(phone.enrolment['keys'])}")


async def test_a_receipt_of_somebody_else_proves_nothing(http: httpx.AsyncClient, codes: Codes) -> None:
    phone = Phone(http)
    await phone.enrol((await codes("LTO07"))[0])
    answer = await phone._send([Item("a", "", 1, "unreadable")])
    mission = phone.mission["id"]
    assert receipt_claims(answer["receipts"], phone._receipt_key(), mission)["items"][0]["seq"] > 0
    with pytest.raises(BadReceiptError):
        receipt_claims(answer["receipts"], phone._receipt_key(), "another mission")
    phone.enrolment["keys"]["receipt"] = public_jwk(ec.generate_private_key(CURVE))
    with pytest.raises(BadReceiptError):
        receipt_claims(answer["receipts"], phone._receipt_key(), mission)


@pytest.mark.parametrize("line", [{}, {"id": "a", "hash": "other", "device_seq": 1}, {"sealed": "x", "seq": 1}])
def test_an_item_without_its_own_receipt_stays_in_the_outbox(line: dict[str, Any]) -> None:
    item = Item("a", "hash", 1, "sealed")
    outbox = Outbox([item])
    with pytest.raises(BadReceiptError):
        outbox.settle([item], [{"status": "stored", "id": "a", "hash": "hash"}], {"items": [line]})
    assert outbox.waiting == [item]


def test_an_item_to_be_sent_again_stays_and_is_not_taken_for_received() -> None:
    item = Item("a", "hash", 1, "sealed")
    outbox = Outbox([item])
    assert outbox.settle([item], [{"status": "retry"}], {"items": []}) == []
    assert outbox.waiting == [item]
    assert outbox.received == {}


def test_what_nobody_could_read_is_receipted_by_its_sealed_text() -> None:
    item = Item("a", "hash", 1, "sealed")
    outbox = Outbox([item])
    line = {"sealed": sealed_hash("sealed"), "seq": 4}
    outbox.settle([item], [{"status": "quarantined", "reason": "unreadable"}], {"items": [line]})
    assert (outbox.waiting, outbox.quarantined) == ([], {"a": "unreadable"})
    outbox.hear({"epoch": 1, "safe_seq": 9})
    assert list(outbox.held) == ["a"], "what nobody could read is never safe"


def test_an_item_is_held_until_it_and_its_photos_are_safe() -> None:
    item = Item("a", "hash", 1, "sealed", (simulate.Attachment("photo", b""),))
    outbox = Outbox([item])
    line = {"id": "a", "hash": "hash", "device_seq": 1, "seq": 4}
    outbox.settle([item], [{"status": "stored"}], {"items": [line], "epoch": 1, "safe_seq": 4})
    outbox.hear({"epoch": 1, "safe_seq": 5})
    assert list(outbox.held) == ["a"], "its photo may still be lost"
    outbox.files["photo"] = 6
    outbox.hear({"epoch": 1, "safe_seq": None})
    outbox.hear({"epoch": 1, "safe_seq": 5})
    assert list(outbox.held) == ["a"]
    outbox.hear({"epoch": 1, "safe_seq": 6})
    assert outbox.held == {}


async def test_a_restored_server_gets_again_what_a_phone_holds(
    http: httpx.AsyncClient, database: Database, codes: Codes
) -> None:
    phone = Phone(http)
    await phone.enrol((await codes("LTO05"))[0])
    await phone.pull()
    entries = iter(fleet.diary_of(phone, Orders((), submissions=4, last=ELECTION_DAY, seed=2), 1))
    for _ in range(2):
        fleet.write(phone, next(entries), Random(1), has_camera=False)
    first, second = phone.outbox.waiting
    await phone.push()
    async with database.write() as session:
        mission = UUID(phone.mission["id"])
        await session.execute(delete(InboxItem).where(col(InboxItem.revision_id) == UUID(second.id)))
        await session.execute(delete(Revision).where(col(Revision.id) == UUID(second.id)))
        begun = await begin_epoch(session, mission, Place(epoch=1, n=0))
    await phone.pull()
    assert phone.outbox.waiting == [first, second]
    await phone.push()
    assert (phone.outbox.waiting, phone.outbox.epoch) == ([], begun.epoch)
    assert phone.outbox.received[second.id]["seq"] > begun.n
    with pytest.raises(BadReceiptError):
        phone.outbox.hear({"epoch": 1, "safe_seq": None})


def test_a_simulated_photo_is_a_picture_and_none_is_like_another() -> None:
    first, second = page(Random(1)), page(Random(2))
    assert first != second
    for content in (first, second):
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            assert (picture.format, picture.size) == ("PNG", (480, 640))
        assert len(content) < 60_000

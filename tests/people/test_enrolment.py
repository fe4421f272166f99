"""Enrolment: one code makes one device, and a lost answer can be asked for again."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from sqlmodel import col, select, update

from steppe.kit.clock import now
from steppe.kit.db import Database
from steppe.kit.ids import plain_code, uuid7
from steppe.kit.settings import Settings
from steppe.main import create_app
from steppe.missions.models import Mission
from steppe.people import commands
from steppe.people.matching import enrolment_link, keys_thumbprint, matching_code, root_thumbprint, shown_code
from steppe.people.models import Device, Enrolment, Team
from steppe.people.problems import GuestTime, UnknownTeam
from steppe.people.tokens import token_hash
from tests.fixtures_desk import browser
from tests.fixtures_mission import Seeded, seed

REDEEM = "/api/v1/enrolments/redeem"
KEYS = "/api/v1/enrolments/keys"
VECTORS = json.loads((Path(__file__).parents[1] / "vectors/mission_keys.json").read_text())


class NewPhone:
    """A phone before enrolment."""

    def __init__(self) -> None:
        self.id = str(uuid7())
        self.key = ECKey.generate_key("P-256")

    def body(self, code: str, signed_code: str | None = None) -> dict[str, object]:
        header = {"alg": "ES256", "typ": "steppe-enrol+jws", "kid": self.id}
        claims = json.dumps({"code": signed_code or code, "device": self.id})
        device = {"id": self.id, "name": "Phone", "platform": "Test", "public_jwk": self.key.as_dict(private=False)}
        return {"code": code, "device": device, "proof": jws.serialize_compact(header, claims, self.key)}


@pytest.fixture
async def mission(database: Database, settings: Settings) -> Seeded:
    return await seed(database, settings)


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://steppe.test") as opened:
        yield opened
    await app.state.parts[Database].close()


async def code_for(database: Database, mission: Seeded, team: str = "LTO02") -> str:
    async with database.write() as session:
        code, _ = await commands.open_enrolment(session, mission_id=mission.mission.id, team_code=team, actor="test")
    return code


async def test_a_code_makes_a_device_with_the_next_letter(
    client: httpx.AsyncClient, database: Database, mission: Seeded
) -> None:
    phone = NewPhone()
    answer = await client.post(REDEEM, json=phone.body(await code_for(database, mission)))
    assert answer.status_code == 201
    enrolled = answer.json()
    assert enrolled["device"] == {"id": phone.id, "letter": "B"}
    assert enrolled["team"]["regions"] == ["KZ-SEV"]
    # The one name of old, and the same by language beside it: empty where the pack was loaded before there were any.
    assert (enrolled["team"]["name"], enrolled["team"]["names"]) == ("Town", {})
    assert (enrolled["person"]["function"], enrolled["person"]["functions"]) == ("Observer LTO02A", {})
    assert enrolled["keys"]["receipt"]["kid"] == mission.receipt_jwk["kid"]
    assert enrolled["matching_code"] == matching_code(phone.key.as_dict(private=False), enrolled["keys"])
    assert answer.headers["DPoP-Nonce"]
    pushed = await client.post(
        "/api/v1/sync/push",
        json={"outbox": {"waiting": 0, "device_seq": 0}, "items": []},
        headers={"Authorization": f"Bearer {enrolled['push_token']}"},
    )
    assert pushed.status_code == 200


async def test_the_same_phone_may_ask_again_and_keeps_its_tokens(
    client: httpx.AsyncClient, database: Database, mission: Seeded
) -> None:
    phone, code = NewPhone(), await code_for(database, mission)
    first = (await client.post(REDEEM, json=phone.body(code))).json()
    second = await client.post(REDEEM, json=phone.body(code.replace("-", " ").lower(), code))
    assert second.status_code == 201
    assert second.json()["device"] == first["device"]
    # The first request may arrive after the second: what the phone holds must go on being good.
    tokens = [{name: one[name] for name in ("push_token", "access_token")} for one in (first, second.json())]
    assert tokens[0] == tokens[1]
    assert len({*tokens[0].values()}) == 2
    async with database.read() as session:
        devices = (await session.exec(select(Device).where(Device.id == UUID(phone.id)))).all()
    assert len(devices) == 1


async def test_another_phone_cannot_use_a_used_code(
    client: httpx.AsyncClient, database: Database, mission: Seeded
) -> None:
    code = await code_for(database, mission)
    await client.post(REDEEM, json=NewPhone().body(code))
    answer = await client.post(REDEEM, json=NewPhone().body(code))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:steppe:problem:code-used")


@pytest.mark.parametrize(("from_in", "until_in", "status"), [(-1, 1, 201), (1, 2, 409), (-2, -1, 409)])
async def test_a_guests_phone_is_enrolled_on_the_days_of_the_stay_only(
    client: httpx.AsyncClient, database: Database, mission: Seeded, from_in: int, until_in: int, status: int
) -> None:
    code = await code_for(database, mission)
    today = now().astimezone(ZoneInfo(mission.mission.zone)).date()
    lasts = {"opens_on": today - timedelta(days=30), "closes_on": today + timedelta(days=30)}
    stay = {"from_on": today + timedelta(days=from_in), "until_on": today + timedelta(days=until_in)}
    async with database.write() as session:
        own = col(Team.mission_id) == mission.mission.id
        await session.exec(update(Mission).where(col(Mission.id) == mission.mission.id).values(**lasts))
        await session.exec(update(Team).where(own, col(Team.code) == "LTO02").values(origin="oscepa", **stay))
    answer = await client.post(REDEEM, json=NewPhone().body(code))
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["type"] == "urn:steppe:problem:guest-time"
    if until_in < 0:
        with pytest.raises(GuestTime):
            await code_for(database, mission)
    else:
        assert await code_for(database, mission)


async def test_a_rehearsal_and_a_demonstration_are_held_to_no_days(
    client: httpx.AsyncClient, database: Database, mission: Seeded
) -> None:
    # The seeded mission closed in March 2021.
    async with database.write() as session:
        stay = {"from_on": date(2021, 1, 9), "until_on": date(2021, 1, 11)}
        await session.exec(update(Team).where(col(Team.code) == "LTO02").values(origin="oscepa", **stay))
    code = await code_for(database, mission)
    assert (await client.post(REDEEM, json=NewPhone().body(code))).status_code == 201


async def test_a_code_ends_after_72_hours(client: httpx.AsyncClient, database: Database, mission: Seeded) -> None:
    code = await code_for(database, mission)
    async with database.write() as session:
        await session.exec(update(Enrolment).values(expires_at=now() - timedelta(seconds=1)))
    answer = await client.post(REDEEM, json=NewPhone().body(code))
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:steppe:problem:code-expired")


async def test_a_proof_by_another_key_or_for_another_code_is_refused(
    client: httpx.AsyncClient, database: Database, mission: Seeded
) -> None:
    code, phone, thief = await code_for(database, mission), NewPhone(), NewPhone()
    stolen = {**phone.body(code), "proof": thief.body(code)["proof"]}
    for body in (stolen, phone.body(code, "AAAAA-AAAAA-AAAAA-AAAAA"), {**phone.body(code), "proof": "no.jws"}):
        answer = await client.post(REDEEM, json=body)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:steppe:problem:bad-enrolment-proof")
    async with database.read() as session:
        assert (await session.exec(select(Enrolment).where(col(Enrolment.used_at).is_not(None)))).first() is None


def test_the_thumbprint_names_both_keys_and_is_the_phones() -> None:
    keys = VECTORS["keys"]
    assert keys_thumbprint(keys) == VECTORS["thumbprint"]
    assert root_thumbprint(VECTORS["root"]) == VECTORS["root_thumbprint"]
    assert matching_code(VECTORS["device"], keys) == VECTORS["matching_code"]
    digits, shown = VECTORS["shown_code"]
    assert shown_code(digits) == shown
    # Longer than 128 bits, and no member but the key itself is in it.
    assert 5 * len(VECTORS["thumbprint"]) >= 128
    assert keys_thumbprint({purpose: {**jwk, "kid": "other"} for purpose, jwk in keys.items()}) == VECTORS["thumbprint"]
    stranger = ECKey.generate_key("P-256").as_dict(private=False)
    for purpose in keys:
        assert keys_thumbprint({**keys, purpose: stranger}) != VECTORS["thumbprint"]
    assert keys_thumbprint({"receipt": keys["transport"], "transport": keys["receipt"]}) != VECTORS["thumbprint"]


def test_a_link_whose_thumbprint_is_not_known_carries_the_code_alone() -> None:
    assert enrolment_link("https://hq.test", "ABCDE", "") == "https://hq.test/#enrol=ABCDE"
    assert enrolment_link("https://hq.test", "ABCDE", "XYZ") == "https://hq.test/#enrol=ABCDE.XYZ"


async def test_a_phone_hears_the_keys_of_its_codes_mission_without_giving_the_code_away(
    client: httpx.AsyncClient, database: Database, settings: Settings, mission: Seeded
) -> None:
    other = await seed(database, settings, code="KZ2", tokens="other ")
    for each in (mission, other):
        code = await code_for(database, each)
        hashed = {"code_sha256": token_hash(plain_code(code))}
        for state in ("open", "used"):
            told = await client.post(KEYS, json=hashed)
            assert (told.status_code, told.json()["state"]) == (200, state)
            assert told.json()["keys"]["receipt"]["kid"] == each.receipt_jwk["kid"]
            assert set(told.json()["keys"]["transport"]) == {"kty", "crv", "x", "y", "kid"}
            # A phone whose answer was lost asks again after its code was used.
            enrolled = (await client.post(REDEEM, json=NewPhone().body(code))).json()
            assert enrolled.get("keys", told.json()["keys"]) == told.json()["keys"]


async def test_no_keys_are_told_for_a_code_that_is_not_open_and_guessing_is_slowed(
    settings: Settings, database: Database, mission: Seeded
) -> None:
    code = await code_for(database, mission)
    hashed = {"code_sha256": token_hash(plain_code(code))}
    async with browser(settings.model_copy(update={"enrolments_per_address": 2})) as client:
        assert (await client.post(KEYS, json={"code_sha256": code})).status_code == 400
        async with database.write() as session:
            await session.exec(update(Enrolment).values(expires_at=now() - timedelta(seconds=1)))
        for asked, status, slug in ((hashed, 410, "code-expired"), ({"code_sha256": "0" * 64}, 404, "code-unknown")):
            answer = await client.post(KEYS, json=asked)
            assert (answer.status_code, answer.json()["type"]) == (status, f"urn:steppe:problem:{slug}")
        refused = await client.post(KEYS, json=hashed)
        assert (refused.status_code, refused.json()["type"]) == (429, "urn:steppe:problem:try-later")
        # The budget is that of the codes themselves.
        assert (await client.post(REDEEM, json=NewPhone().body(code))).status_code == 429


async def test_two_calls_serve_both_of_a_pair(database: Database, mission: Seeded) -> None:
    async with database.write() as session:
        await session.exec(update(Device).values(revoked_at=now()))
        people = [
            (await commands.open_enrolment(session, mission_id=mission.mission.id, team_code="LTO01", actor="test"))[1]
            for _ in range(2)
        ]
    assert {person.username for person in people} == {"LTO01A", "LTO01B"}


async def test_an_unknown_team_is_named(database: Database, mission: Seeded) -> None:
    with pytest.raises(UnknownTeam, match="LTO99"):
        await code_for(database, mission, "LTO99")


async def test_only_hashes_of_codes_and_tokens_are_kept(
    client: httpx.AsyncClient, database: Database, mission: Seeded
) -> None:
    code = await code_for(database, mission)
    enrolled = (await client.post(REDEEM, json=NewPhone().body(code))).json()
    async with database.read() as session:
        kept = f"{(await session.exec(select(Enrolment))).all()} {(await session.exec(select(Device))).all()}"
    for secret in (code, code.replace("-", ""), enrolled["push_token"], enrolled["access_token"]):
        assert secret not in kept


async def test_an_address_that_guesses_codes_is_told_to_wait_and_a_team_behind_one_address_is_not(
    settings: Settings, database: Database, mission: Seeded
) -> None:
    few = settings.model_copy(update={"enrolments_per_address": 2})
    async with browser(few) as client:
        for _ in range(4):
            assert (await client.post(REDEEM, json=NewPhone().body(await code_for(database, mission)))).is_success
        for _ in range(2):
            assert (await client.post(REDEEM, json=NewPhone().body("AAAAA-AAAAA-AAAAA-AAAAA"))).status_code == 404
        refused = await client.post(REDEEM, json=NewPhone().body(await code_for(database, mission)))
        # A phone of any version waits at this slug instead of giving up.
        assert (refused.status_code, refused.json()["type"]) == (429, "urn:steppe:problem:try-later")
        assert 1 <= int(refused.headers["retry-after"]) <= 60

"""Keys that change: phones of every age go on, a stolen key is refused, nothing is lost on the way."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from steppe.backup.recovery_words import identity_of, make_recovery_words, root_of
from steppe.kit.db import Database
from steppe.kit.ids import plain_code
from steppe.kit.settings import NEXT_SECRET_FILE, Settings
from steppe.main import create_app
from steppe.missions import key_rotation, keys
from steppe.missions.key_list import STATEMENT_TYPE
from steppe.missions.models import Mission
from steppe.people.commands import open_enrolment
from steppe.people.key_holders import key_holders
from steppe.people.matching import keys_thumbprint, root_thumbprint
from steppe.people.queries import link_thumbprint
from steppe.people.tokens import token_hash
from tests.fixtures_mission import Seeded, seed
from tests.fixtures_phone import Phone

PUSH = "/api/v1/sync/push"
STOLEN_SINCE = datetime(2021, 1, 9, tzinfo=UTC)


def payload(token: str, *known: dict[str, Any]) -> dict[str, Any]:
    """Return what a JWS says, when it is signed by the key its header names, and that key is among those known."""
    kid = jws.extract_compact(token.encode()).headers()["kid"]
    [key] = [jwk for jwk in known if jwk["kid"] == kid]
    read = jws.deserialize_compact(token, ECKey.import_key(key), algorithms=["ES256"])
    said: dict[str, Any] = json.loads(read.payload)
    return said


@dataclass
class Mesh:
    """A mission whose keys change, its server, and one phone that speaks to it."""

    seeded: Seeded
    database: Database
    settings: Settings
    client: AsyncClient

    @property
    def phone(self) -> Phone:
        return self.seeded.phones[0]

    async def push(self, *items: str, **told: Any) -> dict[str, Any]:
        answer = await self.client.post(PUSH, json=self.phone.push_body(*items, **told), headers=self.phone.bearer)
        assert answer.status_code == 200, answer.text
        told_back: dict[str, Any] = answer.json()
        return told_back

    async def rotate(self, purpose: str = keys.RECEIPT, **how: Any) -> key_rotation.Rotated:
        async with self.database.write() as session:
            mission = await session.get_one(Mission, self.seeded.mission.id)
            return await key_rotation.rotate(
                session, mission, purpose, secret=self.settings.secret_key, actor="test", **how
            )

    async def set_root(self, root: ECKey) -> None:
        async with self.database.write() as session:
            mission = await session.get_one(Mission, self.seeded.mission.id)
            await key_rotation.set_root(session, mission, root, actor="test")

    async def linked(self) -> tuple[str, str]:
        """Make an enrolment link; returns its code's hash and its thumbprint."""
        async with self.database.write() as session:
            mission_id = self.seeded.mission.id
            code, _ = await open_enrolment(session, mission_id=mission_id, team_code="LTO02", actor="test")
            return token_hash(plain_code(code)), await link_thumbprint(session, mission_id)

    async def told(self, code_sha256: str) -> dict[str, Any]:
        """Ask for the keys that a link stands for, as a phone does."""
        answer = await self.client.post("/api/v1/enrolments/keys", json={"code_sha256": code_sha256})
        assert answer.status_code == 200, answer.text
        told_back: dict[str, Any] = answer.json()
        return told_back

    async def holders(self) -> list[str]:
        async with self.database.read() as session:
            mission = await session.get_one(Mission, self.seeded.mission.id)
            return [one.state for one in await key_holders(session, mission)]


@pytest.fixture
async def mesh(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Mesh]:
    # A running server hears of other keys within half a minute; the tests do not wait for it.
    monkeypatch.setattr("steppe.submissions.mission_cache.LIFE_SECONDS", -1)
    seeded = await seed(database, settings)
    app = create_app(settings)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://steppe.test") as client:
        yield Mesh(seeded, database, settings, client)
    await app.state.parts[Database].close()


async def test_after_a_rotation_a_phone_that_tells_no_list_is_answered_under_the_key_it_was_enrolled_with(
    mesh: Mesh,
) -> None:
    await mesh.rotate()
    answer = await mesh.push(mesh.phone.report())
    assert [one["status"] for one in answer["results"]] == ["stored"]
    assert payload(answer["receipts"], mesh.seeded.receipt_jwk)["items"][0]["device_seq"] == 1
    assert "keys" not in answer
    assert await mesh.holders() == ["run an app that learns no keys"]


async def test_a_phone_learns_a_new_key_by_the_one_it_holds_and_is_then_answered_under_it(mesh: Mesh) -> None:
    rotated = await mesh.rotate()
    answer = await mesh.push(mesh.phone.report(), keys=0)
    assert payload(answer["receipts"], mesh.seeded.receipt_jwk)["items"]
    [statement] = answer["keys"]
    said = payload(statement, mesh.seeded.receipt_jwk)
    assert (said["mission"], said["serial"]) == (str(mesh.seeded.mission.id), rotated.serial)
    assert [jwk["kid"] for jwk in said["receipt"]] == [mesh.seeded.receipt_jwk["kid"], rotated.kid]
    assert said["transport"]["kid"] == mesh.seeded.transport_jwk["kid"]
    assert all("d" not in jwk for jwk in (*said["receipt"], said["transport"]))
    assert jws.extract_compact(statement.encode()).headers()["typ"] == STATEMENT_TYPE
    learnt = await mesh.push(mesh.phone.report(), keys=said["serial"])
    assert payload(learnt["receipts"], said["receipt"][-1])["items"]
    assert "keys" not in learnt
    with pytest.raises(JoseError):
        jws.deserialize_compact(learnt["receipts"], ECKey.import_key(mesh.seeded.receipt_jwk), algorithms=["ES256"])


async def test_two_rotations_are_slept_through_and_learned_at_once(mesh: Mesh) -> None:
    await mesh.rotate()
    newest = await mesh.rotate()
    [statement] = (await mesh.push(keys=0))["keys"]
    assert payload(statement, mesh.seeded.receipt_jwk)["receipt"][-1]["kid"] == newest.kid


async def test_what_was_sealed_to_an_earlier_transport_key_is_opened_and_phones_are_told_the_new_one(
    mesh: Mesh,
) -> None:
    waiting = mesh.phone.report()
    rotated = await mesh.rotate(keys.TRANSPORT)
    answer = await mesh.push(waiting, keys=0)
    assert [one["status"] for one in answer["results"]] == ["stored"]
    said = payload(answer["keys"][0], mesh.seeded.receipt_jwk)
    assert said["transport"]["kid"] == rotated.kid
    mesh.phone.transport = said["transport"]
    assert [one["status"] for one in (await mesh.push(mesh.phone.report()))["results"]] == ["stored"]


async def test_a_stolen_key_signs_nothing_more_and_only_the_roots_word_leads_on(mesh: Mesh) -> None:
    made = make_recovery_words()
    await mesh.set_root(made.root)
    learnt = payload((await mesh.push(keys=0))["keys"][0], mesh.seeded.receipt_jwk)
    assert learnt["root"]["kid"] == made.root.thumbprint()
    assert (await mesh.push(keys=learnt["serial"])).keys().isdisjoint({"keys"})
    assert "hold the list of today" in await mesh.holders()
    rotated = await mesh.rotate(root=made.root, stolen_since=STOLEN_SINCE)
    # The words give the same root once more, on whatever machine.
    root = keys.public_jwk(root_of(identity_of(" ".join(made.words))))
    assert root == keys.public_jwk(made.root)
    answer = await mesh.push(mesh.phone.report(), keys=learnt["serial"])
    said = payload(answer["keys"][0], root)
    assert [jwk["kid"] for jwk in said["receipt"]] == [rotated.kid]
    assert said["stolen"] == {mesh.seeded.receipt_jwk["kid"]: "2021-01-09T00:00:00.000Z"}
    assert payload(answer["receipts"], said["receipt"][0])["items"]
    # An app that knows the stolen key alone is given nothing that it would believe.
    old = await mesh.push(mesh.phone.report())
    assert payload(old["receipts"], said["receipt"][0])["items"]
    assert "are cut off, and need a new code" in await mesh.holders()


async def test_after_a_theft_the_roots_word_and_that_of_its_key_lead_to_a_later_rotation(mesh: Mesh) -> None:
    root = make_recovery_words().root
    await mesh.set_root(root)
    await mesh.rotate(root=root, stolen_since=STOLEN_SINCE)
    newest = await mesh.rotate()
    first, second = (await mesh.push(keys=1))["keys"]
    by_root = payload(first, keys.public_jwk(root))
    assert payload(second, by_root["receipt"][-1])["receipt"][-1]["kid"] == newest.kid


async def test_no_key_is_declared_stolen_without_the_words_of_the_missions_root(mesh: Mesh) -> None:
    with pytest.raises(key_rotation.NoRoot):
        await mesh.rotate(root=make_recovery_words().root, stolen_since=STOLEN_SINCE)
    await mesh.set_root(make_recovery_words().root)
    with pytest.raises(key_rotation.OtherRoot):
        await mesh.rotate(root=make_recovery_words().root, stolen_since=STOLEN_SINCE)
    assert payload((await mesh.push())["receipts"], mesh.seeded.receipt_jwk)["items"] == []


async def test_a_link_printed_before_a_rotation_still_names_the_keys_its_phone_gets(mesh: Mesh) -> None:
    code, thumbprint = await mesh.linked()
    await mesh.rotate()
    await mesh.rotate(keys.TRANSPORT)
    told = await mesh.told(code)
    assert keys_thumbprint(told["keys"]) == thumbprint
    newer, _ = await mesh.linked()
    assert (await mesh.told(newer))["keys"]["receipt"]["kid"] != told["keys"]["receipt"]["kid"]


async def test_a_link_names_the_root_and_outlives_rotation_and_theft(mesh: Mesh) -> None:
    root = make_recovery_words().root
    await mesh.set_root(root)
    code, thumbprint = await mesh.linked()
    assert thumbprint == root_thumbprint(keys.public_jwk(root))
    await mesh.rotate(root=root, stolen_since=STOLEN_SINCE)
    newest = await mesh.rotate()
    told = await mesh.told(code)
    assert root_thumbprint(told["root"]) == thumbprint
    first, second = told["statements"]
    believed = payload(second, payload(first, told["root"])["receipt"][-1])
    assert told["keys"]["receipt"]["kid"] == believed["receipt"][-1]["kid"] == newest.kid
    assert told["keys"]["transport"]["kid"] == believed["transport"]["kid"]


async def test_a_link_that_names_a_key_stolen_since_brings_todays_keys_which_its_phone_refuses(mesh: Mesh) -> None:
    code, thumbprint = await mesh.linked()
    root = make_recovery_words().root
    await mesh.set_root(root)
    await mesh.rotate(root=root, stolen_since=STOLEN_SINCE)
    assert keys_thumbprint((await mesh.told(code))["keys"]) != thumbprint


async def test_a_server_goes_on_with_keys_wrapped_by_another_secret_while_it_serves(mesh: Mesh) -> None:
    assert [one["status"] for one in (await mesh.push(mesh.phone.report()))["results"]] == ["stored"]
    anew = bytes(range(32))
    async with mesh.database.write() as session:
        mission = await session.get_one(Mission, mesh.seeded.mission.id)
        known = mesh.settings.secrets()
        assert await key_rotation.rewrap(session, mission, known, anew, actor="test") == 2
        assert await key_rotation.rewrap(session, mission, [anew, *known], anew, actor="test") == 0
    (mesh.settings.data / NEXT_SECRET_FILE).write_text(anew.hex())
    answer = await mesh.push(mesh.phone.report())
    assert [one["status"] for one in answer["results"]] == ["stored"]
    assert payload(answer["receipts"], mesh.seeded.receipt_jwk)["items"]

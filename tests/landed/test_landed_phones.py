"""Phones enrolled on an earlier version go on: what they sent, hold and ask for works after the server's update."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient, Response
from joserfc import jws
from joserfc.jwk import ECKey

from steppe.checklists.commands import publish
from steppe.checklists.xlsform.form_files import Form
from steppe.kit.db import Database
from steppe.kit.ids import uuid7
from steppe.kit.settings import Settings
from steppe.main import create_app
from steppe.missions.key_rotation import rotate
from steppe.missions.keys import PURPOSES
from steppe.missions.models import Mission
from tests.checklists.forms import compiled
from tests.landed.recording import Recording

API = "/api/v1"
TUS = {"Tus-Resumable": "1.0.0"}


class Landed:
    """Today's server over the recorded database, spoken to as the recorded phone spoke."""

    def __init__(self, client: AsyncClient, content: dict[str, Any], settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self.content = content
        self.phone = content["phone"]
        self.bearer = {"Authorization": f"Bearer {self.phone['push_token']}"}

    async def again(self, exchange: dict[str, Any]) -> Response:
        """Send the very bytes of a recorded request."""
        body = base64.b64decode(exchange["content"])
        return await self.client.request(
            exchange["method"], exchange["path"], headers=exchange["headers"], content=body
        )

    async def push_unsent(self) -> Response:
        """Send the very bytes the phone had ready when the server was updated."""
        push = self.content["unsent"]["push"]
        return await self.client.post(
            f"{API}/sync/push", headers=push["headers"], content=base64.b64decode(push["content"])
        )

    def receipts(self, token: str) -> dict[str, Any]:
        """Verify a receipt with the key the phone was given when it enrolled."""
        read = jws.deserialize_compact(token, ECKey.import_key(self.content["receipt_jwk"]), algorithms=["ES256"])
        payload: dict[str, Any] = json.loads(read.payload)
        return payload

    async def prove(self, method: str, path: str, body: Any = None) -> Response:
        """Send a request with proof of possession as that version made them (RFC 9449)."""
        answer = await self._proven(method, path, "", body)
        return await self._proven(method, path, answer.headers["DPoP-Nonce"], body)

    async def _proven(self, method: str, path: str, nonce: str, body: Any) -> Response:
        token: str = self.phone["access_token"]
        own = ECKey.import_key(self.phone["jwk"])
        claims = {
            "htm": method,
            "htu": f"http://steppe.test{path}",
            "jti": str(uuid7()),
            "iat": 0,
            "ath": base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode(),
            "nonce": nonce,
        }
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": own.as_dict(private=False)}
        proof = jws.serialize_compact(header, json.dumps(claims), own, algorithms=["ES256"])
        return await self.client.request(
            method, path, json=body, headers={"Authorization": f"DPoP {token}", "DPoP": proof}
        )


@pytest.fixture
async def landed(blank_engine_url: str, tmp_path: Path) -> AsyncIterator[Landed]:
    recording = Recording.read("schema_0002")
    settings = recording.settings(tmp_path / "data", blank_engine_url)
    database = Database(settings)
    await recording.lay(database)
    await database.close()
    app = create_app(settings)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://steppe.test") as client:
        yield Landed(client, recording.content, settings)
    await app.state.parts[Database].close()


async def test_what_was_acknowledged_before_is_acknowledged_again_with_the_same_receipt(landed: Landed) -> None:
    [before] = [one for one in landed.content["exchanges"] if one["name"] == "push"]
    answer = (await landed.again(before)).json()
    assert [result["status"] for result in answer["results"]] == ["duplicate", "duplicate"]
    assert before["answer"].keys() <= answer.keys()
    told, first = (landed.receipts(one["receipts"]) for one in (answer, before["answer"]))
    assert told["items"] == first["items"]
    assert first.keys() <= told.keys()


async def test_what_waited_when_the_server_was_updated_is_stored(landed: Landed) -> None:
    answer = (await landed.push_unsent()).json()
    assert [result["status"] for result in answer["results"]] == ["stored", "stored"]
    assert answer["results"][0]["needs"] == [landed.content["unsent"]["photo"]["sha256"]]
    seqs = [line["device_seq"] for line in landed.receipts(answer["receipts"])["items"]]
    assert seqs == [3, 4]


async def test_a_photo_follows_in_pieces_as_before(landed: Landed) -> None:
    await landed.push_unsent()
    photo = landed.content["unsent"]["photo"]
    content, sha256 = base64.b64decode(photo["content"]), photo["sha256"]
    begun = await landed.client.post(
        f"{API}/attachments",
        headers={
            **landed.bearer,
            **TUS,
            "Upload-Length": str(len(content)),
            "Upload-Metadata": "sha256 " + base64.b64encode(sha256.encode()).decode(),
        },
    )
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "0")
    answer = begun
    for start in range(0, len(content), 500):
        chunk = content[start : start + 500]
        answer = await landed.client.patch(
            begun.headers["Location"],
            content=chunk,
            headers={
                **landed.bearer,
                **TUS,
                "Upload-Offset": str(start),
                "Upload-Checksum": "sha256 " + base64.b64encode(hashlib.sha256(chunk).digest()).decode(),
                "Content-Type": "application/offset+octet-stream",
            },
        )
        assert answer.status_code == 204, answer.text
    assert landed.receipts(answer.headers["Steppe-Receipt"])["sha256"] == sha256


async def test_a_cursor_from_before_goes_on_and_a_pull_from_the_start_tells_as_much(landed: Landed) -> None:
    before = landed.content["pull"]
    path = f"{API}/sync/pull"
    onwards = await landed.prove("POST", path, {"cursor": landed.phone["cursor"], "limit": 200})
    assert onwards.status_code == 200, onwards.text
    whole = (await landed.prove("POST", path, {"cursor": None, "limit": 200})).json()
    assert before.keys() <= whole.keys()
    told = {(one["kind"], one["id"]): one["data"] for one in whole["changes"]}
    for change in before["changes"]:
        assert change["data"].keys() <= told[change["kind"], change["id"]].keys(), change["kind"]
    [checklist] = [one["id"] for one in before["changes"] if one["kind"] == "checklist"]
    assert (await landed.prove("GET", f"{API}/checklists/{checklist}")).status_code == 200


async def test_a_long_chain_does_not_hold_up_the_pull_of_a_phone_that_reads_the_first_format_only(
    landed: Landed,
) -> None:
    database = Database(landed.settings)
    form = compiled(
        (
            {"type": "integer", "name": "a"},
            {"type": "calculate", "name": "total", "calculation": " + ".join(["${a}"] * 40)},
        )
    )
    async with database.write() as session:
        done = await publish(
            session,
            mission_id=UUID(landed.content["pull"]["changes"][0]["id"]),
            form=Form("long.md", b"", form, (), ()),
            actor="test",
        )
        version = str(done.version.id)
    await database.close()
    page = (await landed.prove("POST", f"{API}/sync/pull", {"cursor": landed.phone["cursor"], "limit": 200})).json()
    [told] = [change["data"] for change in page["changes"] if change["id"] == version]
    assert told.keys() == {"form", "version", "title", "status", "hash", "bytes"}
    answer = await landed.prove("GET", f"{API}/checklists/{version}")
    # What the landed reader takes for a definition: that format, sections, and no node of more than two operands.
    served = answer.json()
    assert (answer.status_code, served["format"]) == (200, 1)
    nodes = [part for part in _lists(served["sections"]) if part and part[0] == "+"]
    assert [len(node) for node in nodes] == [3] * 39
    newer = await landed.prove("GET", f"{API}/checklists/{version}?format=2")
    assert (newer.json()["format"], newer.headers["ETag"].strip('"')) == (2, told["hash"])
    assert newer.headers["ETag"] != answer.headers["ETag"]


def _lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _lists(part)


async def test_a_link_made_before_the_update_enrols_a_phone(landed: Landed) -> None:
    answer = await landed.client.post(f"{API}/enrolments/redeem", json=landed.content["redeem"])
    assert answer.status_code == 201, answer.text
    assert answer.json()["team"]["code"] == "LTO02"


async def test_the_desk_sees_what_came_before_and_after_and_stays_signed_in(landed: Landed) -> None:
    await landed.push_unsent()
    landed.client.cookies.set("steppe_session", "desk-coordinator")
    answer = await landed.client.get(f"{API}/regions/KZ-AST/summary")
    assert answer.status_code == 200, answer.text
    before = landed.content["summary"]
    assert answer.json()["reports"] == before["reports"] + 2


async def test_a_phone_that_knows_one_receipt_key_and_seals_to_one_goes_on_when_both_are_replaced(
    landed: Landed,
) -> None:
    database = Database(landed.settings)
    async with database.write() as session:
        mission = await session.get_one(Mission, UUID(landed.content["pull"]["changes"][0]["id"]))
        for purpose in PURPOSES:
            await rotate(session, mission, purpose, secret=landed.settings.secret_key, actor="test")
    await database.close()
    answer = (await landed.push_unsent()).json()
    assert [result["status"] for result in answer["results"]] == ["stored", "stored"]
    assert len(landed.receipts(answer["receipts"])["items"]) == 2
    page = (await landed.prove("POST", f"{API}/sync/pull", {"cursor": None, "limit": 200})).json()
    assert landed.receipts(page["receipts"])["epoch"] == 1
    # A link printed before names the keys of its time: its phone is enrolled with them.
    enrolled = (await landed.client.post(f"{API}/enrolments/redeem", json=landed.content["redeem"])).json()
    assert enrolled["keys"]["receipt"]["x"] == landed.content["receipt_jwk"]["x"]

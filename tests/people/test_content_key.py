"""The key a phone registers for what goes down with content: docs/protocol.md §14."""

import json
from typing import Any

import pytest
from httpx import Response
from joserfc import jws
from joserfc.jwk import ECKey
from sqlmodel import col, select

from steppe.audit.models import AuditEntry
from steppe.kit.clock import now
from steppe.people.models import Device
from tests.fixtures_phone import Phone
from tests.fixtures_server import Server

PATH = "/enrolments/content-key"


def public(key: ECKey) -> dict[str, Any]:
    return {part: key.as_dict(private=False)[part] for part in ("kty", "crv", "x", "y")}


def statement(server: Server, phone: Phone, key: dict[str, Any], signer: Phone | None = None, **said: Any) -> str:
    header = {"alg": "ES256", "typ": said.pop("typ", "steppe-content-key+jws"), "kid": str(phone.id)}
    claims = {"mission": str(server.seeded.mission.id), "device": str(phone.id), "key": key, **said}
    own = ECKey.import_key((signer or phone).key)
    return jws.serialize_compact(header, json.dumps(claims), own, algorithms=["ES256"])


async def register(server: Server, phone: Phone, told: str) -> Response:
    return await server.as_device(phone, "POST", PATH, json={"statement": told})


async def entries(server: Server) -> list[dict[str, Any]]:
    mission = server.seeded.mission.id
    query = select(AuditEntry).where(AuditEntry.mission_id == mission, AuditEntry.action == "device.content_key")
    async with server.database.read() as session:
        return [entry.detail for entry in (await session.exec(query.order_by(col(AuditEntry.at)))).all()]


async def test_a_phone_registers_its_key_once_and_replaces_it_by_another(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, keys = server.phones[0], [ECKey.generate_key("P-256") for _ in range(2)]
    told = [statement(server, phone, public(key)) for key in keys]
    for _ in range(2):
        answer = await register(server, phone, told[0])
        assert (answer.status_code, answer.json()) == (200, {"kid": keys[0].thumbprint()})
    assert await entries(server) == [{"kid": keys[0].thumbprint()}]
    # Each entry of the trail stays for ever: another key comes a minute later at the earliest.
    refused = await register(server, phone, told[1])
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    monkeypatch.setattr("steppe.people.content_key._LEAST_APART", now() - now())
    assert (await register(server, phone, told[1])).json() == {"kid": keys[1].thumbprint()}
    assert await entries(server) == [
        {"kid": keys[0].thumbprint()},
        {"kid": keys[1].thumbprint(), "replaces": True},
    ]


async def test_only_what_the_device_key_signed_for_this_phone_is_a_key(server: Server) -> None:
    phone, mate, _ = server.phones
    key = public(ECKey.generate_key("P-256"))
    off_curve = {**key, "y": key["x"]}
    private = ECKey.generate_key("P-256").as_dict(private=True)
    told = [
        statement(server, phone, key, signer=mate),
        statement(server, phone, key, device=str(mate.id)),
        statement(server, phone, key, mission=str(phone.id)),
        statement(server, phone, key, typ="steppe-enrol+jws"),
        statement(server, phone, off_curve),
        statement(server, phone, {part: private[part] for part in (*key, "d")}),
        statement(server, phone, public(ECKey.generate_key("P-384"))),
        statement(server, phone, public(ECKey.import_key(phone.key))),
        statement(server, phone, {}),
        "none",
    ]
    for each in told:
        answer = await register(server, phone, each)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:steppe:problem:bad-content-key"), each
    async with server.database.read() as session:
        assert (await session.get_one(Device, phone.id)).content_jwk is None


async def test_a_refused_phone_registers_nothing(server: Server) -> None:
    phone = server.phones[0]
    told = statement(server, phone, public(ECKey.generate_key("P-256")))
    async with server.database.write() as session:
        device = await session.get_one(Device, phone.id)
        device.revoked_at, device.revoked_reason = now(), "seized"
        session.add(device)
    answer = await register(server, phone, told)
    assert answer.status_code == 401
    assert await entries(server) == []

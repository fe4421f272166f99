"""Envelopes from outside: whatever the body, the answer is a clear one and never 5xx."""

import gzip
import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures_server import API, Server

OUTBOX = b'{"waiting":0,"device_seq":0}'


async def post(server: Server, body: bytes, **headers: str) -> Any:
    given = {**server.phones[0].bearer, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await server.client.post(f"{API}/sync/push", content=body, headers=given)


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"", "bad-json"),
        (b"{", "bad-json"),
        (b"\xff", "bad-json"),
        (b"null", "bad-request"),
        (b"[]", "bad-request"),
        (b'{"outbox":%s,"outbox":%s,"items":[]}' % (OUTBOX, OUTBOX), "bad-json"),
        (b'{"outbox":%s,"items":[],"items":["x"]}' % OUTBOX, "bad-json"),
        (b'{"outbox":{"waiting":NaN,"device_seq":0},"items":[]}', "bad-json"),
        (b'{"outbox":{"waiting":Infinity,"device_seq":0},"items":[]}', "bad-json"),
        (b'{"outbox":%s,"items":["\\ud800"]}' % OUTBOX, "bad-json"),
        (b'{"outbox":%s,"items":["\\u0000"]}' % OUTBOX, "bad-json"),
        (b'{"outbox":%s,"items":%s}' % (OUTBOX, b"[" * 40 + b"]" * 40), "bad-json"),
        (b'{"outbox":%s,"items":%s}' % (OUTBOX, b"[" * 100_000 + b"]" * 100_000), "bad-json"),
        (b'{"outbox":{"waiting":1e2,"device_seq":0},"items":[]}', "bad-request"),
        (b'{"outbox":{"waiting":-1,"device_seq":0},"items":[]}', "bad-request"),
        (b'{"outbox":{"waiting":99999999999999999999999,"device_seq":0},"items":[]}', "bad-json"),
        (b'{"outbox":{"waiting":4294967296,"device_seq":0},"items":[]}', "bad-request"),
        (b'{"outbox":{"waiting":true,"device_seq":0},"items":[]}', "bad-request"),
        (b'{"outbox":%s,"items":[7]}' % OUTBOX, "bad-request"),
        (b'{"outbox":%s,"items":"x"}' % OUTBOX, "bad-request"),
        (b'{"items":[]}', "bad-request"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_an_unreadable_envelope_is_refused_with_its_reason(server: Server, body: bytes, slug: str) -> None:
    refused = await post(server, body)
    assert refused.status_code == 400, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == f"urn:steppe:problem:{slug}"


async def test_sizes_over_the_limits_are_refused(server: Server) -> None:
    phone = server.phones[0]
    many = orjson.dumps(phone.push_body(*["x"] * 51))
    long = orjson.dumps(phone.push_body("x" * (1024 * 1024)))
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    for body, encoding in ((many, ""), (long, ""), (gzip.compress(long), "gzip"), (bomb, "gzip")):
        refused = await post(server, body, Content_Encoding=encoding)
        assert (refused.status_code, refused.json()["type"]) == (413, "urn:steppe:problem:too-large")


async def test_a_damaged_gzip_body_is_refused(server: Server) -> None:
    body = gzip.compress(orjson.dumps(server.phones[0].push_body("x")))
    for damaged in (body[:-9], b"no gzip", body[:12] + b"\xff\xff\xff" + body[15:]):
        assert (await post(server, damaged, Content_Encoding="gzip")).status_code == 400


async def test_a_packed_body_is_read(server: Server) -> None:
    phone = server.phones[0]
    body = gzip.compress(orjson.dumps(phone.push_body(phone.report())))
    taken = await post(server, body, Content_Encoding="gzip")
    assert taken.json()["results"][0]["status"] == "stored"


async def test_a_push_needs_its_token(server: Server) -> None:
    for token in ("", "Bearer nobody", "Bearer ", "DPoP push-LTO01A", f"Bearer {server.phones[0].access_token}"):
        refused = await post(server, b"{}", Authorization=token)
        assert (refused.status_code, refused.json()["type"]) == (401, "urn:steppe:problem:sign-in-needed")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
envelopes = st.fixed_dictionaries(
    {},
    optional={
        "outbox": json_values | st.fixed_dictionaries({"waiting": json_values, "device_seq": json_values}),
        "items": json_values | st.lists(json_values | st.text(max_size=60), max_size=4),
    },
)


def _written(value: Any) -> bytes:

    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80) | envelopes.map(_written) | st.just(b""), st.sampled_from(["", "gzip"]))
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_no_body_makes_the_server_fail(server: Server, body: bytes, encoding: str) -> None:
    answer = await post(server, gzip.compress(body) if encoding else body, Content_Encoding=encoding)
    assert answer.status_code in {200, 400, 413}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=80), max_size=5))
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_every_text_is_kept_and_receipted(server: Server, items: list[str]) -> None:
    answer = await server.push(server.phones[0], *items)
    assert [one["status"] for one in answer["results"]] == ["quarantined"] * len(items)
    assert len(answer["read"]["items"]) == len(items)

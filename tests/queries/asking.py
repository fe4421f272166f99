"""The two sides of a query in tests: who asks at the desk, and a phone that hears of it and replies."""

from typing import Any

import orjson
from httpx import Response
from joserfc import jws
from joserfc.jwk import ECKey

from tests.fixtures_desk import OWN, cookie
from tests.fixtures_phone import Phone
from tests.fixtures_server import API, Server


async def write(server: Server, role: str, path: str, body: dict[str, Any] | None = None) -> Response:
    """Send a step of this role."""
    return await server.client.post(f"{API}/queries{path}", json=body or {}, headers={**cookie(server, role), **OWN})


async def wrote(server: Server, role: str, step: str = "", /, **body: Any) -> dict[str, Any]:
    """Take a step that must be taken; returns the query as it stands then."""
    answer = await write(server, role, step, body)
    assert answer.status_code == 200, answer.text
    [query] = answer.json()["queries"]
    return dict(query)


async def heard(server: Server, phone: Phone, cursor: str | None = None) -> dict[str, dict[str, Any]]:
    """What a pull tells a phone of queries, by id, the statements read."""
    page = await server.pull(phone, cursor)
    return {
        change["id"]: {**change["data"], "said": read(server, change["data"]["statement"])}
        for change in page["changes"]
        if change["kind"] == "query"
    }


def read(server: Server, statement: str) -> dict[str, Any]:
    """A statement as the mission signed it, verified with another JOSE than made it."""
    found = jws.deserialize_compact(statement, ECKey.import_key(server.seeded.receipt_jwk), algorithms=["ES256"])
    assert found.headers()["typ"] == "steppe-query+jws"
    payload: dict[str, Any] = orjson.loads(found.payload)
    return payload

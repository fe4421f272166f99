"""A seeded server in the test's own process, spoken to through its real HTTP interface."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from httpx import ASGITransport, AsyncClient, Response
from joserfc import jws
from joserfc.jwk import ECKey

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.main import create_app
from tests.fixtures_mission import Seeded, seed
from tests.fixtures_phone import Phone

API = "/api/v1"


@dataclass
class Server:
    """The application with its seeded mission."""

    client: AsyncClient
    database: Database
    settings: Settings
    seeded: Seeded

    @property
    def phones(self) -> list[Phone]:
        """The mission's phones."""
        return self.seeded.phones

    async def push(self, phone: Phone, *items: str, **told: Any) -> dict[str, Any]:
        """Push items and return the answer with its receipts verified and read.

        `told`: what the phone says of itself beside its outbox.
        """
        body = phone.push_body(*items, **told)
        response = await self.client.post(f"{API}/sync/push", json=body, headers=phone.bearer)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        answer["read"] = self.receipts(answer["receipts"])
        return answer

    def receipts(self, token: str) -> dict[str, Any]:
        """Verify a receipt by the mission's public key, with another JOSE than made it, and return its payload."""
        key = ECKey.import_key(self.seeded.receipt_jwk)
        read = jws.deserialize_compact(token, key, algorithms=["ES256"])
        assert read.headers() == {"alg": "ES256", "kid": self.seeded.receipt_jwk["kid"], "typ": "steppe-receipt+jws"}
        payload: dict[str, Any] = orjson.loads(read.payload)
        return payload

    async def as_device(
        self, phone: Phone, method: str, path: str, headers_too: dict[str, str] | None = None, **options: Any
    ) -> Response:
        """Send a request with DPoP, repeating it once with the nonce the server gives."""
        full = f"{API}{path}"
        first = await self.client.request(method, full, headers=phone.proof(method, full, ""), **options)
        assert first.status_code == 401, first.text
        headers = phone.proof(method, full, first.headers["dpop-nonce"]) | (headers_too or {})
        return await self.client.request(method, full, headers=headers, **options)

    async def pull(self, phone: Phone, cursor: str | None = None, limit: int = 200) -> dict[str, Any]:
        """Pull one page."""
        response = await self.as_device(phone, "POST", "/sync/pull", json={"cursor": cursor, "limit": limit})
        assert response.status_code == 200, response.text
        page: dict[str, Any] = response.json()
        return page


@asynccontextmanager
async def node(settings: Settings, seeded: Seeded) -> AsyncIterator[Server]:
    """Open one node of the server on a database that is seeded already."""
    app = create_app(settings)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://steppe.test") as client:
        yield Server(client, app.state.parts[Database], settings, seeded)
    await app.state.parts[Database].close()


@pytest.fixture
async def server(settings: Settings, database: Database) -> AsyncIterator[Server]:
    """A seeded server on the test's engine. A folder's conftest imports it."""
    async with node(settings, await seed(database, settings)) as opened:
        yield opened

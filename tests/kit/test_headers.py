"""Every address and file answers with the headers that keep browsers safe, whatever the answer is."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.main import create_app
from steppe.submissions.mission_cache import MissionCache
from tests.fixtures_desk import ask, cookie
from tests.fixtures_server import API, Server, node

FILES = (
    "index.html",
    "desk/index.html",
    "desk/preview.html",
    "receipt/index.html",
    "assets/worker-1.js",
    "sw.js",
    "icon.svg",
)
PARTS = ("assets/a-1.js", "assets/a-1.css")
ALWAYS = {
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
    "referrer-policy": "no-referrer",
}
NEVER_ENDS = f"{API}/live"


@pytest.fixture
async def shut(server: Server, tmp_path: Path) -> AsyncIterator[Server]:
    """A server behind https, with built apps."""
    dist = tmp_path / "dist"
    for name in (*FILES, *PARTS):
        (dist / name).parent.mkdir(parents=True, exist_ok=True)
        (dist / name).write_text("x")
    public = server.settings.model_copy(update={"public_url": "https://hq.example.org", "pwa_dist": dist})
    async with node(public, server.seeded) as opened:
        yield opened


def lacks(answer: httpx.Response) -> dict[str, Any]:
    """Return what an answer's headers lack."""
    headers = answer.headers
    found: dict[str, Any] = {name: headers.get(name) for name, value in ALWAYS.items() if headers.get(name) != value}
    policy = answer.headers.get("content-security-policy", "")
    if "default-src 'none'" not in policy and "default-src 'self'" not in policy:
        found["content-security-policy"] = policy
    if "'unsafe-inline'" in re.sub(r"^default-src 'none'; style-src 'unsafe-inline'; sandbox$", "", policy):
        found["inline"] = policy
    if answer.status_code >= 400 and answer.headers.get("cache-control") != "no-store":
        found["cache-control"] = answer.headers.get("cache-control")
    return found


async def test_every_address_and_file_carries_them(shut: Server) -> None:
    described = shut.client._transport.app.openapi()["paths"]  # type: ignore[attr-defined]  # ASGITransport keeps it
    asked = [(method.upper(), path) for path, methods in described.items() for method in methods]
    asked += [("GET", f"/{name}") for name in FILES]
    asked += [("GET", path) for path in ("/", "/desk", "/nothing", f"{API}/nothing", f"{API}/openapi.json")]
    assert len(asked) > 30
    wrong = {}
    for signed in ({}, cookie(shut, "head")):
        for method, path in asked:
            if path == NEVER_ENDS and signed:
                continue
            answer = await shut.client.request(method, re.sub(r"\{\w+\}", "x", path), headers=signed)
            if found := lacks(answer):
                wrong[f"{method} {path} {answer.status_code}"] = found
    assert wrong == {}


@pytest.mark.parametrize("name", PARTS)
async def test_what_pages_load_is_told_only_what_browsers_heed_there(shut: Server, name: str) -> None:
    answer = await shut.client.get(f"/{name}")
    # The policies of documents would be 670 bytes on each of forty files.
    assert set(lacks(answer)) == {"content-security-policy", "referrer-policy", "strict-transport-security"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "permissions-policy" not in answer.headers
    assert sum(len(key) + len(value) + 4 for key, value in answer.headers.items()) < 350


async def test_our_own_mistake_carries_them_too(shut: Server) -> None:
    app = shut.client._transport.app  # type: ignore[attr-defined]  # ASGITransport keeps it
    del app.state.parts._by_type[MissionCache]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    phone = shut.phones[0]
    async with httpx.AsyncClient(transport=transport, base_url="http://steppe.test") as client:
        answer = await client.post(f"{API}/sync/push", json=phone.push_body(), headers=phone.bearer)
    assert answer.status_code == 500
    assert lacks(answer) == {}


async def test_a_server_without_https_promises_none(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path, public_url="http://localhost:8000"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://steppe.test") as client:
        assert "strict-transport-security" not in (await client.get(f"{API}/nothing")).headers
    await app.state.parts[Database].close()


async def test_the_description_of_the_interface_is_for_those_who_run_it(shut: Server) -> None:
    statuses = [(await ask(shut, role, "/openapi.json")).status_code for role in ("admin", "head", "coordinator")]
    assert statuses == [200, 404, 404]
    assert (await shut.client.get(f"{API}/openapi.json")).status_code == 401


async def test_a_stranger_learns_no_version(shut: Server) -> None:
    health = (await shut.client.get(f"{API}/health")).text
    assert not re.search(r"\d", health)

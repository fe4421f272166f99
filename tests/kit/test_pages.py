"""What the server sends of the built apps, and with which headers."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.main import create_app


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    dist = tmp_path / "dist"
    for name, content in {
        "index.html": "field",
        "desk/index.html": "desk",
        "desk/preview.html": "phone",
        "receipt/index.html": "receipt",
        "icons/icon.svg": "<svg/>",
        "manifest.webmanifest": "{}",
        "assets/a-1.js": "plain",
        "assets/a-1.js.br": "packed",
        "sw.js": "worker",
        ".built": "notes",
        ".vite/manifest.json": "{}",
    }.items():
        (dist / name).parent.mkdir(parents=True, exist_ok=True)
        (dist / name).write_text(content)
    (tmp_path / "secret.txt").write_text("secret")
    app = create_app(Settings(data=tmp_path / "data", pwa_dist=dist))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://steppe.test") as opened:
        yield opened
    await app.state.parts[Database].close()


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/", "field"),
        ("/desk", "desk"),
        ("/desk/", "desk"),
        ("/desk/regions/x", "desk"),
        ("/receipt", "receipt"),
        ("/receipt/", "receipt"),
    ],
)
async def test_each_app_has_its_page(client: httpx.AsyncClient, path: str, page: str) -> None:
    answer = await client.get(path)
    assert answer.text == page
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert ("default-src 'none'" if page == "receipt" else "default-src 'self'") in policy
    assert "unsafe-inline" not in policy
    assert "trusted-types" in answer.headers["content-security-policy-report-only"]


@pytest.mark.parametrize(
    ("path", "framers"), [("/", "'none'"), ("/desk/", "'none'"), ("/desk/preview.html", "'self'"), ("/sw.js", "'none'")]
)
async def test_only_the_desk_frames_and_only_the_previewed_phone(
    client: httpx.AsyncClient, path: str, framers: str
) -> None:
    policy = (await client.get(path)).headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors {framers}")


@pytest.mark.parametrize("path", ["/receipt", "/receipt/", "/receipt/index.html"])
async def test_the_page_that_checks_receipts_can_send_nothing(client: httpx.AsyncClient, path: str) -> None:
    policy = (await client.get(path)).headers["content-security-policy"]
    for silenced in ("default-src 'none'", "connect-src 'none'", "form-action 'none'"):
        assert silenced in policy


async def test_hashed_files_never_expire_and_the_worker_always_does(client: httpx.AsyncClient) -> None:
    assert "immutable" in (await client.get("/assets/a-1.js")).headers["cache-control"]
    assert (await client.get("/sw.js")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/icons/icon.svg", "/manifest.webmanifest"])
async def test_what_the_home_screen_shows_is_not_asked_for_at_every_start(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).headers["cache-control"] == "public, max-age=86400"


@pytest.mark.parametrize("path", ["/", "/desk/", "/sw.js"])
async def test_what_did_not_change_is_not_sent_again(client: httpx.AsyncClient, tmp_path: Path, path: str) -> None:
    tag = (await client.get(path)).headers["etag"]
    again = await client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"
    assert "content-security-policy" in again.headers
    for name in ("index.html", "desk/index.html", "sw.js"):
        (tmp_path / "dist" / name).write_text("another build")
    assert (await client.get(path, headers={"If-None-Match": tag})).text == "another build"


async def test_a_packed_copy_goes_to_who_can_read_it(client: httpx.AsyncClient) -> None:
    packed = await client.send(
        client.build_request("GET", "/assets/a-1.js", headers={"Accept-Encoding": "br"}), stream=True
    )
    assert packed.headers["content-encoding"] == "br"
    assert b"".join([chunk async for chunk in packed.aiter_raw()]) == b"packed"
    plain = await client.get("/assets/a-1.js", headers={"Accept-Encoding": "identity"})
    assert plain.text == "plain"
    assert plain.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/api/v1/nothing",
        "/.built",
        "/.vite/manifest.json",
    ],
)
async def test_nothing_else_is_there(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"

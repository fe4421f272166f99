"""Every address of the API × every role and nobody: who gets in. A new route must be put into the table to pass."""

from typing import Any

import pytest

from steppe.people.policy import Action, Role, may
from tests.checklists.forms import markdown
from tests.fixtures_desk import cookie, keep_media, push_photo
from tests.fixtures_server import API, Server

FORM = ("a_form.md", markdown([{"type": "text", "name": "remark"}]))
ROLES: tuple[Role, ...] = ("expert", "coordinator", "head", "admin", "auditor")
# What the desk's addresses need. `{…}` is filled with something that is there.
DESK: dict[str, Action] = {
    "/regions": "read_summaries",
    "/regions/{code}/summary": "read_summaries",
    "/regions/{code}/narratives": "read_reports",
    "/submissions": "read_reports",
    "/submissions/{submission_id}": "read_reports",
    "/attachments/{sha256}/content": "read_reports",
    "/quarantine": "read_reports",
    "/teams": "read_summaries",
    "/desk/checklists": "read_summaries",
    "/desk/checklists/{version_id}/form.{format}": "read_summaries",
    "/desk/checklists/{before}/diff/{after}": "read_summaries",
    "/exports": "export",
    "/exports/submissions.xlsx": "export",
    "/exports/submissions.csv": "export",
    "/exports/openrosa.zip": "read_reports",
}
# What changes something. The bodies are of the right kind and come to nothing, so that roles are asked one by one.
WRITES: dict[str, Action] = {
    "/desk/checklists/check": "administer",
    "/desk/checklists": "administer",
    "/desk/checklists/{version_id}/status": "administer",
}
# A stream that never ends is asked for in tests/live; its action stands here so that the table is whole.
STREAMS: dict[str, Action] = {"/live": "read_summaries"}
# Everybody signed in or enrolled, whatever the role.
MEMBERS = {"/session", "/places", "/places/{version}", "/checklists/{version_id}", "/checklists/files/{sha256}"}
# For phones and for those who are not in yet; tested where they live.
OTHERS = {
    ("GET", "/health"),
    ("POST", "/session"),
    ("DELETE", "/session"),
    ("POST", "/enrolments/redeem"),
    ("POST", "/enrolments/keys"),
    ("POST", "/sync/push"),
    ("POST", "/sync/pull"),
    ("POST", "/attachments"),
    ("HEAD", "/attachments/{sha256}"),
    ("PATCH", "/attachments/{sha256}"),
}


def routes(server: Server) -> set[tuple[str, str]]:
    """Every method and path under the API."""
    app = server.client._transport.app  # type: ignore[attr-defined]  # ASGITransport keeps it
    described = app.openapi()["paths"]
    return {(method.upper(), path.removeprefix(API)) for path, methods in described.items() for method in methods}


async def test_the_table_knows_every_address(server: Server) -> None:
    known = {("GET", path) for path in {*DESK, *STREAMS, *MEMBERS}} | {("POST", path) for path in WRITES} | OTHERS
    assert routes(server) == known


@pytest.mark.parametrize("path", DESK)
async def test_an_address_opens_for_those_the_policy_names_and_for_nobody_else(server: Server, path: str) -> None:
    sha256 = await push_photo(server, server.phones[0], b"\xff\xd8 picture")
    [line] = (await server.client.get(f"{API}/submissions", headers=cookie(server, "head"))).json()["submissions"]
    version = server.seeded.checklist_version_id
    named = {"code": "KZ-AST", "submission_id": line["id"], "sha256": sha256, "before": version, "after": version}
    filled = API + path.format(version_id=version, format="xlsx", **named)
    params = {"form": "visit"} if path.endswith(".csv") else {}
    for role in ROLES:
        response = await server.client.get(filled, params=params, headers=cookie(server, role))
        assert response.status_code == (200 if may(role, DESK[path]) else 404), role
    assert (await server.client.get(filled, params=params)).status_code == 401
    # A phone's token opens nothing at the desk.
    assert (await server.client.get(filled, params=params, headers=server.phones[0].bearer)).status_code == 401


@pytest.mark.parametrize("path", WRITES)
async def test_only_those_the_policy_names_may_write_and_never_from_another_site(server: Server, path: str) -> None:
    filled = API + path.format(version_id=server.seeded.checklist_version_id)
    body: dict[str, Any] = {"json": {"status": "open"}} if path.endswith("status") else {"files": {"files": FORM}}
    for role in ROLES:
        headers = {**cookie(server, role), "X-Steppe": "1"}
        response = await server.client.post(filled, headers=headers, **body)
        assert response.status_code == (200 if may(role, WRITES[path]) else 404), role
    assert (await server.client.post(filled, headers=cookie(server, "admin"), **body)).status_code == 401
    assert (await server.client.post(filled, headers={"X-Steppe": "1"}, **body)).status_code == 401
    phone = {**server.phones[0].bearer, "X-Steppe": "1"}
    assert (await server.client.post(filled, headers=phone, **body)).status_code == 401


@pytest.mark.parametrize("path", sorted(MEMBERS))
async def test_an_address_for_members_is_closed_to_strangers(server: Server, path: str) -> None:
    sha256 = await keep_media(server, b"a picture")
    version = server.seeded.checklist_version_id
    filled = API + path.format(version="0011223344556677", version_id=version, sha256=sha256)
    for role in ROLES:
        assert (await server.client.get(filled, headers=cookie(server, role))).status_code == 200, role
    assert (await server.client.get(filled)).status_code == 401

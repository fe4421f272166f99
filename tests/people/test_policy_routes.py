"""Every address of the API × every role and nobody: who gets in. A new route must be put into the table to pass."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import delete, select
from sqlmodel import col

from steppe.kit.clock import now
from steppe.kit.ids import uuid7
from steppe.people import access
from steppe.people.models import Person, PersonGrant
from steppe.people.policy import Action, Role, may
from tests.checklists.forms import markdown
from tests.fixtures_desk import cookie, keep_media, push_photo, push_reports
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
    "/submissions/{submission_id}/review": "read_reports",
    "/attachments/{sha256}/content": "read_reports",
    "/quarantine": "read_reports",
    "/quarantine/{seq}": "read_reports",
    "/queries": "read_reports",
    "/queries/from-teams": "read_reports",
    "/restores": "see_restores",
    "/teams": "read_summaries",
    "/desk/checklists": "read_summaries",
    "/desk/checklists/{version_id}/form.{format}": "read_summaries",
    "/desk/checklists/{before}/diff/{after}": "read_summaries",
    "/exports": "export",
    "/exports/submissions.xlsx": "export",
    "/exports/submissions.csv": "export",
    "/exports/submissions.csv.zip": "export",
    "/exports/openrosa.zip": "read_reports",
}
# What changes something. The bodies are of the right kind and come to nothing, so that roles are asked one by one.
WRITES: dict[str, Action] = {
    "/desk/checklists/check": "administer",
    "/desk/checklists": "administer",
    "/desk/checklists/{version_id}/status": "administer",
    "/sync/parcels": "deliver",
    "/teams/{code}/phones/{letter}/revoke": "revoke",
    "/restores/read": "see_restores",
    "/submissions/{submission_id}/decisions": "decide",
    "/submissions/{submission_id}/notes": "comment",
    "/submissions/{submission_id}/read": "read_reports",
    "/submissions/accept": "decide",
    "/quarantine/{seq}/decisions": "decide",
}
# Steps of a query, each with its body: who may take them at all. Whose query it has to be, tests/queries says.
ASKS: dict[str, tuple[Action, dict[str, Any]]] = {
    "/queries": ("ask", {"text": "?"}),
    "/queries/{query_id}/rounds": ("ask", {"text": "?"}),
    "/queries/{query_id}/end": ("ask", {"state": "resolved"}),
    "/queries/{query_id}/release": ("release_queries", {}),
}
# A stream that never ends is asked for in tests/live; its action stands here so that the table is whole.
STREAMS: dict[str, Action] = {"/live": "read_summaries"}
# Everybody signed in or enrolled, whatever the role.
MEMBERS = {
    "/session",
    "/places",
    "/places/{version}",
    "/checklists?format=2&versions={version_id}",
    "/checklists/{version_id}",
    "/checklists/files/{sha256}",
}
# For phones and for those who are not in yet; tested where they live.
OTHERS = {
    ("GET", "/health"),
    ("POST", "/session"),
    ("DELETE", "/session"),
    ("POST", "/enrolments/redeem"),
    ("POST", "/enrolments/keys"),
    ("POST", "/sync/push"),
    ("POST", "/sync/pull"),
    ("POST", "/sync/team-reports"),
    ("POST", "/enrolments/content-key"),
    ("POST", "/attachments"),
    ("HEAD", "/attachments/{sha256}"),
    ("PATCH", "/attachments/{sha256}"),
}

KEPT_APART = "0190aaaa-0000-7000-8000-00000000000a"
"""One decision, however often and by whomever it is sent."""


def body_for(path: str) -> dict[str, Any]:
    """A body of the right kind that changes nothing."""
    if path.endswith("parcels"):
        return {"json": {"items": []}}
    if path.endswith("restores/read"):
        return {"json": {"restores": []}}
    if path.endswith("revoke"):
        return {"json": {"reason": "lost"}}
    if path.startswith("/quarantine"):
        return {"json": {"id": KEPT_APART, "kind": "kept_apart", "text": "noise"}}
    if path.endswith("decisions"):
        return {"json": {"id": str(uuid7()), "kind": "assigned", "seen": 0}}
    if path.endswith("notes"):
        return {"json": {"id": str(uuid7()), "kind": "commented", "text": "seen"}}
    if path.endswith("read"):
        return {"json": {"n": 0}}
    if path.endswith("accept"):
        return {"json": {"reports": []}}
    return {"json": {"status": "open"}} if path.endswith("status") else {"files": {"files": FORM}}


# When a grant does not hold: before its first moment, from its last on, and both.
SHUT: Final[dict[str, dict[str, timedelta]]] = {
    "future": {"since": timedelta(minutes=1)},
    "ended": {"until": timedelta(minutes=-1)},
    "future and bounded": {"since": timedelta(days=1), "until": timedelta(days=2)},
    "ended long ago": {"since": timedelta(days=-9), "until": timedelta(days=-8)},
}
OPEN: Final = {"since": timedelta(minutes=-1), "until": timedelta(hours=1)}


async def hold(server: Server, username: str, *grants: dict[str, Any]) -> None:
    """Let somebody at the desk hold exactly these grants; moments are given from now."""
    async with server.database.write() as session:
        named = select(Person).where(
            col(Person.username) == username, col(Person.mission_id) == server.seeded.mission.id
        )
        person = (await session.execute(named)).scalar_one()
        owned = col(PersonGrant.mission_id) == person.mission_id, col(PersonGrant.person_id) == person.id
        await session.execute(delete(PersonGrant).where(*owned))
        for facts in grants:
            moments = {key: now() + value for key, value in facts.items() if isinstance(value, timedelta)}
            session.add(PersonGrant(mission_id=person.mission_id, person_id=person.id, **{**facts, **moments}))


async def kept_aside(server: Server) -> int:
    """Push an item of a team of KZ-AST and KZ-AKM that nobody can open; returns its number."""
    answer = await server.push(server.phones[0], "an item that cannot be opened")
    return int(answer["read"]["items"][0]["seq"])


async def address(server: Server, path: str) -> tuple[str, dict[str, str]]:
    """Fill a desk address with what is there, all of it in KZ-AST; returns it with its parameters."""
    sha256 = await push_photo(server, server.phones[0], b"\xff\xd8 picture")
    [line] = (await server.client.get(f"{API}/submissions", headers=cookie(server, "head"))).json()["submissions"]
    version = server.seeded.checklist_version_id
    named = {
        "seq": await kept_aside(server),
        "code": "KZ-AST",
        "submission_id": line["id"],
        "sha256": sha256,
        "before": version,
        "after": version,
    }
    filled = API + path.format(version_id=version, format="xlsx", **named)
    return filled, {"form": "visit"} if path.endswith(".csv") else {}


async def written(server: Server, path: str) -> str:
    """Fill an address that changes something with what is there, a report of KZ-AST among it."""
    named: dict[str, Any] = {"version_id": server.seeded.checklist_version_id, "code": "LTO01", "letter": "A"}
    if "{seq}" in path:
        named["seq"] = await kept_aside(server)
    if "{submission_id}" in path:
        [named["submission_id"]] = await push_reports(server, server.phones[0], {})
    return API + path.format(**named)


@pytest.mark.parametrize("path", [path for path in WRITES if "{submission_id}" in path])
async def test_nothing_is_written_about_a_report_of_a_region_or_level_that_is_not_read(
    server: Server, path: str
) -> None:
    for region, role in (("KZ-SEV", "head"), ("KZ-AST", "coordinator")):
        await hold(server, "head", {"role": role, "regions": [region], **OPEN})
        [report] = await push_reports(server, server.phones[0], {"conf_level": "sealed"})
        headers = {**cookie(server, "head"), "X-Steppe": "1"}
        response = await server.client.post(API + path.format(submission_id=report), headers=headers, **body_for(path))
        assert response.status_code == 404, region


def routes(server: Server) -> set[tuple[str, str]]:
    """Every method and path under the API."""
    app = server.client._transport.app  # type: ignore[attr-defined]  # ASGITransport keeps it
    described = app.openapi()["paths"]
    return {(method.upper(), path.removeprefix(API)) for path, methods in described.items() for method in methods}


async def test_the_table_knows_every_address(server: Server) -> None:
    known = (
        {("GET", path.partition("?")[0]) for path in {*DESK, *STREAMS, *MEMBERS}}
        | {("POST", path) for path in {*WRITES, *ASKS}}
        | OTHERS
    )
    assert routes(server) == known


@pytest.mark.parametrize("path", DESK)
async def test_an_address_opens_for_those_the_policy_names_and_for_nobody_else(server: Server, path: str) -> None:
    filled, params = await address(server, path)
    for role in ROLES:
        response = await server.client.get(filled, params=params, headers=cookie(server, role))
        assert response.status_code == (200 if may(role, DESK[path]) else 404), role
    assert (await server.client.get(filled, params=params)).status_code == 401
    # A phone's token opens nothing at the desk.
    assert (await server.client.get(filled, params=params, headers=server.phones[0].bearer)).status_code == 401


@pytest.mark.parametrize("path", DESK)
async def test_a_grant_opens_what_its_own_role_may_and_only_while_it_is_in_force(server: Server, path: str) -> None:
    filled, params = await address(server, path)
    for role in ROLES:
        for moments in SHUT.values():
            await hold(server, role, *({"role": granted, **moments} for granted in ROLES))
            response = await server.client.get(filled, params=params, headers=cookie(server, role))
            assert response.status_code == 404, (role, moments)
    for granted in ROLES:
        # Whatever the holder's own role, and whatever was given for other times.
        await hold(server, "auditor", {"role": granted, **OPEN}, {"role": "head", **SHUT["ended"]})
        response = await server.client.get(filled, params=params, headers=cookie(server, "auditor"))
        assert response.status_code == (200 if may(granted, DESK[path]) else 404), granted


@pytest.mark.parametrize("path", DESK)
async def test_a_grant_for_another_region_tells_nothing_of_this_one(server: Server, path: str) -> None:
    filled, params = await address(server, path)
    await hold(server, "head", {"role": "head", "regions": ["KZ-SEV"], **OPEN}, {"role": "head", **SHUT["ended"]})
    response = await server.client.get(filled, params=params, headers=cookie(server, "head"))
    if any(part in path for part in ("{code}", "{submission_id}", "{sha256}", "{seq}")):
        assert response.status_code == 404
        return
    assert response.status_code == 200
    if path.endswith((".xlsx", ".zip")):
        # Compressed: tests/exports looks inside.
        return
    assert "LTO01-A001" not in response.text
    assert "KZ-AST" not in response.text


async def test_a_grant_begins_and_ends_by_itself_between_two_requests(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled, _ = await address(server, "/submissions/{submission_id}")
    since, until = now() + timedelta(minutes=10), now() + timedelta(minutes=20)
    await hold(server, "expert", {"role": "expert", "since": since, "until": until})

    async def status_at(moment: datetime) -> int:
        monkeypatch.setattr(access, "now", lambda: moment)
        return (await server.client.get(filled, headers=cookie(server, "expert"))).status_code

    instant = timedelta(microseconds=1)
    assert [await status_at(at) for at in (since - instant, since, until - instant, until)] == [404, 200, 200, 404]


@pytest.mark.parametrize("path", WRITES)
async def test_a_grant_not_in_force_changes_nothing(server: Server, path: str) -> None:
    filled = await written(server, path)
    granted = "admin" if may("admin", WRITES[path]) else "head"
    for role in ("admin", "head"):
        headers = {**cookie(server, role), "X-Steppe": "1"}
        body = body_for(path)
        for moments in SHUT.values():
            await hold(server, role, {"role": granted, **moments})
            assert (await server.client.post(filled, headers=headers, **body)).status_code == 404, moments
        await hold(server, role, {"role": granted, **OPEN})
        assert (await server.client.post(filled, headers=headers, **body)).status_code == 200, role


@pytest.mark.parametrize("path", WRITES)
async def test_only_those_the_policy_names_may_write_and_never_from_another_site(server: Server, path: str) -> None:
    filled = await written(server, path)
    for role in ROLES:
        headers = {**cookie(server, role), "X-Steppe": "1"}
        response = await server.client.post(filled, headers=headers, **body_for(path))
        assert response.status_code == (200 if may(role, WRITES[path]) else 404), role
    body = body_for(path)
    assert (await server.client.post(filled, headers=cookie(server, "admin"), **body)).status_code == 401
    assert (await server.client.post(filled, headers={"X-Steppe": "1"}, **body)).status_code == 401
    phone = {**server.phones[0].bearer, "X-Steppe": "1"}
    assert (await server.client.post(filled, headers=phone, **body)).status_code == 401


@pytest.mark.parametrize("path", ASKS)
async def test_a_step_of_a_query_is_for_those_the_policy_names_and_their_grants_in_force(
    server: Server, path: str
) -> None:
    action, body = ASKS[path]
    own = {"X-Steppe": "1"}
    asked = {"text": "?", "to": ["LTO01"]}

    async def filled(asker: str) -> str:
        answer = await server.client.post(f"{API}/queries", headers={**cookie(server, asker), **own}, json=asked)
        # What an expert asks waits to be released.
        return API + path.format(query_id=answer.json()["queries"][0]["id"])

    for role in ROLES:
        address = await filled("expert" if path.endswith("release") or not may(role, "ask") else role)
        response = await server.client.post(address, headers={**cookie(server, role), **own}, json=body)
        assert response.status_code == (200 if may(role, action) else 404), role
    address = await filled("expert")
    assert (await server.client.post(address, headers=cookie(server, "head"), json=body)).status_code == 401
    assert (await server.client.post(address, headers={**server.phones[0].bearer, **own}, json=body)).status_code == 401
    for moments in SHUT.values():
        await hold(server, "head", {"role": "head", **moments})
        response = await server.client.post(address, headers={**cookie(server, "head"), **own}, json=body)
        assert response.status_code == 404, moments


@pytest.mark.parametrize("path", sorted(MEMBERS))
async def test_an_address_for_members_is_closed_to_strangers(server: Server, path: str) -> None:
    sha256 = await keep_media(server, b"a picture")
    version = server.seeded.checklist_version_id
    filled = API + path.format(version="0011223344556677", version_id=version, sha256=sha256)
    for role in ROLES:
        assert (await server.client.get(filled, headers=cookie(server, role))).status_code == 200, role
    assert (await server.client.get(filled)).status_code == 401


@pytest.mark.parametrize("path", sorted(MEMBERS))
async def test_who_has_no_grant_in_force_is_no_member(server: Server, path: str) -> None:
    sha256 = await keep_media(server, b"a picture")
    version = server.seeded.checklist_version_id
    filled = API + path.format(version="0011223344556677", version_id=version, sha256=sha256)
    # Who is signed in is told so, whatever there is to do for them.
    shut = 200 if path == "/session" else 404
    for moments in SHUT.values():
        await hold(server, "head", {"role": "head", **moments})
        assert (await server.client.get(filled, headers=cookie(server, "head"))).status_code == shut, moments
    await hold(server, "head", {"role": "auditor", **OPEN})
    assert (await server.client.get(filled, headers=cookie(server, "head"))).status_code == 200

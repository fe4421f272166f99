"""A query about a report and the report's review: what leaves returns it, what is open is warned of (protocol §12)."""

from typing import Any

from steppe.kit.ids import uuid7
from steppe.summaries.rebuild import rebuild
from tests.fixtures_desk import OWN, asked, cookie, push_reports
from tests.fixtures_server import API, Server
from tests.queries.asking import heard, wrote


async def review(server: Server, report: str) -> dict[str, Any]:
    found: dict[str, Any] = await asked(server, "coordinator", f"/submissions/{report}/review")
    return found


async def test_a_query_returns_its_report_when_it_leaves_and_warns_until_it_is_answered(server: Server) -> None:
    phone = server.phones[0]
    report, other = await push_reports(server, phone, {}, {})
    query = await wrote(server, "expert", submission=report, path="box_sealed", text="How often?")
    now = await review(server, report)
    # It waits for the co-ordinator: nothing went to the team.
    assert (now["state"], now["warnings"]) == ("received", [])
    await wrote(server, "coordinator", f"/{query['id']}/release")
    now = await review(server, report)
    assert (now["state"], [(one["kind"], one["path"]) for one in now["warnings"]]) == (
        "returned",
        [("open_query", "box_sealed")],
    )
    assert (await review(server, other))["state"] == "received"
    body = {"id": str(uuid7()), "kind": "accepted", "seen": now["n"]}
    headers = {**cookie(server, "coordinator"), **OWN}
    answer = await server.client.post(f"{API}/submissions/{report}/decisions", json=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:steppe:problem:unconfirmed-warnings")
    old = now["warnings"][0]["id"]
    await wrote(server, "coordinator", f"/{query['id']}/rounds", text="And by whom?")
    # One confirmed before says nothing of what was asked since.
    assert [one["id"] for one in (await review(server, report))["warnings"]] != [old]
    told = (await heard(server, phone))[query["id"]]
    await server.push(phone, phone.fact("reply", query=told["statement"], text="Twice"))
    assert (await review(server, report))["warnings"] == []
    assert [one.differences for one in await rebuild(server.database, is_check=True)] == [[], []]

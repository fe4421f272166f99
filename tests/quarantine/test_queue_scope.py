"""Who is told of an item that was kept aside, who reads what it says, and who decides of it."""

import json
from typing import Any

from tests.fixtures_checklist import answers
from tests.fixtures_desk import OWN, ask, asked, cookie, give
from tests.fixtures_server import API, Server
from tests.quarantine.test_taking import decide, keep, told_of
from tests.sync.test_parcels import take


async def seen(server: Server, role: str, seq: int) -> tuple[int, Any, str, bool]:
    """Status, level as far as it is told, what of its text is there, and whether the role may decide."""
    answer = await ask(server, role, f"/quarantine/{seq}")
    if answer.status_code != 200:
        return answer.status_code, None, "", False
    body = answer.json()
    text = "source" if "Aigerim" in answer.text else "remark" if "crowded" in answer.text else ""
    return 200, body["level"], text, body["may_decide"]


async def kept(server: Server, **changed: Any) -> int:
    phone = server.phones[0]
    given = answers(source_name="Aigerim", remarks="crowded", **changed)
    return await keep(server, phone, phone.report(given, team="LTO02"), "wrong_team")


async def test_levels_and_sealed_answers_hold_for_what_nobody_took_yet(server: Server) -> None:
    internal, confidential, sealed, odd = [
        await kept(server, conf_level=level) for level in ("internal", "confidential", "sealed", "who knows")
    ]
    rows: dict[int, dict[str, tuple[int, Any, str, bool]]] = {
        internal: {
            "expert": (200, "internal", "remark", False),
            "coordinator": (200, "internal", "remark", True),
            "head": (200, "internal", "source", True),
        },
        confidential: {
            "expert": (200, None, "", False),
            "coordinator": (200, "confidential", "remark", True),
            "head": (200, "confidential", "source", True),
        },
        sealed: {
            "expert": (200, None, "", False),
            "coordinator": (200, None, "", False),
            "head": (200, "sealed", "source", True),
        },
        # Not one of the four: it meant some protection, and nobody can say which.
        odd: {"coordinator": (200, None, "", False), "head": (200, "sealed", "source", True)},
    }
    for seq, expected in rows.items():
        for role in ("admin", "auditor"):
            assert await seen(server, role, seq) == (404, None, "", False)
        for role, told in expected.items():
            assert await seen(server, role, seq) == told, (seq, role)
            if not told[3]:
                assert (await decide(server, seq, role)).status_code == 404
                apart = await decide(server, seq, role, kind="kept_apart", text="x")
                assert apart.status_code == 404
    assert (await decide(server, sealed, "head", kind="kept_apart", text="Aigerim's")).status_code == 200
    for role, text in (("expert", ""), ("coordinator", ""), ("head", "Aigerim's")):
        [line] = (await asked(server, role, "/quarantine", apart=True))["items"]
        assert line["apart"]["text"] == text, role


async def test_who_works_in_a_region_decides_of_its_teams_items_and_into_it_alone(server: Server) -> None:
    here = await kept(server, station="101")
    elsewhere = await kept(server, station="201")
    await give(server, "auditor", role="coordinator", regions=["KZ-AST"])
    assert await seen(server, "auditor", here) == (200, "internal", "remark", True)
    # Of a team that works here too, and placed in another region.
    assert await seen(server, "auditor", elsewhere) == (200, None, "", False)
    shown = await asked(server, "auditor", f"/quarantine/{here}")
    assert [one["code"] for one in shown["regions"]] == ["KZ-AST"]
    assert (await decide(server, here, "auditor", region="KZ-SEV")).status_code == 404
    assert (await decide(server, elsewhere, "auditor")).status_code == 404
    # Nor into their region by their own word: neither what is new, nor an edit of a report that stands elsewhere.
    assert (await decide(server, elsewhere, "auditor", region="KZ-AST")).status_code == 404
    phone = server.phones[0]
    await server.push(phone, phone.report(answers(station="201")))
    there = json.loads(phone.made[-1])
    edit = phone.report({"remarks": "crowded"}, submission=there["submission"], base=[there["id"]], team="LTO02")
    moved = await keep(server, phone, edit, "wrong_team")
    assert (await decide(server, moved, "auditor", region="KZ-AST")).status_code == 404
    other = server.phones[2]
    far = await keep(server, other, other.report(answers(station="101"), team="LTO01"), "wrong_team")
    # Of no team of this region: it is not told of at all.
    assert await seen(server, "auditor", far) == (404, None, "", False)
    assert (await decide(server, far, "auditor")).status_code == 404
    assert (await decide(server, here, "auditor")).status_code == 200
    # Who is co-ordinator there and expert everywhere reads more than they decide of.
    await give(server, "auditor", role="expert")
    assert await seen(server, "auditor", elsewhere) == (200, "internal", "remark", False)
    assert (await decide(server, elsewhere, "auditor")).status_code == 404


async def test_another_mission_s_item_is_nothing(server: Server) -> None:
    neighbours = [seq for seq in range(1, 12) if (await ask(server, "head", f"/quarantine/{seq}")).status_code != 404]
    assert neighbours == []
    assert (await decide(server, 5, "head")).status_code == 404
    seq = await kept(server)
    headers = {"Cookie": cookie(server, "head")["Cookie"].replace("=", "=neighbour-"), **OWN}
    # The neighbour may have one under the same number, which nobody can read.
    theirs = await server.client.get(f"{API}/quarantine/{seq}", headers=headers)
    assert theirs.status_code == 404 or theirs.json()["reason"] == "unreadable"
    mine = await asked(server, "head", "/quarantine")
    assert (mine["count"], [one["seq"] for one in mine["items"]]) == (1, [seq])
    assert (await decide(server, seq, "head")).status_code == 200


async def test_what_nobody_can_read_is_kept_apart_by_who_decides(server: Server) -> None:
    answer = await server.push(server.phones[0], "an item that cannot be opened")
    seq = answer["read"]["items"][0]["seq"]
    assert await seen(server, "coordinator", seq) == (200, None, "", True)
    assert not (await asked(server, "coordinator", f"/quarantine/{seq}"))["may_take"]
    assert (await decide(server, seq, "coordinator")).json()["reason"] == "unreadable"
    assert (await decide(server, seq, "expert", kind="kept_apart", text="noise")).status_code == 404
    assert (await decide(server, seq, "coordinator", kind="kept_apart", text="noise")).status_code == 200
    listed = await asked(server, "expert", "/quarantine")
    assert (listed["count"], listed["apart"]) == (0, 1)
    # The phone that brought it hears; of what the desk took in, which is of no team, no phone does.
    assert [one["state"] for one in await told_of(server, server.phones[0])] == ["kept_apart"]
    answer = await take(server, "another that cannot be opened")
    assert answer["results"][0]["status"] == "quarantined"
    [line] = (await asked(server, "head", "/quarantine"))["items"]
    assert (await decide(server, line["seq"], "head", kind="kept_apart", text="noise")).status_code == 200
    assert await told_of(server, server.phones[2]) == []

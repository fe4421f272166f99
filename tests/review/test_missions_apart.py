"""A desk page of one mission shows nothing of another with the same names, regions, teams and forms."""

import pytest

from tests.fixtures_desk import asked, push_reports
from tests.fixtures_server import Server

ROLES = ("expert", "coordinator", "head")


@pytest.mark.parametrize("role", ROLES)
async def test_the_list_of_reports_holds_no_other_mission_s(server: Server, role: str) -> None:
    assert (await asked(server, role, "/submissions"))["submissions"] == []
    [own] = await push_reports(server, server.phones[0], {"box_sealed": "no"})
    for filters in (
        {},
        {"region": "KZ-AST"},
        {"team": "LTO01"},
        {"checklist": "visit"},
        {"severity": 3},
        {"q": "A001"},
    ):
        lines = (await asked(server, role, "/submissions", **filters))["submissions"]
        assert [line["id"] for line in lines] == [own], filters


async def test_region_pages_count_no_other_mission_s_reports(server: Server) -> None:
    at_a_glance = await asked(server, "expert", "/regions")
    assert (at_a_glance["reports"], at_a_glance["critical"], at_a_glance["days"]) == (0, 0, [])
    assert [region["code"] for region in at_a_glance["regions"]] == ["KZ-AST", "KZ-AKM", "KZ-SEV"]
    for code in ("KZ-AST", "KZ-SEV", "all", "none"):
        page = await asked(server, "expert", f"/regions/{code}/summary")
        assert (page["reports"], page["forms"]) == (0, [])
    await push_reports(server, server.phones[0], {"box_sealed": "no"})
    assert (await asked(server, "expert", "/regions"))["critical"] == 1
    assert (await asked(server, "expert", "/regions/all/summary"))["reports"] == 1


async def test_the_page_of_teams_counts_no_other_mission_s_phones(server: Server) -> None:
    teams = (await asked(server, "expert", "/teams"))["teams"]
    assert [(team["code"], team["devices"]) for team in teams] == [("LTO01", 2), ("LTO02", 1)]
    assert [team["regions"] for team in teams] == [["KZ-AKM", "KZ-AST"], ["KZ-SEV"]]
    assert {team["last_contact_at"] for team in teams} == {None}


async def test_quarantine_holds_no_other_mission_s_items(server: Server) -> None:
    assert await asked(server, "coordinator", "/quarantine") == {"count": 0, "reasons": {}, "items": [], "apart": 0}
    await server.push(server.phones[0], "an item that cannot be opened")
    page = await asked(server, "coordinator", "/quarantine")
    assert (page["count"], len(page["items"])) == (1, 1)


async def test_the_history_of_exports_holds_no_other_mission_s(server: Server) -> None:
    assert await asked(server, "coordinator", "/exports") == {"exports": []}

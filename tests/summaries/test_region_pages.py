"""The map and the region pages, over the real interface, on both engines."""

import json

from tests.fixtures_desk import ask, asked, push_reports
from tests.fixtures_server import Server


async def test_a_report_counts_in_its_region_and_nowhere_else(server: Server) -> None:
    await push_reports(server, server.phones[0], {"station": "101", "box_sealed": "no"}, {"station": "201"})
    page = await asked(server, "expert", "/regions/KZ-AST/summary")
    [form] = page["forms"]
    questions = {question["id"]: question for question in form["questions"]}
    assert page["reports"] == form["reports"] == 1
    assert {choice["name"]: choice["n"] for choice in questions["box_sealed"]["choices"]} == {"yes": 0, "no": 1}
    assert questions["voters"]["n"] == 1
    assert questions["voters"]["total"] is None
    assert page["flags"]["3"] == 1
    assert (await asked(server, "expert", "/regions/KZ-AKM/summary"))["reports"] == 1
    assert (await asked(server, "expert", "/regions/KZ-SEV/summary"))["reports"] == 0


async def test_the_map_and_the_page_of_all_regions_tell_the_same_numbers(server: Server) -> None:
    await push_reports(server, server.phones[0], {"station": "101"}, {"station": "102"}, {"station": "201"})
    await push_reports(server, server.phones[2], {"station": "301", "box_sealed": "no"}, {"station": None})
    at_a_glance = await asked(server, "expert", "/regions")
    whole = await asked(server, "expert", "/regions/all/summary")
    assert at_a_glance["reports"] == whole["reports"] == 5
    assert at_a_glance["critical"] == whole["flags"]["3"] == 1
    by_code = {region["code"]: region for region in at_a_glance["regions"]}
    assert by_code["KZ-AST"]["reports"] == 2
    assert by_code["KZ-AST"]["kinds"] == {"polling_station": 2}
    assert by_code["KZ-AST"]["last_received_at"] is not None
    apart = sum([(await asked(server, "expert", f"/regions/{code}/summary"))["reports"] for code in [*by_code, "none"]])
    assert apart == 5
    assert sum(day["reports"] for day in at_a_glance["days"]) == 5


async def test_an_edit_moves_a_report_and_does_not_count_it_twice(server: Server) -> None:
    phone = server.phones[0]
    [submission] = await push_reports(server, phone, {"station": "101", "box_sealed": "yes"})
    head = json.loads(phone.made[-1])["id"]
    await server.push(phone, phone.report({"station": "201"}, submission=submission, base=[head]))
    assert (await asked(server, "expert", "/regions/KZ-AST/summary"))["reports"] == 0
    assert (await asked(server, "expert", "/regions/KZ-AKM/summary"))["reports"] == 1


async def test_the_number_of_a_page_grows_with_every_change(server: Server) -> None:
    before = (await asked(server, "expert", "/regions"))["n"]
    await push_reports(server, server.phones[0], {})
    assert (await asked(server, "expert", "/regions"))["n"] > before


async def test_a_limited_mission_gives_its_frame_with_every_summary_of_visits(server: Server) -> None:
    await push_reports(server, server.phones[0], {})
    for code in ("all", "KZ-AST"):
        [form] = (await asked(server, "expert", f"/regions/{code}/summary"))["forms"]
        assert form["frame"]["en"] == "In the limited number of polling stations visited by ODIHR LEOM observers, …"


async def test_no_sealed_answer_is_in_a_summary(server: Server) -> None:
    await push_reports(server, server.phones[0], {"source_kind": "yes", "source_name": "Somebody Real"})
    for code in ("all", "KZ-AST"):
        page = await ask(server, "head", f"/regions/{code}/summary")
        assert "source_kind" not in page.text
        assert "Somebody Real" not in page.text


async def test_an_unknown_region_is_not_found(server: Server) -> None:
    assert (await ask(server, "expert", "/regions/KZ-XXX/summary")).status_code == 404
    assert (await ask(server, "expert", "/regions/KZ-XXX/narratives")).status_code == 404


async def test_who_reads_no_reports_gets_counts_but_no_narratives(server: Server) -> None:
    for role in ("admin", "auditor"):
        assert (await ask(server, role, "/regions/all/summary")).status_code == 200
        assert (await ask(server, role, "/regions/all/narratives")).status_code == 404

"""Guests' visits (OSCE PA) are never pooled silently, and the sentence frame says whose visits a page is of."""

import io
import json
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from sqlalchemy import update
from sqlmodel import col, select

from steppe.checklists.models import ChecklistVersion
from steppe.checklists.question_reading import QuestionReading
from steppe.kit.clock import now
from steppe.live.queries import news
from steppe.people.models import Person, Team
from steppe.people.policy import Scope, scope_of
from steppe.submissions.models import Submission
from steppe.summaries.claims import ViewFrame
from steppe.summaries.rebuild import rebuild
from tests.fixtures_desk import ask, asked, push_reports, read_as
from tests.fixtures_server import Server

ODIHR_FRAME = "In the limited number of polling stations visited by ODIHR LEOM observers, …"
IEOM_FRAME = "In the limited number of polling stations visited by IEOM observers, …"


async def make_guests(server: Server, origin: str = "oscepa") -> None:
    """Let team LTO02 be one of guests, as loading a pack would."""
    own = (col(Team.mission_id) == server.seeded.mission.id, col(Team.code) == "LTO02")
    async with server.database.write() as session:
        await session.execute(update(Team).where(*own).values(origin=origin))


async def make_guest(server: Server, role: str) -> None:
    """Let the person of this role be a guest's, at the desk."""
    own = (col(Person.mission_id) == server.seeded.mission.id, col(Person.username) == role)
    async with server.database.write() as session:
        await session.execute(update(Person).where(*own).values(origin="oscepa"))


async def page(server: Server, role: str = "expert", **params: str) -> Any:
    """The page of all regions; its one form under `form`."""
    shown = await asked(server, role, "/regions/all/summary", **params)
    return {**shown, "form": next(iter(shown["forms"]), None)}


async def test_a_page_says_how_many_of_its_reports_are_guests(server: Server) -> None:
    await make_guests(server)
    await push_reports(server, server.phones[0], {}, {})
    await push_reports(server, server.phones[2], {"station": "301"})
    shown = await page(server)
    assert (shown["reports"], shown["guests"], shown["form"]["guests"]) == (3, {"oscepa": 1}, {"oscepa": 1})
    assert (await asked(server, "expert", "/regions"))["guests"] == {"oscepa": 1}
    assert (await asked(server, "expert", "/regions/KZ-AST/summary"))["guests"] == {}


async def test_the_frame_speaks_of_the_ieom_only_where_guests_visits_are_counted(server: Server) -> None:
    await make_guests(server)
    await push_reports(server, server.phones[0], {})
    assert (await page(server))["form"]["frame"]["en"] == ODIHR_FRAME
    await push_reports(server, server.phones[2], {"station": "301"})
    assert (await page(server))["form"]["frame"]["en"] == IEOM_FRAME
    assert (await page(server, origin="odihr"))["form"]["frame"]["en"] == ODIHR_FRAME
    assert (await page(server, origin="oscepa"))["form"]["frame"]["en"] == IEOM_FRAME


async def test_no_other_kind_of_page_has_a_frame(server: Server) -> None:
    own = col(ChecklistVersion.mission_id) == server.seeded.mission.id
    await push_reports(server, server.phones[0], {})
    for kind in ("meeting", "complaint", "weekly", "flash", "commission"):
        async with server.database.write() as session:
            await session.execute(update(ChecklistVersion).where(own).values(kind=kind))
        assert (await page(server))["form"]["frame"] is None
        assert "In the limited number" not in (await ask(server, "expert", "/regions/all/summary")).text
        book = load_workbook(io.BytesIO((await ask(server, "expert", "/exports/submissions.xlsx")).content))
        cells = [str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row]
        assert not any("In the limited number" in cell for cell in cells)


def test_a_mission_that_is_not_limited_has_no_frame() -> None:
    for mission_type, expected in (("LEOM", True), ("EOM", False), ("EAM", True)):
        frame = ViewFrame(mission_type, {})
        frame.note("polling_station", {"odihr": 1})
        assert (frame.sentence() is not None) == expected


def test_a_file_with_one_visit_among_other_reports_has_the_frame() -> None:
    frame = ViewFrame("LEOM", {})
    frame.note("meeting", {"oscepa": 4})
    assert frame.sentence() is None
    frame.note("polling_station", {"odihr": 1, "oscepa": 0})
    assert (frame.sentence() or {})["en"] == ODIHR_FRAME


async def test_the_counts_of_one_origin_hold_its_reports_alone(server: Server) -> None:
    await make_guests(server)
    await push_reports(server, server.phones[0], {"box_sealed": "yes"}, {"box_sealed": "yes"})
    await push_reports(server, server.phones[2], {"station": "301", "box_sealed": "no"})
    for origin, yes, no in (("", 2, 1), ("odihr", 2, 0), ("oscepa", 0, 1)):
        form = (await page(server, origin=origin))["form"]
        [box] = [question for question in form["questions"] if question["id"] == "box_sealed"]
        assert [choice["n"] for choice in box["choices"]] == [yes, no], origin
        assert (await asked(server, "expert", "/regions", origin=origin))["reports"] == yes + no
        assert len((await asked(server, "expert", "/submissions", origin=origin))["submissions"]) == yes + no
    assert (await ask(server, "expert", "/regions", origin="pace")).status_code == 404


async def test_an_export_has_a_column_of_origins_and_says_how_many_are_guests(server: Server) -> None:
    await make_guests(server)
    await push_reports(server, server.phones[0], {})
    await push_reports(server, server.phones[2], {"station": "301"})
    for origin, expected in (("", ["odihr", "oscepa"]), ("oscepa", ["oscepa"])):
        answer = await ask(server, "expert", "/exports/submissions.xlsx", origin=origin)
        book = load_workbook(io.BytesIO(answer.content))
        header, *lines = list(book["visit 2021-01-05"].iter_rows(values_only=True))
        assert [line[header.index("origin")] for line in lines] == expected
        about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
        assert about["of them by oscepa observers"] == 1
        assert about["Origin of teams"] == (origin or "all")
        assert book["About"]["A1"].value == IEOM_FRAME


async def test_a_guest_at_the_desk_reads_and_counts_the_guests_own_reports_alone(server: Server) -> None:
    await make_guests(server)
    await make_guest(server, "head")
    await read_as(server, remarks=QuestionReading(is_quoted=True))
    await push_reports(server, server.phones[0], {"remarks": "seen by ODIHR"}, {})
    [own] = await push_reports(server, server.phones[2], {"station": "301", "remarks": "seen by guests"})
    shown = await page(server, "head")
    assert (shown["reports"], shown["guests"]) == (1, {"oscepa": 1})
    [line] = (await asked(server, "head", "/submissions"))["submissions"]
    assert (line["id"], line["origin"]) == (own, "oscepa")
    [told] = [region for region in (await asked(server, "head", "/regions"))["regions"] if region["reports"]]
    assert told["code"] == "KZ-SEV"
    assert [team["code"] for team in (await asked(server, "head", "/teams"))["teams"]] == ["LTO02"]
    for path in ("/regions/all/narratives", "/exports/submissions.csv"):
        text = (await ask(server, "head", path, **({"form": "visit"} if "csv" in path else {}))).text
        assert "seen by guests" in text
        assert "seen by ODIHR" not in text
    assert (await ask(server, "head", "/regions", origin="odihr")).status_code == 404


async def test_nothing_moves_for_a_guest_around_a_report_of_the_missions_own(server: Server) -> None:
    await make_guests(server)
    await make_guest(server, "head")
    await push_reports(server, server.phones[2], {"station": "301"})
    guest = scope_of(server.seeded.mission.id, "head", [], now(), "oscepa")

    async def look() -> list[Any]:
        pages = [
            (await ask(server, "head", path)).text
            for path in ("/regions", "/regions/all/summary", "/submissions", "/quarantine", "/desk/checklists")
        ]
        return [*pages, await news(server.database, guest, 0)]

    before = await look()
    await push_reports(server, server.phones[0], {"conf_level": "internal"}, {"conf_level": "sealed"})
    await server.push(server.phones[0], "no report at all")
    assert await look() == before
    await push_reports(server, server.phones[2], {"station": "301"})
    assert await look() != before


async def test_a_reader_of_no_reports_is_told_of_guests_by_three(server: Server) -> None:
    await make_guests(server)
    await push_reports(server, server.phones[0], {}, {}, {})
    await push_reports(server, server.phones[2], {"station": "301"}, {"station": "301"})
    shown = await page(server, "admin")
    assert (shown["reports"], shown["guests"], shown["form"]["frame"]["en"]) == (3, {}, ODIHR_FRAME)
    await push_reports(server, server.phones[2], {"station": "301"})
    shown = await page(server, "admin")
    assert (shown["reports"], shown["guests"], shown["form"]["frame"]["en"]) == (6, {"oscepa": 3}, IEOM_FRAME)


async def test_the_origin_of_a_report_is_that_of_the_moment_it_came(server: Server) -> None:
    phone = server.phones[2]
    [first] = await push_reports(server, phone, {"station": "301"})
    await make_guests(server)
    head = json.loads(phone.made[-1])["id"]
    # Edited after the team became one of guests: the report stays what it was when it came.
    await server.push(phone, phone.report({"voters": 7}, submission=first, base=[head]))
    [second] = await push_reports(server, phone, {"station": "301"})
    await make_guests(server, "odihr")
    assert [found.differences for found in await rebuild(server.database, is_check=True)] == [[], []]
    await rebuild(server.database, is_check=False)
    async with server.database.read() as session:
        query = select(Submission.id, Submission.origin).where(Submission.mission_id == server.seeded.mission.id)
        origins = dict((await session.exec(query)).all())
    assert {str(key): origin for key, origin in origins.items()} == {first: "odihr", second: "oscepa"}
    assert (await page(server))["guests"] == {"oscepa": 1}


@pytest.mark.parametrize("origin", ["odihr", "oscepa"])
async def test_narrowing_a_scope_never_widens_it(origin: str) -> None:
    mission = uuid4()
    guest = Scope(mission, frozenset(), (), origin="oscepa")
    narrowed = guest.only(origin)
    assert narrowed == (guest if origin == "oscepa" else None)
    whole = Scope(mission, frozenset(), ())
    assert (whole.only(origin) or whole).origin == origin
    assert whole.only("") == whole

"""Exports as they are opened elsewhere: by openpyxl and the csv module, on both engines."""

import csv
import hashlib
import io
import re
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from sqlmodel import col

from steppe.audit.models import AuditEntry
from steppe.checklists.commands import set_status
from tests.fixtures_desk import ask, asked, push_reports
from tests.fixtures_neighbour import own
from tests.fixtures_server import Server

FRAME = "In the limited number of polling stations visited by ODIHR LEOM observers, …"
REPORTS = "visit 2021-01-05"
PERCENTAGES = re.compile(r"%|per ?cent", re.IGNORECASE)


async def book(server: Server, role: str = "expert", **params: Any) -> Workbook:
    response = await ask(server, role, "/exports/submissions.xlsx", **params)
    assert response.status_code == 200, response.text
    return load_workbook(io.BytesIO(response.content))


def rows(workbook: Workbook, sheet: str) -> list[dict[str, Any]]:
    """The rows under the sheet's header, which is its first line."""
    table = list(workbook[sheet].iter_rows(values_only=True))
    return [dict(zip(map(str, table[0]), row, strict=True)) for row in table[1:]]


def everything(workbook: Workbook) -> str:
    return "\n".join(
        str(value)
        for sheet in workbook
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if value is not None
    )


async def test_a_formula_an_observer_typed_stays_text(server: Server) -> None:
    await push_reports(server, server.phones[0], {"remarks": "=cmd|'/c calc'!A1"})
    workbook = await book(server)
    header = [cell.value for cell in workbook[REPORTS][1]]
    cell = workbook[REPORTS].cell(row=2, column=header.index("remarks") + 1)
    assert (cell.value, cell.data_type) == ("=cmd|'/c calc'!A1", "s")


async def test_answers_keep_their_types_and_link_to_their_rows(server: Server) -> None:
    await push_reports(
        server,
        server.phones[0],
        {"station": "101", "inc": ["b", "a"], "inc/b/inc_kind": "violence", "inc/a/inc_text": "second"},
    )
    workbook = await book(server)
    [report] = rows(workbook, REPORTS)
    assert (report["report"], report["region"], report["place"]) == ("LTO01-A001", "KZ-AST", "101")
    assert (report["voters"], report["turnout"], report["box_sealed"]) == (900, 41.5, "yes")
    incidents = [
        (row["report"], row["row"], row["inc_kind"], row["inc_text"]) for row in rows(workbook, "inc 2021-01-05")
    ]
    assert incidents == [("LTO01-A001", 1, "violence", None), ("LTO01-A001", 2, None, "second")]


async def test_the_frame_of_a_limited_mission_stands_on_top(server: Server) -> None:
    await push_reports(server, server.phones[0], {})
    workbook = await book(server, region="KZ-AST")
    assert workbook.sheetnames[0] == "About"
    assert workbook["About"]["A1"].value == FRAME
    table = await ask(server, "expert", "/exports/submissions.csv", form="visit")
    assert workbook["README"]["A1"].value == FRAME
    assert table.text.lstrip("\ufeff").startswith("report,region,")
    assert FRAME not in table.text


async def test_bulk_exports_hold_no_confidential_report_and_no_sealed_answer(server: Server) -> None:
    levels = ("internal", "restricted", "confidential", "sealed")
    await push_reports(server, server.phones[0], *({"conf_level": level, "remarks": f"a {level}"} for level in levels))
    for role in ("expert", "coordinator", "head"):
        workbook = await book(server, role)
        assert [report["remarks"] for report in rows(workbook, REPORTS)] == ["a internal", "a restricted"]
        table = await ask(server, role, "/exports/submissions.csv", form="visit")
        for text in (everything(workbook), table.text):
            assert "source_name" not in text
            assert "Somebody" not in text
            assert "a sealed" not in text


async def test_admins_take_out_counts_and_no_answers(server: Server) -> None:
    await push_reports(server, server.phones[0], {"remarks": "in their own words"}, {"box_sealed": "no"}, {})
    workbook = await book(server, "admin")
    assert workbook.sheetnames == ["About", "Counts", "README"]
    table = list(workbook["Counts"].iter_rows(values_only=True))
    counts = {(row[3], row[5]): row[7] for row in table[1:]}
    # Three reports: fewer are not broken down for who reads none.
    assert counts["box_sealed", "yes"] == 2
    assert counts["box_sealed", "no"] == 1
    assert counts["voters", "answers"] == 3
    assert ("voters", "total") not in counts
    for response in (
        everything(workbook),
        (await ask(server, "admin", "/exports/submissions.csv", form="visit")).text,
    ):
        assert "in their own words" not in response
        assert "LTO01-A001" not in response


async def test_nothing_in_an_export_is_a_percentage(server: Server) -> None:
    await push_reports(server, server.phones[0], {}, {"box_sealed": "no"}, {"secrecy": "yes"})
    for role in ("expert", "admin"):
        assert not PERCENTAGES.search(everything(await book(server, role)))
        table = await ask(server, role, "/exports/submissions.csv", form="visit")
        assert not PERCENTAGES.search(table.text)


async def test_a_csv_is_utf8_with_a_mark_and_opens_in_a_reader(server: Server) -> None:
    await push_reports(server, server.phones[0], {"remarks": 'says "да"\nand, more'}, {"remarks": "=1+1"})
    response = await ask(server, "expert", "/exports/submissions.csv", form="visit")
    assert response.content.startswith(b"\xef\xbb\xbf")
    header, *lines = csv.reader(io.StringIO(response.text.removeprefix("\ufeff"), newline=""))
    remarks = header.index("remarks")
    assert [line[remarks] for line in lines] == ['says "да"\nand, more', "'=1+1"]


async def test_a_repeat_is_a_csv_of_its_own(server: Server) -> None:
    await push_reports(server, server.phones[0], {"inc": ["r"], "inc/r/inc_kind": "other"})
    response = await ask(server, "expert", "/exports/submissions.csv", form="visit", repeat="inc")
    assert response.text.splitlines()[-1] == "LTO01-A001,1,other,"


async def test_a_region_holds_its_own_reports(server: Server) -> None:
    await push_reports(server, server.phones[0], {"station": "101"}, {"station": "201"})
    await push_reports(server, server.phones[2], {"station": "301"})
    assert [report["place"] for report in rows(await book(server, region="KZ-AKM"), REPORTS)] == ["201"]
    assert len(rows(await book(server, region="all"), REPORTS)) == 3


async def test_more_reports_than_one_page_come_once_each(server: Server) -> None:
    for _ in range(11):
        await push_reports(server, server.phones[0], *({} for _ in range(50)))
    codes = [report["report"] for report in rows(await book(server), REPORTS)]
    assert len(codes) == len(set(codes)) == 550


async def test_the_audit_trail_knows_who_took_which_file(server: Server) -> None:
    await push_reports(server, server.phones[0], {}, {})
    response = await ask(server, "expert", "/exports/submissions.xlsx", region="KZ-AST")
    digest = hashlib.sha256(response.content).hexdigest()
    assert response.headers["steppe-sha256"] == digest
    async with server.database.read() as session:
        entry = (await session.exec(own(AuditEntry).where(col(AuditEntry.action) == "export.submissions"))).one()
    assert entry.object_id == digest
    assert entry.actor.startswith("person:")
    assert (entry.detail["region"], entry.detail["reports"], entry.detail["format"]) == ("KZ-AST", 2, "xlsx")
    [shown] = (await asked(server, "head", "/exports"))["exports"]
    assert (shown["by"], shown["sha256"], shown["reports"]) == ("Expert", digest, 2)
    [shown] = (await asked(server, "admin", "/exports"))["exports"]
    assert (shown["by"], shown["sha256"], shown["reports"]) == ("Expert", digest, None)


async def test_what_there_is_not_is_not_found_and_leaves_no_file(server: Server) -> None:
    for path, params in (
        ("/exports/submissions.xlsx", {"region": "KZ-XXX"}),
        ("/exports/submissions.xlsx", {"form": "nothing"}),
        ("/exports/submissions.csv", {"form": "visit", "repeat": "nothing"}),
    ):
        assert (await ask(server, "expert", path, **params)).status_code == 404
    assert leftovers(server.settings.data / "exports") == []


async def test_an_export_leaves_nothing_on_the_servers_disk(server: Server) -> None:
    await push_reports(server, server.phones[0], {})
    await book(server)
    assert leftovers(server.settings.data / "exports") == []


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*")]


async def test_a_report_of_a_retired_version_is_marked_late_in_what_leaves_the_house(server: Server) -> None:
    await push_reports(server, server.phones[0], {})
    async with server.database.write() as session:
        await set_status(
            session,
            mission_id=server.seeded.mission.id,
            version_id=server.seeded.checklist_version_id,
            status="retired",
            reason="",
            actor="test",
        )
    await push_reports(server, server.phones[0], {})
    assert [report["late"] for report in rows(await book(server), REPORTS)] == ["", "yes"]

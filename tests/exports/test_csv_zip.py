"""CSV tables with their README: what the tables may not hold (sentences) stands beside them."""

import csv
import io
import zipfile

from sqlalchemy import update
from sqlmodel import col

from steppe.checklists.models import ChecklistVersion
from steppe.submissions.models import Submission
from tests.fixtures_desk import ask, give, push_reports
from tests.fixtures_server import Server

FRAME = "In the limited number of polling stations visited by ODIHR LEOM observers, …"


async def opened(server: Server, role: str = "expert", **params: str) -> zipfile.ZipFile:
    response = await ask(server, role, "/exports/submissions.csv.zip", **params)
    assert response.status_code == 200, response.text
    return zipfile.ZipFile(io.BytesIO(response.content))


def readme(archive: zipfile.ZipFile) -> list[str]:
    return archive.read("README.txt").decode().split("\r\n")


async def test_every_table_has_one_header_line_and_the_readme_its_columns(server: Server) -> None:
    await push_reports(server, server.phones[0], {"inc": ["r"], "inc/r/inc_kind": "other"}, {"remarks": "=1+1"})
    archive = await opened(server)
    assert archive.namelist() == ["README.txt", "counts.csv", "visit.csv", "visit-inc.csv"]
    tables = {
        name: list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline="")))
        for name in archive.namelist()[1:]
    }
    assert {name: lines[0][0] for name, lines in tables.items()} == {
        "counts.csv": "checklist",
        "visit.csv": "report",
        "visit-inc.csv": "report",
    }
    assert [len(tables["visit.csv"]), len(tables["visit-inc.csv"])] == [3, 2]
    single = await ask(server, "expert", "/exports/submissions.csv", form="visit")
    assert single.content == archive.read("visit.csv")
    assert "visit.csv, box_sealed: box_sealed" in readme(archive)


async def test_the_readme_says_what_the_file_is_and_what_was_left_out(server: Server) -> None:
    await push_reports(server, server.phones[0], {"station": "101"})
    lines = readme(await opened(server, region="KZ-AST", form="visit", origin="odihr"))
    assert lines[0] == FRAME
    assert {"Region: KZ-AST", "Checklist: visit", "Origin of teams: odihr", "Made by: Expert"} <= set(lines)
    assert [line for line in lines if line.startswith("Made at: 20")]
    assert [line for line in lines if line.startswith("Left out: confidential and sealed reports")]
    assert "Restricted not counted." not in lines
    await give(server, "expert", role="expert", themes=["wom"])
    assert "Restricted not counted." in readme(await opened(server))


async def test_without_visits_to_polling_stations_there_is_no_frame(server: Server) -> None:
    assert FRAME not in readme(await opened(server))
    await push_reports(server, server.phones[0], {})
    async with server.database.write() as session:
        own = col(ChecklistVersion.mission_id) == server.seeded.mission.id
        await session.execute(update(ChecklistVersion).where(own).values(kind="meeting"))
    assert FRAME not in readme(await opened(server))


async def test_a_restricted_visit_that_is_not_counted_still_brings_the_frame(server: Server) -> None:
    await push_reports(server, server.phones[0], {"conf_level": "restricted"})
    # Whoever reads it by theme alone is told of no count, and the data are in the file.
    await give(server, "expert", role="expert", themes=["ed_vote"])
    async with server.database.write() as session:
        await session.execute(update(Submission).values(themes=" ed_vote "))
    lines = readme(await opened(server))
    assert {"Reports counted: 0", "Reports on the next pages: 1", FRAME} <= set(lines)


async def test_who_reads_no_reports_gets_counts_alone(server: Server) -> None:
    await push_reports(server, server.phones[0], *({"remarks": "in their own words"} for _ in range(3)))
    archive = await opened(server, "admin")
    assert archive.namelist() == ["README.txt", "counts.csv"]
    assert "in their own words" not in archive.read("counts.csv").decode()
    assert (await ask(server, "expert", "/exports/submissions.csv.zip", form="nothing")).status_code == 404

"""One form the whole way: published at the desk, answered with rows within rows, read, counted and taken out again."""

import io
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

from openpyxl import load_workbook

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.answers import check_answers
from tests.fixtures_desk import ask, asked, cookie
from tests.fixtures_nested import ANSWERS, SOURCE
from tests.fixtures_server import API, Server


async def published(server: Server) -> str:
    headers = {**cookie(server, "admin"), "X-Steppe": "1"}
    files = [("files", ("rooms.md", SOURCE))]
    answer = await server.client.post(f"{API}/desk/checklists", files=files, headers=headers)
    assert answer.status_code == 200, answer.text
    version: str = answer.json()["checklist"]["id"]
    return version


def leaves(parts: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Every answer of a report with its path, in reading order."""
    found = []
    for part in parts:
        if part["answer"]:
            found.append((part["answer"]["path"], part["answer"]["value"]))
        for row in part["rows"]:
            found += [(answer["path"], answer["value"]) for answer in row["answers"]]
            found += leaves(row["repeats"])
    return found


async def test_a_form_with_rows_within_rows_goes_the_whole_way(server: Server) -> None:
    version = await published(server)
    definition = Definition.model_validate((await ask(server, "expert", f"/checklists/{version}")).json())
    assert check_answers(definition, ANSWERS) == []
    phone = server.phones[0]
    answer = await server.push(phone, phone.report(ANSWERS, checklist_version=version))
    assert [one["status"] for one in answer["results"]] == ["stored"]

    [line] = (await asked(server, "expert", "/submissions"))["submissions"]
    report = await asked(server, "expert", f"/submissions/{line['id']}")
    read = dict(leaves([part for section in report["sections"] for part in section["parts"]]))
    kept = {path for path, value in ANSWERS.items() if not path.endswith(("room", "person", "paper"))}
    assert read.keys() == kept - {"start", "colour"}
    assert read["room/r1/person/p2/paper/q1/paper_title"] == "Passport"
    assert read["source_name"] is None

    summary = await asked(server, "expert", "/regions/all/summary")
    [rooms] = [form for form in summary["forms"] if form["form"] == "rooms"]
    counted = {question["id"]: question for question in rooms["questions"]}
    assert (counted["age"]["n"], counted["age"]["total"]) == (3, None)
    assert {choice["name"]: choice["places"] for choice in counted["wishes"]["choices"]} == {
        "table": [0, 1],
        "chair": [0, 0, 1],
        "lamp": [1],
    }

    book = load_workbook(io.BytesIO((await ask(server, "expert", "/exports/submissions.xlsx", form="rooms")).content))
    papers = list(book["paper 1"].iter_rows(values_only=True))
    assert papers == [("report", "room", "person", "row", "paper_title"), ("LTO01-A001", 1, 2, 1, "Passport")]

    taken = await ask(server, "expert", "/exports/openrosa.zip", form="rooms")
    with zipfile.ZipFile(io.BytesIO(taken.content)) as archive:
        instance = ET.fromstring(archive.read(f"rooms-1/instances/uuid{line['id']}/submission.xml"))
    assert [age.text for age in instance.findall("visit/room/person/age")] == ["30", "40", "50"]
    assert instance.findtext("meta/instanceID") == f"uuid:{line['id']}"

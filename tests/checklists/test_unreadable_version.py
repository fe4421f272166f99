"""A version that cannot be read back is set aside by every reader: nothing else of the mission suffers."""

import hashlib
import json
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from steppe.checklists.definition import Definition, definition_bytes
from steppe.checklists.models import ChecklistVersion
from steppe.kit.db import Database
from steppe.missions.feed import Changed, announce, take_numbers
from steppe.submissions import queries as submission_queries
from steppe.submissions.models import Submission
from steppe.summaries.rebuild import rebuild
from tests.checklists.forms import compiled
from tests.checklists.test_publishing import FORM, send
from tests.fixtures_checklist import answers
from tests.fixtures_desk import ask, asked, push_reports
from tests.fixtures_server import Server


def poisoned() -> bytes:
    """A definition as the version before wrote it: one sum of 220 terms, 220 lists deep."""
    form = compiled(({"type": "integer", "name": "a"}, {"type": "calculate", "name": "total", "calculation": "${a}"}))
    whole: Any = ["ref", "a"]
    for _ in range(219):
        whole = ["+", whole, ["ref", "a"]]
    written = json.loads(definition_bytes(form))
    written["sections"][0]["nodes"][1]["calculation"] = whole
    return json.dumps(written).encode()


async def keep(server: Server, content: bytes, form: str = "poison") -> UUID:
    """Put a version straight into the database, past all checks."""
    mission = server.seeded.mission.id
    async with server.database.write() as session:
        await take_numbers(session, mission, 0)
        version = ChecklistVersion(
            mission_id=mission,
            form=form,
            version="1",
            kind="other",
            title={"en": "Poison"},
            short={"en": "Poison"},
            hash=hashlib.sha256(content).hexdigest(),
            definition=content,
            source_name="poison.md",
            source=FORM,
        )
        session.add(version)
        await session.flush()
        await announce(session, mission, Changed("checklist", str(version.id)))
        return version.id


UNREADABLE = {
    "nested beyond what JSON readers take": poisoned(),
    "cut": poisoned()[:500],
    "no definition": b"[]",
    "an unknown function": definition_bytes(
        compiled(({"type": "integer", "name": "a"}, {"type": "calculate", "name": "b", "calculation": "abs(1)"}))
    ).replace(b'"abs"', b'"sba"'),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
async def test_every_page_and_export_answers_beside_a_version_that_cannot_be_read(
    server: Server, content: bytes
) -> None:
    phone = server.phones[0]
    [report] = await push_reports(server, phone, {})
    poison = await keep(server, content)
    for path in (
        "/regions",
        "/regions/all/summary",
        "/regions/all/narratives",
        "/submissions",
        f"/submissions/{report}",
        "/desk/checklists",
    ):
        await asked(server, "expert", path)
    for made in (
        await ask(server, "expert", "/exports/submissions.xlsx"),
        await ask(server, "expert", "/exports/submissions.csv", form="visit"),
        await ask(server, "expert", "/exports/submissions.csv", form="poison"),
        await ask(server, "expert", "/exports/openrosa.zip"),
    ):
        assert made.status_code == 200, made.text
    listed = {one["form"]: one for one in (await asked(server, "expert", "/desk/checklists"))["checklists"]}
    assert listed["poison"]["is_readable"] is False
    assert all(one["is_readable"] for form, one in listed.items() if form != "poison")
    assert (await ask(server, "expert", f"/desk/checklists/{poison}/diff/{poison}")).status_code == 409
    assert (await server.pull(phone))["changes"]
    assert (await send(server, "/check", ("poison.md", FORM))).json()["publishing"] == "new"


async def test_a_report_of_it_is_kept_for_a_person_and_the_others_of_the_push_are_stored(server: Server) -> None:
    poison = await keep(server, poisoned())
    phone = server.phones[0]
    answer = await server.push(phone, phone.report({"a": 1}, checklist_version=str(poison)), phone.report(answers()))
    assert [(one["status"], one.get("reason")) for one in answer["results"]] == [
        ("quarantined", "unknown_checklist"),
        ("stored", None),
    ]


async def test_reports_of_a_version_that_became_unreadable_stay_listed_counted_and_as_they_are(
    server: Server, database: Database
) -> None:
    phone = server.phones[0]
    [report] = await push_reports(server, phone, {})
    async with database.write() as session:
        version = await session.get_one(ChecklistVersion, server.seeded.checklist_version_id)
        version.definition = poisoned()
        session.add(version)
    submission_queries._definitions.clear()  # as another process would begin
    assert (await asked(server, "expert", "/regions/all/summary"))["reports"] == 1
    assert [one["id"] for one in (await asked(server, "expert", "/submissions"))["submissions"]] == [report]
    assert (await asked(server, "expert", f"/submissions/{report}"))["sections"] == []
    async with database.read() as session:
        before = (await session.exec(select(Submission).where(col(Submission.id) == UUID(report)))).one().answers
    told = [one for replay in await rebuild(database, is_check=False) for one in replay.differences]
    assert told == [
        f"checklist version {server.seeded.checklist_version_id} cannot be read: its reports are left as they are"
    ]
    async with database.read() as session:
        assert (
            await session.exec(select(Submission).where(col(Submission.id) == UUID(report)))
        ).one().answers == before
    assert (await asked(server, "expert", "/regions/all/summary"))["reports"] == 1


def test_a_form_of_220_terms_reads_back_as_it_was_written() -> None:
    definition = compiled(
        (
            {"type": "integer", "name": "a"},
            {"type": "calculate", "name": "total", "calculation": " + ".join(["${a}"] * 220)},
        )
    )
    assert definition.format == 2
    assert Definition.model_validate_json(definition_bytes(definition)) == definition

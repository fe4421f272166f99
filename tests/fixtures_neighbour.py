"""The other mission every test's database holds: whatever crosses a mission's wall shows in any test.

Same user names, team codes, region codes, form and short codes as the mission of `fixtures_mission`; other tokens and
ids. Two critical reports with a photo named, a quarantined item, an open enrolment and an export are there, so that no
desk page of the test's own mission stays the same when a statement forgets its mission.
"""

import json
from typing import TypeVar

from sqlmodel import SQLModel, select
from sqlmodel.sql.expression import SelectOfScalar

from steppe.audit.commands import COMMAND_LINE
from steppe.audit.models import AuditEntry
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.missions.models import Mission
from steppe.people.access import SESSION_COOKIE
from steppe.people.commands import open_enrolment
from tests.fixtures_checklist import answers
from tests.fixtures_mission import Seeded, seed
from tests.fixtures_phone import Phone
from tests.fixtures_server import API, Server, node

Row = TypeVar("Row", bound=SQLModel)
NEIGHBOUR = "NBR2021"
TOKENS = "neighbour-"
PHOTO = {"path": "photo", "type": "image/png", "sha256": "b" * 64, "plain_sha256": "c" * 64, "size": 9, "key": "A" * 43}


async def write_neighbour(settings: Settings) -> None:
    """Write the other mission into a migrated database, its reports through a server as phones bring them."""
    database = Database(settings)
    seeded = await seed(database, settings, NEIGHBOUR, tokens=TOKENS)
    await _write_desk(database, seeded)
    await database.close()
    async with node(settings, seeded) as server:
        first, _, second = seeded.phones
        pushed = await server.push(first, _critical(first, "101"), "an item that cannot be opened")
        assert [one["status"] for one in pushed["results"]] == ["stored", "quarantined"]
        pushed = await server.push(second, _critical(second, "301"))
        assert [one["status"] for one in pushed["results"]] == ["stored"]
        await _ask(server)
        await _take_back(server)


async def _ask(server: Server) -> None:
    """Headquarters asks a team, which replies and asks something itself."""
    phone = server.phones[0]
    cookie = f"{SESSION_COOKIE}={server.seeded.desk_cookies['coordinator']}"
    asked = {"to": ["LTO01"], "text": "The neighbour's query"}
    headers = {"Cookie": cookie, "X-Steppe": "1"}
    assert (await server.client.post(f"{API}/queries", json=asked, headers=headers)).status_code == 200
    page = await server.pull(phone)
    [statement] = [one["data"]["statement"] for one in page["changes"] if one["kind"] == "query"]
    await server.pull(phone, page["next_cursor"])
    reply = phone.fact("reply", query=statement, text="The neighbour's reply")
    pushed = await server.push(phone, reply, phone.fact("question", text="The neighbour's question"))
    assert [one["status"] for one in pushed["results"]] == ["stored", "stored"]


async def _take_back(server: Server) -> None:
    """A team withdraws a report: it is in nothing that the neighbour counts."""
    phone = server.phones[2]
    item = phone.report(answers(station="301", remarks="The neighbour's mistake"))
    made = json.loads(phone.made[-1])
    words = {"submission": made["submission"], "heads": [made["id"]], "reason": "mistake"}
    pushed = await server.push(phone, item, phone.fact("withdrawal", text="The neighbour's withdrawal", **words))
    assert [one["status"] for one in pushed["results"]] == ["stored", "stored"]


def _critical(phone: Phone, station: str) -> str:
    given = answers(station=station, box_sealed="no", remarks="The neighbour's remark", photo=PHOTO["plain_sha256"])
    return phone.report(given, attachments=[PHOTO])


async def _write_desk(database: Database, seeded: Seeded) -> None:
    async with database.write() as session:
        await open_enrolment(session, mission_id=seeded.mission.id, team_code="LTO01", actor=COMMAND_LINE)
        session.add(
            AuditEntry(
                mission_id=seeded.mission.id,
                actor=COMMAND_LINE,
                action="export.submissions",
                object_id="d" * 64,
                detail={"format": "csv", "region": "all", "checklist": "", "reports": 2},
            )
        )


def own(table: type[Row]) -> SelectOfScalar[Row]:
    """Select the rows that are not the neighbour's, for a test that looks into the database itself."""
    neighbour = select(Mission.id).where(Mission.code == NEIGHBOUR).scalar_subquery()
    return select(table).where(table.__table__.c.mission_id != neighbour)  # type: ignore[attr-defined] # SQLModel sets it at run time

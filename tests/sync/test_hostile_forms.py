"""A form that asks more than its budget: its reports are stored and flagged, and nobody else waits."""

from sqlmodel import select

from steppe.submissions.models import Submission
from tests.checklists.forms import markdown
from tests.checklists.test_publishing import send
from tests.fixtures_desk import asked
from tests.fixtures_server import Server


async def test_a_report_whose_form_asks_too_much_is_stored_flagged_and_shown(server: Server) -> None:
    rows = ({"type": "text", "name": "remark", "soft": "regex(., '((a?){900})*b')"},)
    published = (await send(server, "", ("a_form.md", markdown(rows)))).json()
    phone = server.phones[0]
    report = phone.report({"remark": "a" * 10_000}, checklist_version=published["checklist"]["id"])
    [result] = (await server.push(phone, report))["results"]
    assert result["status"] == "stored"
    async with server.database.read() as session:
        held = (await session.exec(select(Submission).where(Submission.mission_id == server.seeded.mission.id))).one()
    assert held.answers["remark"] == "a" * 10_000
    assert held.flags == [{"path": "remark", "question": "remark", "kind": "unevaluated", "severity": 1}]
    shown = await asked(server, "expert", f"/submissions/{held.id}")
    assert [(one["kind"], one["severity"]) for one in shown["noted"]] == [("unevaluated", 1)]

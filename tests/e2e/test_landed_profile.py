"""What phones hold from a landed version survives the update: draft, outbox, copies; nothing lost or doubled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image
from playwright.sync_api import Playwright, expect

from tests.e2e.chromium import Phone
from tests.e2e.field_app import FieldApp
from tests.e2e.filling import Filling, PlaceNames
from tests.e2e.landed_phone import LANDED, LandedMission

PATIENCE_MS = 60_000
OPERANDS = 40
SUM = "Sum of forty"
# What lies in clear of the drafts.
DRAFT_KEYS = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open("steppe");
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const keys = request.result.transaction("drafts").objectStore("drafts").getAllKeys();
    keys.onsuccess = () => { request.result.close(); resolve(keys.result); };
  };
})"""


@pytest.fixture(params=LANDED)
def mission(blank_engine_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[LandedMission]:
    """The server of a landed version after its update to today's, not started."""
    landed = LandedMission(request.param, tmp_path / "data", blank_engine_url)
    yield landed
    landed.server.stop()


@pytest.fixture
def phone(mission: LandedMission, playwright: Playwright, tmp_path: Path) -> Iterator[Phone]:
    """A started phone without anything on it."""
    made = Phone(playwright, tmp_path / "phone", flags=mission.flags)
    made.start()
    yield made
    made.close()


def long_sum(folder: Path) -> Path:
    """Write a checklist whose sum has more operands than definitions of the first format write flat."""
    questions = [f"| | integer | n{number} | Number {number} | Число {number} | |" for number in range(OPERANDS)]
    operands = " + ".join(f"coalesce(${{n{number}}}, 0)" for number in range(OPERANDS))
    path = folder / "long_sum.md"
    path.write_text(
        "\n".join(
            [
                "| survey |",
                "| | type | name | label::English (en) | label::Russian (ru) | calculation |",
                "| | begin_group | numbers | Numbers | Числа | |",
                *questions,
                f"| | calculate | total | | | {operands} |",
                "| | note | shown | In all: ${total} | Всего: ${total} | |",
                "| | end_group | | | | |",
                "",
                "| settings |",
                "| | form_title | form_id | version | default_language | kind | form_title::Russian (ru) |",
                f"| | {SUM} | long_sum | 1 | English (en) | other | Сумма сорока |",
                "",
            ]
        )
    )
    return path


def unlock(app: FieldApp) -> None:
    """Type the passphrase, which is the recorded one."""
    expect(app.page.get_by_role("heading", name="Steppe is locked")).to_be_visible(timeout=PATIENCE_MS)
    app.unlock()


def finish_draft(app: FieldApp, mission: LandedMission, folder: Path) -> None:
    """Open the draft, answer what it had left open, finish it."""
    app.page.get_by_role("link", name="Field note").first.click()
    photo = folder / "unused.jpg"
    Image.new("RGB", (64, 48)).save(photo)
    draft = mission.draft
    filling = Filling(app.page, mission.definition(), draft.typed, "en", PlaceNames({}, {}), photo, dict(draft.rows))
    filling.given = set(draft.given)
    expect(app.card("comment")).to_be_visible()
    while not filling.is_at_review():
        filling.answer_section()
        filling.next()
    assert filling.given == {path for path in draft.typed if path != "talk"}
    filling.finish()


def all_received(app: FieldApp, reports: int) -> None:
    """Wait until the outbox says that so many reports and their photos are at headquarters."""
    app.go("Outbox")
    expect(app.page.get_by_text("Photos and files received: 1 of 1")).to_have_count(reports, timeout=PATIENCE_MS)
    assert app.raw_storage()["outbox"] == 0


def holds_everything_once(mission: LandedMission) -> None:
    """Compare what the server made of the four reports with what was typed."""
    answers, outcomes = mission.held()
    finished = [mission.delivered, *mission.waiting]
    # Reports finished before the update keep their ids; the draft's, which told when it was begun, is another now.
    (of_draft,) = answers.keys() - {one.submission for one in finished}
    assert (UUID(mission.draft.submission).version, UUID(of_draft).version) == (7, 4)
    reports = [*finished, replace(mission.draft, submission=of_draft)]
    assert {one.submission: one.as_planned(answers[one.submission]) for one in reports} == {
        one.submission: one.typed for one in reports
    }
    assert len(answers) == len(reports)
    assert outcomes == {"stored": len(reports)}
    assert mission.server.command("rebuild", "--check")


def test_a_phone_of_a_landed_version_goes_on_with_all_it_holds(
    mission: LandedMission, phone: Phone, tmp_path: Path
) -> None:
    mission.server.start()
    app = FieldApp(phone.page, mission.origin)
    mission.lay_storage(phone.page)
    before = app.raw_storage()
    assert (before["drafts"], before["outbox"], before["received"], before["copies"]) == (1, 2, 1, 3)

    app.open()
    unlock(app)
    assert [UUID(key).version for key in app.page.evaluate(DRAFT_KEYS)] == [4]
    all_received(app, 3)
    app.go("Today")
    finish_draft(app, mission, tmp_path)
    all_received(app, 4)
    after = app.raw_storage()
    assert (after["drafts"], after["received"], after["copies"]) == (0, 4, 4)
    assert {store: after[store] for store in before if store in {"attachments", "photos", "ledger", "labels"}} == {
        "attachments": before["attachments"],
        "photos": before["photos"],
        "ledger": 4,
        "labels": 4,
    }
    holds_everything_once(mission)

    mission.server.command("publish", long_sum(tmp_path))
    mission.server.stop()
    phone.restart()
    app.page = phone.page
    app.open()
    unlock(app)
    app.go("Outbox")
    app.page.get_by_role("link", name=re.compile("LTO05-A001")).first.click()
    expect(app.page.get_by_text("Қамысты, received")).to_be_visible()
    app.page.get_by_role("link", name=re.compile("Outbox|Back")).first.click()
    mission.server.start()
    app.page.get_by_role("button", name="Send now").click()
    app.go("New")
    expect(app.page.get_by_text(SUM).first).to_be_visible(timeout=PATIENCE_MS)

"""The main job, whole: enrol, go offline, fill, close the browser, go on, finish, come back, be read at the desk."""

import hashlib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chromium import Phone
from tests.e2e.desk_app import DeskApp
from tests.e2e.field_app import FieldApp
from tests.e2e.pictures import CAMERA_OWNER, camera_photo
from tests.e2e.server import Server
from tests.e2e.story import COMMENT, begin_report, end_report, nothing_typed_is_clear_on

REGION = "KZ-ZAP"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return camera_photo(tmp_path / "IMG_0001.jpg")


def write_offline(app: FieldApp, phone: Phone, photo: Path) -> None:
    """Begin a report without a server, kill the browser in the middle, go on from the draft, finish."""
    phone.context.set_offline(True)
    app.open()
    app.unlock()
    begin_report(app)
    phone.restart()
    phone.context.set_offline(True)
    app.page = phone.page
    app.open()
    app.unlock()
    app.page.get_by_role("link", name="Polling station: voting").first.click()
    expect(app.card("vot_box_sealed").locator("input[value=no]")).to_be_checked()
    end_report(app, photo)
    expect(app.page.get_by_text("LTO05-A001", exact=True)).to_be_visible()
    expect(app.page.get_by_text("Waiting to send").first).to_be_visible()


def received_outbox(app: FieldApp) -> None:
    """Open the app at the outbox and wait until report and photo are receipted."""
    app.open()
    app.unlock()
    app.go("Outbox")
    expect(app.page.get_by_text("Received by HQ").first).to_be_visible(timeout=60_000)
    expect(app.page.get_by_text("Photos and files received: 1 of 1")).to_be_visible(timeout=60_000)


def the_only_report(at_desk: DeskApp) -> dict[str, Any]:
    """Return the one report the desk holds."""
    listed = at_desk.get("/submissions")["submissions"]
    assert [(one["code"], one["region"], one["severity"]) for one in listed] == [("LTO05-A001", REGION, 3)]
    report: dict[str, Any] = at_desk.get(f"/submissions/{listed[0]['id']}")
    return report


def answers_of(report: dict[str, Any]) -> dict[str, Any]:
    """Return a report's top-level answers by question."""
    parts = [part["answer"] for section in report["sections"] for part in section["parts"] if part["answer"]]
    return {answer["path"]: answer["value"] for answer in parts}


def photo_is_the_phones(at_desk: DeskApp, report: dict[str, Any], original: Path) -> None:
    """Compare the photo at the desk, byte for byte by its hash, with what the phone sealed; nothing of EXIF is left."""
    (attachment,) = report["attachments"]
    picture = at_desk.download(f"/attachments/{attachment['sha256']}/content")
    assert hashlib.sha256(picture).hexdigest() == attachment["plain_sha256"] == answers_of(report)["vot_photo"]
    assert picture[:2] == b"\xff\xd8"
    assert len(picture) < original.stat().st_size
    assert CAMERA_OWNER.encode() not in picture
    assert b"Exif" not in picture


def comment_is_text_in(workbook: Path) -> None:
    """Find the comment once in an exported workbook, as text and not as a formula."""
    sheets = openpyxl.load_workbook(workbook)
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value == COMMENT]
    assert [cell.data_type for cell in cells] == ["s"]


def correct_offline(app: FieldApp, phone: Phone) -> None:
    """Change one answer of the sent report without a network, look at the review, finish, and send."""
    phone.context.set_offline(True)
    app.page.get_by_role("link", name="LTO05-A001").click()
    app.page.get_by_role("button", name="Correct this report").click()
    app.page.get_by_role("button", name="Correct", exact=True).click()
    expect(app.page.get_by_role("heading", level=1, name="Correction of LTO05-A001")).to_be_visible()
    app.section("Inside and the boxes")
    app.choose("vot_box_sealed", "Yes")
    app.section("Review and finish")
    expect(app.page.get_by_text("before: No", exact=True)).to_be_visible()
    expect(app.page.get_by_text("now: Yes", exact=True)).to_be_visible()
    app.finish()
    expect(app.page.get_by_text("Correction waiting to send")).to_be_visible()
    phone.context.set_offline(False)
    app.page.get_by_role("button", name="Send now").click()
    expect(app.page.get_by_text("Correction received by HQ")).to_be_visible(timeout=60_000)
    expect(app.page.get_by_text("LTO05-A001", exact=True)).to_have_count(1)


def withdraw_offline(app: FieldApp, phone: Phone) -> None:
    """Take the report back without a network: why, what that means, and it waits behind the report; then send."""
    phone.context.set_offline(True)
    app.page.get_by_role("link", name="LTO05-A001").click()
    app.page.get_by_role("button", name="Withdraw this report").click()
    app.page.get_by_role("radio", name="Of the wrong place or person").check()
    app.page.get_by_role("button", name="Go on").click()
    expect(app.page.get_by_text("It is counted no more")).to_be_visible()
    app.page.get_by_role("button", name="Sign and queue").click()
    expect(app.page.get_by_text("Withdrawal waiting to send").first).to_be_visible()
    phone.context.set_offline(False)
    app.page.get_by_role("link", name="Back to the outbox").click()
    app.page.get_by_role("button", name="Send now").click()
    expect(app.page.get_by_text("Withdrawn: headquarters counts it no more.")).to_be_visible(timeout=60_000)
    expect(app.page.get_by_text("LTO05-A001", exact=True)).to_have_count(1)


def test_a_report_written_offline_arrives_once_and_is_read_at_the_desk(
    mission_server: Server, phone: Phone, desk: Page, photo: Path, tmp_path: Path
) -> None:
    server = mission_server
    at_desk = DeskApp(desk, server)
    at_desk.region(REGION)
    at_desk.shows_reports(0)
    app = FieldApp(phone.page, server.url)
    app.enrol(server.json("enrol", "--team", "LTO05")["code"])

    server.stop()
    phone.restart()
    app.page = phone.page
    write_offline(app, phone, photo)
    phone.close()
    nothing_typed_is_clear_on(phone.profile)

    server.start()
    phone.start()
    app.page = phone.page
    received_outbox(app)
    kept = app.raw_storage()
    assert (kept["outbox"], kept["drafts"], kept["received"]) == (0, 0, 1)
    at_desk.shows_reports(1)

    report = the_only_report(at_desk)
    assert answers_of(report)["vot_comment"] == COMMENT
    assert answers_of(report)["vot_box_sealed"] == "no"
    photo_is_the_phones(at_desk, report, photo)
    comment_is_text_in(at_desk.export("Export XLSX", tmp_path))

    phone.restart()
    app.page = phone.page
    received_outbox(app)
    app.page.get_by_role("button", name="Send now").click()
    assert the_only_report(at_desk)["id"] == report["id"]

    assert at_desk.counts(REGION, "vot_box_sealed") == {"no": 1}
    correct_offline(app, phone)
    corrected = at_desk.get(f"/submissions/{report['id']}")
    assert answers_of(corrected) == {**answers_of(report), "vot_box_sealed": "yes"}
    assert at_desk.counts(REGION, "vot_box_sealed") == {"yes": 1}

    at_desk.shows_reports(1)
    withdraw_offline(app, phone)
    at_desk.shows_reports(0)
    assert at_desk.get(f"/submissions/{report['id']}")["status"] == "withdrawn"
    assert server.command("rebuild", "--check")

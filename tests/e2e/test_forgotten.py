"""Two finished reports outlive a forgotten passphrase, with and without a network; the phone works again either way."""

import json
import re
import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chromium import Phone
from tests.e2e.field_app import PATIENCE_MS, FieldApp
from tests.e2e.server import Server

NOTE = "Short note"
HOLD_MS = 1_700

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def short_note(folder: Path) -> Path:
    """Write a checklist of one question."""
    path = folder / "short_note.md"
    path.write_text(
        "\n".join(
            [
                "| survey |",
                "| | type | name | label::English (en) | label::Russian (ru) |",
                "| | begin_group | start | Start | Начало |",
                "| | text | words | What happened | Что случилось |",
                "| | end_group | | | |",
                "",
                "| settings |",
                "| | form_title | form_id | version | default_language | kind | form_title::Russian (ru) |",
                f"| | {NOTE} | short_note | 1 | English (en) | other | Короткая заметка |",
                "",
            ]
        )
    )
    return path


def enrolment_code(server: Server, team: str) -> str:
    """A fresh code with the thumbprint of the mission's keys."""
    link: str = server.json("enrol", "--team", team)["link"]
    return link.split("#enrol=")[1]


def finish_note(app: FieldApp, words: str) -> None:
    """Finish one report of one answer."""
    app.begin(NOTE)
    app.write("words", words)
    app.saved()
    app.next()
    app.finish()
    # Where there is a network, it may be there before anybody looks.
    waits_or_sent = app.page.get_by_text("Waiting to send").or_(app.page.get_by_text("Received by HQ"))
    expect(waits_or_sent.first).to_be_visible(timeout=PATIENCE_MS)


def forget(page: Page) -> None:
    """Lock the app and say that the passphrase is forgotten."""
    page.get_by_role("button", name="Lock").first.click()
    page.get_by_role("button", name="I have forgotten it").click()
    # Nor does what was announced before tell anybody what was done here.
    assert page.get_by_text("is finished and queued").count() == 0
    expect(page.get_by_role("heading", name="Forgotten passphrase")).to_be_visible()


def hold(page: Page, name: str) -> None:
    """Press a button and keep it pressed."""
    page.get_by_role("button", name=name).scroll_into_view_if_needed()
    page.get_by_role("button", name=name).hover()
    page.mouse.down()
    page.wait_for_timeout(HOLD_MS)
    page.mouse.up()


def nothing_waits(app: FieldApp) -> None:
    """Send, and wait until nothing waits on the phone."""
    app.go("Outbox")
    # A screen that was on already stays where it was scrolled to, and the click would scroll it.
    app.page.evaluate("scrollTo(0, 0)")
    send = app.page.locator("main button").first
    stood = send.bounding_box()
    app.page.get_by_role("button", name="Send now").click()
    deadline = time.monotonic() + PATIENCE_MS / 1_000
    while (counts := app.raw_storage())["outbox"] or counts["parcels"]:
        assert time.monotonic() < deadline, counts
        app.page.wait_for_timeout(200)
    # What has gone moves the button from under no thumb.
    assert send.bounding_box() == stood


def is_marked(server: Server) -> bool:
    """Whether the mark beside the database tells of its last change."""
    mark = json.loads((server.data / "incarnation.json").read_text())["missions"]
    with sqlite3.connect(server.data / "steppe.db") as database:
        counters = database.execute("select n from mission_counter").fetchall()
    return sorted(place["n"] for place in mark.values()) == sorted(n for (n,) in counters)


def received(server: Server) -> list[tuple[str, int]]:
    """Teams and how many reports each has at headquarters; every item came in as what it is, once."""
    with sqlite3.connect(server.data / "steppe.db") as database:
        teams = database.execute(
            "select team.code, count(*) from submission join team on team.id = team_id group by 1 order by 1"
        ).fetchall()
        outcomes = database.execute("select distinct outcome from inbox_item").fetchall()
    assert outcomes in ([], [("stored",)])
    return [(code, count) for code, count in teams]


def test_two_waiting_reports_survive_a_forgotten_passphrase_online_and_offline(
    mission_server: Server, phone: Phone, tmp_path: Path
) -> None:
    server, page = mission_server, phone.page
    server.command("publish", short_note(tmp_path))
    app = FieldApp(page, server.url)
    first, second = enrolment_code(server, "LTO05"), enrolment_code(server, "LTO06")
    app.enrol(first)

    # Without a network: what is lost is counted, the rest goes into a file, and stays when the phone is set up anew.
    server.stop()
    finish_note(app, "first of LTO05")
    finish_note(app, "second of LTO05")
    app.begin(NOTE)
    app.write("words", "a draft")
    app.saved()
    app.go_today()
    forget(page)
    expect(page.get_by_text("1 draft: nobody can read it any more")).to_be_visible()
    expect(page.get_by_text("2 finished reports that are not at headquarters yet")).to_be_visible()
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("2 finished reports that are not at headquarters yet")).to_be_visible()
    page.evaluate("navigator.canShare = () => false")
    page.get_by_role("button", name="Save them as a sealed file").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the sealed file").click()
    lines = [json.loads(line) for line in download.value.path().read_text().splitlines()]
    assert (lines[0]["steppe"], lines[-1]["end"]["reports"]) == ("parcels", 2)

    hold(page, "Hold to set up anew")
    expect(page.get_by_label("Enrolment code")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("2 sealed reports from before wait on this phone")).to_be_visible()
    left = app.raw_storage()
    # Its journal has the same: nothing of a wiped phone but what is sealed and waits.
    assert {store for store, count in left.items() if count} == {"chain", "transport", "safety", "parcels", "journal"}

    # Another person's phone now; the reports of the first arrive as theirs.
    server.start()
    app.enrol(second)
    nothing_waits(app)
    assert received(server) == [("LTO05", 2)]

    # With a network: sent first, then set up anew by the link that was opened on the locked phone.
    server.stop()
    finish_note(app, "first of LTO06")
    finish_note(app, "second of LTO06")
    server.start()
    third = enrolment_code(server, "LTO07")
    page.goto("about:blank")
    page.goto(f"{server.url}/#enrol={third}")
    expect(page.get_by_text("This phone is set up already")).to_be_visible()
    page.get_by_role("button", name="I have forgotten it").first.click()
    expect(page.get_by_text("Every finished report of this phone is at headquarters")).to_be_visible(
        timeout=PATIENCE_MS
    )
    hold(page, "Hold to set up anew")
    expect(page.get_by_label("Enrolment code")).to_have_value(re.compile(third[:5]), timeout=PATIENCE_MS)
    # Sealed, for headquarters alone, until a copy elsewhere holds them; nothing that anybody could read. The new page
    # may have greeted headquarters already, which leaves when that was.
    kept = {store for store, count in app.raw_storage().items() if count} - {"contact", "clock"}
    assert kept == {"chain", "delivered", "journal", "retained", "safety", "transport"}
    assert received(server) == [("LTO05", 2), ("LTO06", 2)]


def test_a_refused_phone_says_the_ways_on_and_its_report_arrives_after_it_was_set_up_again(
    mission_server: Server, phone: Phone, tmp_path: Path
) -> None:
    server, page = mission_server, phone.page
    server.command("publish", short_note(tmp_path))
    app = FieldApp(page, server.url)
    app.enrol(enrolment_code(server, "LTO05"))
    server.stop()
    finish_note(app, "finished before it was refused")
    with sqlite3.connect(server.data / "steppe.db") as database:
        # As by a server that was set back: it knows neither token.
        database.execute("update device set push_token_hash = 'none', access_token_hash = 'none'")
    server.start()
    page.evaluate("location.hash = '#/outbox'")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("This phone has to be set up again")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("They are sent when there is a connection")).to_have_count(0)
    page.get_by_role("button", name="Wipe this phone").click()
    hold(page, "Hold to wipe")
    expect(page.get_by_text("1 sealed report from before waits on this phone")).to_be_visible(timeout=PATIENCE_MS)
    app.enrol(enrolment_code(server, "LTO05"))
    nothing_waits(app)
    with sqlite3.connect(server.data / "steppe.db") as database:
        assert database.execute("select count(*) from inbox_item").fetchone() == (1,)


def test_a_server_put_back_from_an_older_copy_gets_what_it_lost_from_a_phone_it_does_not_know(
    mission_server: Server, phone: Phone, tmp_path: Path
) -> None:
    server, page = mission_server, phone.page
    server.command("publish", short_note(tmp_path))
    database, copy = server.data / "steppe.db", tmp_path / "copy.db"
    with sqlite3.connect(database) as now, sqlite3.connect(copy) as then:
        now.backup(then)
    app = FieldApp(page, server.url)
    app.enrol(enrolment_code(server, "LTO05"))
    finish_note(app, "lost with the disk")
    nothing_waits(app)
    assert received(server) == [("LTO05", 1)]
    # The mark is brought up to date each second; a hand that puts a database back is slower.
    while not is_marked(server):
        page.wait_for_timeout(100)
    server.stop()
    # By hand, without a word to anybody: the server notices it by its mark and begins a new epoch.
    for name in ("steppe.db-wal", "steppe.db-shm"):
        (server.data / name).unlink(missing_ok=True)
    copy.replace(database)
    server.start()
    page.evaluate("location.hash = '#/outbox'")
    page.get_by_role("button", name="Send now").click()
    page.get_by_role("button", name="Enter a new code").click(timeout=PATIENCE_MS)
    page.get_by_label("Enrolment code").fill(enrolment_code(server, "LTO05"))
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("This phone has to be set up again")).to_have_count(0, timeout=PATIENCE_MS)
    kept = page.get_by_text("Its sealed text is kept on this phone for 14 days")
    expect(kept).to_be_visible(timeout=PATIENCE_MS)
    deadline = time.monotonic() + PATIENCE_MS / 1_000
    while received(server) != [("LTO05", 1)]:
        assert time.monotonic() < deadline, received(server)
        page.wait_for_timeout(200)
    nothing_waits(app)
    expect(kept).to_be_visible()


def empty_database(phone: Phone) -> None:
    """Take the database away, as a browser's loss of it or a cleaning app does; everything else stays."""
    [folder] = (phone.profile / "Default" / "IndexedDB").glob("*.indexeddb.leveldb")
    shutil.rmtree(folder)


def test_a_queued_report_and_a_draft_are_there_again_after_the_database_was_deleted(
    mission_server: Server, phone: Phone, tmp_path: Path
) -> None:
    server = mission_server
    server.command("publish", short_note(tmp_path))
    app = FieldApp(phone.page, server.url)
    app.enrol(enrolment_code(server, "LTO05"))
    server.stop()
    finish_note(app, "queued before the database went")
    app.begin(NOTE)
    app.write("words", "a draft before the database went")
    app.saved()
    phone.close()
    empty_database(phone)

    phone.start()
    app.page = phone.page
    app.open()
    expect(app.page.get_by_text("This app's data on this phone was gone")).to_be_visible(timeout=PATIENCE_MS)
    expect(app.page.get_by_text("finished reports 1, drafts 1")).to_be_visible()
    app.page.get_by_role("button", name="Understood").click()
    app.unlock()
    expect(app.page.get_by_text("Draft").first).to_be_visible()
    app.page.get_by_role("link", name=re.compile(NOTE)).first.click()
    expect(app.card("words").locator("input, textarea").first).to_have_value("a draft before the database went")
    app.go_today()
    server.start()
    nothing_waits(app)
    assert received(server) == [("LTO05", 1)]
    phone.restart()
    app.page = phone.page
    app.open()
    expect(app.page.get_by_role("heading", name="Steppe is locked")).to_be_visible()
    expect(app.page.get_by_text("This app's data on this phone was gone")).to_have_count(0)

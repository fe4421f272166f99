"""The main job in the engine of every iPhone: offline from the first report on, over two restarts, received once."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.desk_app import PASSWORD, USERNAME
from tests.e2e.pictures import camera_photo
from tests.e2e.server import Server
from tests.e2e.story import begin_report, end_report, files_with, nothing_typed_is_clear_on
from tests.e2e.webkit import WebKitPhone
from tests.e2e.webkit_field_app import WebKitFieldApp


@pytest.fixture
def desk_api(mission_server: Server) -> Iterator[Callable[[str], httpx.Response]]:
    """The desk's addresses, read with a session of its own: `desk_api("/submissions")`."""
    mission_server.command("password", USERNAME, "--stdin", piped=f"{PASSWORD}\n")
    with httpx.Client(headers={"X-Steppe": "1"}, timeout=30) as client:

        def get(path: str) -> httpx.Response:
            address = f"{mission_server.url}/api/v1"
            if not client.cookies:
                client.post(f"{address}/session", json={"username": USERNAME, "password": PASSWORD}).raise_for_status()
            return client.get(f"{address}{path}").raise_for_status()

        yield get


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_iphone_fills_offline_over_restarts_and_its_report_arrives_once(
    mission_server: Server,
    webkit_phone: WebKitPhone,
    desk_api: Callable[[str], httpx.Response],
    tmp_path: Path,
) -> None:
    server, phone = mission_server, webkit_phone
    app = WebKitFieldApp(phone, server.url)
    app.enrol(server.json("enrol", "--team", "LTO05")["code"])
    assert app.has_service_worker()

    server.stop()
    phone.restart()
    app.open()
    app.unlock()
    begin_report(app)

    phone.restart()
    app.open()
    app.unlock()
    app.tap("//a[span[normalize-space(.)='Polling station: voting']]")
    app.shows_chosen("vot_box_sealed", "no")
    end_report(app, camera_photo(tmp_path / "IMG_0001.jpg"))
    app.sees("LTO05-A001")
    app.sees("Waiting to send")
    phone.close()
    nothing_typed_is_clear_on(phone.profile)

    server.start()
    phone.start()
    app.open()
    app.unlock()
    app.go("Outbox")
    app.element("//a//span[starts-with(normalize-space(.), 'Received by HQ')]")
    app.sees("Photos and files received: 1 of 1")
    (report,) = desk_api("/submissions").json()["submissions"]
    assert (report["code"], report["region"], report["severity"]) == ("LTO05-A001", "KZ-ZAP", 3)

    phone.restart()
    app.open()
    app.unlock()
    app.go("Outbox")
    app.press("Send now")
    app.element("//button[normalize-space(.)='Send now'][not(@disabled)]")
    assert [one["id"] for one in desk_api("/submissions").json()["submissions"]] == [report["id"]]

    (attachment,) = desk_api(f"/submissions/{report['id']}").json()["attachments"]
    picture = desk_api(f"/attachments/{attachment['sha256']}/content").content
    assert hashlib.sha256(picture).hexdigest() == attachment["plain_sha256"]
    phone.close()
    middle = len(picture) // 2
    assert files_with([picture[middle : middle + 64]], phone.profile) == []

"""Publishing at the desk over HTTP, the life of a version, and its files, on both engines."""

import hashlib
import io
import zipfile
from typing import Any

import pytest
from httpx import Response
from sqlmodel import col, select

from steppe.audit.models import AuditEntry
from steppe.checklists.queries import form_readings
from steppe.checklists.xlsform.form_files import UPLOAD_LIMITS
from tests.checklists.forms import SETTINGS, Rows, markdown
from tests.fixtures_desk import ask, asked, cookie, keep_media, push_reports
from tests.fixtures_server import API, Server

QUESTIONS: Rows = ({"type": "select_one yn", "name": "open"}, {"type": "text", "name": "remark"})
FORM = markdown(QUESTIONS)
NEXT = markdown([*QUESTIONS, {"type": "integer", "name": "people"}], settings={**SETTINGS, "version": "2"})
PICTURE = b"\x89PNG a picture"
SHARED = b"| survey |\n| | type | name | label |\n| | text | shared_note | A note |\n"


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


async def send(server: Server, path: str, *files: tuple[str, bytes], role: str = "admin") -> Response:
    headers = {**cookie(server, role), "X-Steppe": "1"}
    return await server.client.post(
        f"{API}/desk/checklists{path}", files=[("files", file) for file in files], headers=headers
    )


async def set_status(server: Server, version: str, status: str, reason: str = "") -> Response:
    headers = {**cookie(server, "admin"), "X-Steppe": "1"}
    body = {"status": status, "reason": reason}
    return await server.client.post(f"{API}/desk/checklists/{version}/status", json=body, headers=headers)


async def checklists(server: Server, form: str = "a_form") -> list[dict[str, Any]]:
    listed = await asked(server, "expert", "/desk/checklists")
    return [one for one in listed["checklists"] if one["form"] == form]


async def test_checking_saves_nothing_and_shows_what_would_be_published(server: Server) -> None:
    found = (await send(server, "/check", ("a_form.md", FORM))).json()
    assert (found["publishing"], found["problems"], found["comparison"]) == ("new", [], None)
    assert found["definition"]["id"] == "a_form"
    assert await checklists(server) == []


async def test_checking_names_every_fault_by_sheet_row_and_column(server: Server) -> None:
    rows = [{"type": "txet", "name": "one"}, {"type": "text", "name": "two", "relevant": "${three} = 1"}]
    found = (await send(server, "/check", ("a_form.md", markdown(rows)))).json()
    assert found["publishing"] == "problems"
    assert found["definition"] is None
    assert {(one["sheet"], one["row"], one["column"], one["severity"]) for one in found["problems"]} >= {
        ("survey", 2, "type", "problem"),
        ("survey", 3, "relevant", "problem"),
    }
    refused = await send(server, "", ("a_form.md", markdown(rows)))
    assert refused.status_code == 422
    assert refused.json()["problems"]


async def test_a_form_without_its_pictures_can_be_looked_at_and_is_published_with_them(server: Server) -> None:
    form = "a_form.md", markdown([{"type": "text", "name": "q", "image": "door.png"}])
    found = (await send(server, "/check", form)).json()
    assert (found["publishing"], found["problems"]) == ("missing", [])
    assert [each["message"] for each in found["missing"]] == ["The file 'door.png' is not attached."]
    assert found["definition"]["files"]
    refused = await send(server, "", form)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:steppe:problem:checklist-problems")
    assert "door.png" in refused.json()["detail"]
    assert await checklists(server) == []
    whole = form, ("door.png", PICTURE)
    assert (await send(server, "/check", *whole)).json()["publishing"] == "new"
    assert (await send(server, "", *whole)).status_code == 200


async def test_publishing_keeps_a_version_that_phones_hear_of(server: Server) -> None:
    phone = server.phones[0]
    cursor = (await server.pull(phone))["next_cursor"]
    done = (await send(server, "", ("a_form.md", FORM))).json()
    assert done["is_new"]
    again = (await send(server, "", ("a_form.md", FORM))).json()
    assert not again["is_new"]
    assert again["checklist"] == done["checklist"]
    [change] = (await server.pull(phone, cursor))["changes"]
    assert (change["kind"], change["id"]) == ("checklist", done["checklist"]["id"])
    assert change["data"]["status"] == "open"
    [listed] = await checklists(server)
    assert (listed["published_by"], listed["is_offered"], listed["reports"]) == ("Admin", True, 0)


async def test_a_version_published_with_other_contents_is_refused_and_checking_says_so(server: Server) -> None:
    await send(server, "", ("a_form.md", FORM))
    other = markdown(QUESTIONS[:1])
    refused = await send(server, "", ("a_form.md", other))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:steppe:problem:version-taken")
    assert (await send(server, "/check", ("a_form.md", other))).json()["publishing"] == "taken"
    assert (await send(server, "/check", ("a_form.md", FORM))).json()["publishing"] == "same"


async def test_publishing_the_same_questions_with_another_reading_makes_no_other_version(server: Server) -> None:
    phone = server.phones[0]
    first = (await send(server, "", ("a_form.md", FORM))).json()["checklist"]
    cursor = (await server.pull(phone))["next_cursor"]
    other = markdown([{**QUESTIONS[0], "count": "no"}, {**QUESTIONS[1], "narrative": "yes", "theme_from": "open"}])
    assert (await send(server, "/check", ("a_form.md", other))).json()["publishing"] == "reading"
    done = (await send(server, "", ("a_form.md", other))).json()
    assert (done["is_new"], done["is_read_anew"]) == (False, True)
    assert (done["checklist"]["id"], done["checklist"]["hash"]) == (first["id"], first["hash"])
    assert (await server.pull(phone, cursor))["changes"] == []
    async with server.database.read() as session:
        reading = (await form_readings(session, server.seeded.mission.id))["a_form"]
    assert not reading["open"].is_counted
    assert (reading["remark"].is_quoted, reading["remark"].theme_from) == (True, "open")
    again = (await send(server, "", ("a_form.md", other))).json()
    assert (again["is_new"], again["is_read_anew"]) == (False, False)


async def test_a_limited_mission_makes_no_total_of_figures_from_visits(server: Server) -> None:
    rows = [*QUESTIONS, {"type": "integer", "name": "ballots", "sum": "yes"}]
    visit = markdown(rows, settings={**SETTINGS, "kind": "polling_station"})
    refused = await send(server, "", ("a_form.md", visit))
    assert refused.status_code == 422
    assert [(one["row"], one["column"]) for one in refused.json()["problems"]] == [(4, "sum")]
    assert (await send(server, "/check", ("a_form.md", visit))).json()["publishing"] == "problems"
    weekly = markdown(rows, settings={**SETTINGS, "kind": "weekly"})
    assert (await send(server, "", ("a_form.md", weekly))).json()["is_new"]


async def test_of_several_open_versions_the_newest_is_offered_and_a_closed_one_hands_it_back(server: Server) -> None:
    for content in (FORM, NEXT):
        await send(server, "", ("a_form.md", content))
    newest, older = await checklists(server)
    assert (newest["version"], newest["is_offered"], older["is_offered"]) == ("2", True, False)
    assert older["status"] == "open"
    await set_status(server, newest["id"], "closing")
    newest, older = await checklists(server)
    assert (newest["is_offered"], older["is_offered"]) == (False, True)


async def test_a_status_is_announced_and_audited_and_goes_back_only_with_a_reason(server: Server) -> None:
    phone, version = server.phones[0], str(server.seeded.checklist_version_id)
    cursor = (await server.pull(phone))["next_cursor"]
    assert (await set_status(server, version, "retired")).json()["status"] == "retired"
    [change] = (await server.pull(phone, cursor))["changes"]
    assert (change["id"], change["data"]["status"]) == (version, "retired")
    refused = await set_status(server, version, "open")
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:steppe:problem:reason-needed")
    opened = await set_status(server, version, "open", "a team is still without network")
    assert (opened.json()["status"], opened.json()["retired_at"]) == ("open", None)
    async with server.database.read() as session:
        entries = (await session.exec(select(AuditEntry).where(col(AuditEntry.action) == "checklist.status"))).all()
    assert [entry.detail["to"] for entry in sorted(entries, key=lambda entry: entry.at)] == ["retired", "open"]
    assert entries[-1].actor.startswith("person:")


async def test_setting_the_status_it_has_changes_nothing(server: Server) -> None:
    version = str(server.seeded.checklist_version_id)
    cursor = (await server.pull(server.phones[0]))["next_cursor"]
    assert (await set_status(server, version, "open")).status_code == 200
    assert (await server.pull(server.phones[0], cursor))["changes"] == []


async def test_reports_are_counted_per_version(server: Server) -> None:
    await push_reports(server, server.phones[0], {}, {"box_sealed": "no"})
    [visit] = await checklists(server, "visit")
    assert visit["reports"] == 2


async def test_two_versions_are_compared_question_by_question(server: Server) -> None:
    for content in (FORM, NEXT):
        await send(server, "", ("a_form.md", content))
    newest, older = await checklists(server)
    found = await asked(server, "expert", f"/desk/checklists/{older['id']}/diff/{newest['id']}")
    assert [(change["kind"], change["id"]) for change in found["changes"]] == [("added", "people")]
    assert found["comparable"] == ["open", "remark"]
    unknown = await ask(server, "expert", f"/desk/checklists/{older['id']}/diff/{server.seeded.mission.id}")
    assert unknown.status_code == 404


async def test_checking_the_next_version_tells_what_changes(server: Server) -> None:
    await send(server, "", ("a_form.md", FORM))
    found = (await send(server, "/check", ("a_form.md", NEXT))).json()
    assert found["comparison"]["before"]["version"] == "1"
    assert [change["id"] for change in found["comparison"]["changes"]] == ["people"]


async def test_a_zip_brings_the_form_with_its_shared_parts(server: Server) -> None:
    form = markdown([*QUESTIONS, {"type": "include", "name": "common"}])
    content = zipped({"a_form/a_form.md": form, "a_form/_common.md": SHARED, "__MACOSX/a_form/._a_form.md": b"x"})
    done = (await send(server, "", ("a_form.zip", content))).json()
    assert [(file["name"], file["role"]) for file in done["checklist"]["files"]] == [("_common.md", "include")]
    definition = await ask(server, "expert", f"/checklists/{done['checklist']['id']}")
    assert "shared_note" in definition.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("form.zip", b"no zip", "the zip cannot be read"),
        ("form.zip", zipped({"../form.md": FORM}), "is no name of a file within its folder"),
        ("form.zip", zipped({"/form.md": FORM}), "is no name of a file within its folder"),
        ("form.zip", zipped({"form.md": FORM, "other.md": FORM}), "several forms"),
        ("form.zip", zipped({"seal.png": b"x"}), "no form in it"),
        ("form.zip", zipped({"form.md": FORM, "bomb.png": bytes(UPLOAD_LIMITS.file + 1)}), "bomb.png has"),
        ("form.zip", zipped({"form.md": FORM, **{f"{n}.png": b"" for n in range(500)}}), "too many"),
        ("form.zip", zipped({"form.md": FORM, **{f"{n}.png": bytes(17 << 20) for n in range(4)}}), "unpack to"),
        ("form.xlsx", b"no spreadsheet", "is no spreadsheet"),
        ("form.xlsx", zipped({"xl/workbook.xml": bytes(65 << 20)}), "form.xlsx: xl/workbook.xml has"),
        ("picture.png", b"x", "no form in it"),
    ],
)
async def test_what_is_no_form_is_refused_in_words(server: Server, name: str, content: bytes, said: str) -> None:
    for path in ("/check", ""):
        refused = await send(server, path, (name, content))
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:steppe:problem:bad-upload")
        assert said in refused.json()["detail"]


async def test_an_upload_over_the_limit_is_not_read_to_its_end(server: Server) -> None:
    refused = await send(server, "/check", ("form.zip", bytes(UPLOAD_LIMITS.packed + 1)))
    assert (refused.status_code, refused.json()["type"]) == (413, "urn:steppe:problem:too-large")


async def test_a_form_comes_with_its_pictures_and_tables_and_is_handed_back_with_them(server: Server) -> None:
    survey: Rows = (
        {"type": "select_one_from_file schools.csv", "name": "school", "label": "School", "image": "seal.png"},
        {"type": "note", "name": "look", "label": "Look", "image": "same.png"},
    )
    files = {"a_form.md": markdown(survey, choices=()), "schools.csv": b"name,label\ns1,School 1\n"}
    pictures = {"seal.png": PICTURE, "same.png": PICTURE}
    done = (await send(server, "", *files.items(), *pictures.items(), ("unused.png", b"x"))).json()["checklist"]
    assert sorted((file["name"], file["role"]) for file in done["files"]) == [
        ("same.png", "media"),
        ("schools.csv", "table"),
        ("seal.png", "media"),
    ]
    phone = server.phones[0]
    definition = (await server.as_device(phone, "GET", f"/checklists/{done['id']}")).json()
    [sha256] = definition["files"]
    assert definition["sections"][0]["nodes"][0]["media"]["image"] == {"en": sha256}
    assert (await server.as_device(phone, "GET", f"/checklists/files/{sha256}")).content == PICTURE
    back = await ask(server, "expert", f"/desk/checklists/{done['id']}/form.zip")
    assert not (await send(server, "", ("back.zip", back.content))).json()["is_new"]
    missing = (await send(server, "/check", *files.items())).json()
    assert {one["column"] for one in missing["missing"]} == {"image"}


async def test_several_checklists_come_in_one_answer_each_as_it_comes_by_itself(server: Server) -> None:
    ids = [(await send(server, "", ("a_form.md", form))).json()["checklist"]["id"] for form in (FORM, NEXT)]
    phone = server.phones[0]
    path = f"/checklists?format=2&versions={ids[1]}&versions={ids[0]}"
    answers = {}
    for encoding in ("br", "gzip", "identity", "br;q=0, gzip"):
        answer = await server.as_device(phone, "GET", path, headers_too={"Accept-Encoding": encoding})
        answers[encoding] = answer.headers.get("content-encoding")
        assert list(answer.json()) == [ids[1], ids[0]]
        for version, definition in answer.json().items():
            assert definition == (await server.as_device(phone, "GET", f"/checklists/{version}?format=2")).json()
    assert answers == {"br": "br", "gzip": "gzip", "identity": None, "br;q=0, gzip": "gzip"}
    answer = await server.as_device(phone, "GET", path)
    held = {"If-None-Match": answer.headers["etag"]}
    assert (await server.as_device(phone, "GET", path, headers_too=held)).status_code == 304
    foreign = await server.as_device(phone, "GET", f"{path}&versions={server.seeded.mission.id}")
    assert foreign.status_code == 404
    assert (await server.as_device(phone, "GET", "/checklists?format=2")).status_code == 400


async def test_warnings_come_with_their_cells_and_stop_nobody(server: Server) -> None:
    doubtful = markdown([*QUESTIONS, {"type": "text", "name": "why", "relevant": "${open} = 'maybe'"}])
    found = (await send(server, "/check", ("a_form.md", doubtful))).json()
    assert (found["publishing"], found["problems"]) == ("new", [])
    assert [(one["row"], one["column"], one["severity"]) for one in found["warnings"]] == [(4, "relevant", "warning")]
    published = (await send(server, "", ("a_form.md", doubtful))).json()
    assert published["warnings"] == found["warnings"]


async def test_media_of_a_version_is_there_for_phones_and_desk_and_never_changes(server: Server) -> None:
    sha256 = await keep_media(server, PICTURE)
    path = f"/checklists/files/{sha256}"
    for response in (await server.as_device(server.phones[0], "GET", path), await ask(server, "auditor", path)):
        assert (response.content, response.headers["content-type"]) == (PICTURE, "image/png")
        assert "immutable" in response.headers["cache-control"]
        assert "sandbox" in response.headers["content-security-policy"]
    headers = {**cookie(server, "expert"), "If-None-Match": f'"{sha256}"'}
    assert (await server.client.get(API + path, headers=headers)).status_code == 304
    unknown = hashlib.sha256(b"something else").hexdigest()
    assert (await ask(server, "expert", f"/checklists/files/{unknown}")).status_code == 404


async def test_a_form_is_handed_back_as_it_was_published(server: Server) -> None:
    content = zipped({"a_form.md": markdown([*QUESTIONS, {"type": "include", "name": "common"}]), "_common.md": SHARED})
    published = (await send(server, "", ("a_form.zip", content))).json()["checklist"]
    for ending, kind in (("xlsx", "spreadsheetml"), ("xml", "application/xml"), ("zip", "application/zip")):
        back = await ask(server, "auditor", f"/desk/checklists/{published['id']}/form.{ending}")
        assert kind in back.headers["content-type"]
        assert f'filename="a_form-1.{ending}"' in back.headers["content-disposition"]
        if ending == "xml":
            assert "<shared_note/>" in back.text
            continue
        again = (await send(server, "", (f"back.{ending}", back.content))).json()
        assert (again["is_new"], again["checklist"]["hash"]) == (False, published["hash"])
    assert (await ask(server, "auditor", f"/desk/checklists/{published['id']}/form.exe")).status_code == 400

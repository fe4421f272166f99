"""Reports as OpenRosa XML: instances of the form's own XForm, with nothing exports leave out."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col

from steppe.audit.models import AuditEntry
from steppe.checklists.models import ChecklistVersion
from steppe.checklists.xlsform.to_xlsform import KeptForm, xform
from steppe.exports.openrosa import instance_xml, read_model
from steppe.exports.tables import FACTS, Line
from tests.fixtures_checklist import answers
from tests.fixtures_desk import ask, push_photo, push_reports
from tests.fixtures_neighbour import own
from tests.fixtures_nested import ANSWERS, DEFINITION, PICTURE, SOURCE
from tests.fixtures_server import Server

XFORM = xform(KeptForm("rooms", "1", "rooms.md", SOURCE))
MODEL = read_model(XFORM)
ID = UUID("01976e3c-0000-7000-8000-000000000001")


def line(given_answers: dict[str, object], **media: str) -> Line:
    facts = ("LTO01-A001", *[""] * (len(FACTS) - 1))
    return Line(ID, facts, given_answers, datetime(2021, 1, 10, 8, tzinfo=UTC), media)


def made(given_answers: dict[str, object], **media: str) -> ET.Element:
    return ET.fromstring(instance_xml(MODEL, DEFINITION, line(given_answers, **media)))


def paths(element: ET.Element, above: str = "") -> Iterator[str]:
    """Every path of elements, namespaces left out."""
    path = f"{above}/{element.tag.rpartition('}')[2]}"
    yield path
    for child in element:
        yield from paths(child, path)


def model_paths() -> set[str]:
    """The primary instance, read without the code under test."""
    root = ET.fromstring(XFORM)
    instance = next(node for node in root.iter() if node.tag.endswith("}instance"))
    return set(paths(instance[0]))


def test_an_instance_says_which_form_and_which_report_it_is() -> None:
    root = made(ANSWERS)
    assert (root.get("id"), root.get("version")) == ("rooms", "1")
    assert root.findtext("meta/instanceID") == f"uuid:{ID}"
    assert root.get("submissionDate") == "2021-01-10T08:00:00.000Z"


def test_groups_and_repeats_nest_as_the_xform_says() -> None:
    root = made(ANSWERS)
    rooms = root.findall("visit/room")
    assert [room.findtext("room_name") for room in rooms] == ["Hall", "Cellar"]
    assert [[age.text for age in room.findall("person/age")] for room in rooms] == [["30", "40"], ["50"]]
    assert rooms[0].findtext("person/paper/paper_title") == "Passport"
    assert rooms[0].findtext("width") == "4.25"
    assert root.findtext("visit/inner/seen") == "table lamp"


def test_answers_are_written_as_odk_writes_them() -> None:
    root = made(ANSWERS, **{PICTURE: "image/jpeg"})
    assert root.findtext("visit/wishes") == "lamp table chair"
    assert root.findtext("visit/left_at") == "14:05:00.000"
    assert root.findtext("visit/inner/seen_at") == "2021-01-10T14:05:00.000+06:00"
    assert root.findtext("visit/remark") == "<quiet> & cold"
    assert root.findtext("visit/door") == f"{PICTURE[:16]}.jpg"
    assert root.findtext("visit/mood") == "7"


def test_what_exports_leave_out_stays_empty() -> None:
    root = made(ANSWERS)
    for path in ("visit/source_name", "visit/spot", "start"):
        assert root.find(path) is not None
        assert not root.findtext(path)


def test_every_element_of_an_instance_is_in_the_model() -> None:
    assert set(paths(made(ANSWERS))) <= model_paths()
    assert set(paths(made({}))) <= model_paths()


ROW = st.sampled_from(["r1", "r2", "r3"])
ROWS = st.lists(ROW, unique=True, max_size=3)


@given(st.data())
def test_every_row_of_any_report_is_there_in_its_order_and_nothing_else(data: st.DataObject) -> None:
    given_answers: dict[str, object] = {"room": data.draw(ROWS), "remark": data.draw(st.text(max_size=8))}
    for room in ("r1", "r2", "r3"):
        given_answers[f"room/{room}/room_name"] = f"room {room}"
        given_answers[f"room/{room}/person"] = data.draw(ROWS)
        for person in ("r1", "r2", "r3"):
            given_answers[f"room/{room}/person/{person}/age"] = data.draw(st.integers(-5, 10**12))
    root = made(given_answers)
    assert set(paths(root)) <= model_paths()
    rooms = root.findall("visit/room")
    assert [one.findtext("room_name") for one in rooms] == [f"room {row}" for row in given_answers["room"]]  # type: ignore[attr-defined]  # a list of row ids
    for room, element in zip(given_answers["room"], rooms, strict=True):  # type: ignore[call-overload]  # a list of row ids
        people = given_answers[f"room/{room}/person"]
        ages = [str(given_answers[f"room/{room}/person/{person}/age"]) for person in people]  # type: ignore[attr-defined]  # a list of row ids
        assert [one.text for one in element.findall("person/age")] == ages


async def opened(server: Server, role: str = "expert", **params: str) -> zipfile.ZipFile:
    response = await ask(server, role, "/exports/openrosa.zip", **params)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(response.content))


async def with_source(server: Server) -> None:
    """Give the seeded version the XLSForm its definition could have come from."""
    survey = (
        "| survey |\n| | type | name | label |\n| | text | station | S |\n| | select_one yno | box_sealed | B |\n"
        "| | text | source_name | N |\n| | text | remarks | R |\n| | image | photo | P |\n"
        "| | begin repeat | inc | I | |\n| | text | inc_text | T |\n| | end repeat | | |\n"
        "| choices |\n| | list_name | name | label |\n| | yno | yes | Yes |\n| | yno | no | No |\n"
        "| settings |\n| | form_id | version |\n| | visit | 2021-01-05 |\n"
    )
    async with server.database.write() as session:
        version = await session.get_one(ChecklistVersion, server.seeded.checklist_version_id)
        version.source = survey.encode()
        session.add(version)


async def test_each_report_is_a_file_named_by_its_instance_id(server: Server) -> None:
    await with_source(server)
    ids = await push_reports(server, server.phones[0], {"inc": ["a"], "inc/a/inc_text": "A push"}, {"remarks": "=1+1"})
    archive = await opened(server, form="visit")
    folder = "visit-2021-01-05"
    assert sorted(archive.namelist()) == sorted(
        [f"{folder}/form.xml", *(f"{folder}/instances/uuid{one}/submission.xml" for one in ids)]
    )
    first, second = [ET.fromstring(archive.read(f"{folder}/instances/uuid{one}/submission.xml")) for one in ids]
    assert first.findtext("inc/inc_text") == "A push"
    assert second.findtext("remarks") == "=1+1"
    assert second.find("inc") is None


async def test_no_confidential_report_and_no_sealed_answer_leaves_as_openrosa(server: Server) -> None:
    await with_source(server)
    levels = ("internal", "restricted", "confidential", "sealed")
    await push_reports(server, server.phones[0], *({"conf_level": level, "remarks": f"a {level}"} for level in levels))
    for role in ("expert", "coordinator", "head"):
        archive = await opened(server, role)
        texts = [archive.read(name).decode() for name in archive.namelist() if name.endswith("submission.xml")]
        assert len(texts) == 2
        assert not any("Somebody" in text or "a sealed" in text or "a confidential" in text for text in texts)


async def test_a_photo_is_named_with_the_ending_of_its_type_and_its_bytes_stay(server: Server) -> None:
    await with_source(server)
    await push_photo(server, server.phones[0], b"\xff\xd8 a picture")
    archive = await opened(server)
    [name] = [name for name in archive.namelist() if name.endswith("submission.xml")]
    named = ET.fromstring(archive.read(name)).findtext("photo")
    assert named is not None
    assert named.endswith(".jpg")
    assert len(archive.namelist()) == 2


async def test_only_those_who_read_reports_take_them_out_and_it_is_audited(server: Server) -> None:
    await with_source(server)
    await push_reports(server, server.phones[0], answers())
    assert (await ask(server, "admin", "/exports/openrosa.zip")).status_code == 404
    assert (await ask(server, "expert", "/exports/openrosa.zip", form="nothing")).status_code == 404
    await opened(server, region="KZ-AST")
    async with server.database.read() as session:
        entry = (await session.exec(own(AuditEntry).where(col(AuditEntry.action) == "export.submissions"))).one()
    assert (entry.detail["format"], entry.detail["region"], entry.detail["reports"]) == ("zip", "KZ-AST", 1)

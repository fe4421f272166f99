"""Files beside a form: tables for choices and lookups, pictures and sounds for its texts."""

import hashlib
from pathlib import Path

import pytest

from steppe.checklists.definition import Question
from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import Compiled, compile_form
from steppe.checklists.xlsform.form_files import read_form
from steppe.checklists.xlsform.tables import ROWS, TableFault, read_table
from tests.checklists.forms import YES_NO, Rows, markdown

TOWNS = b"\xef\xbb\xbfname,label,label::Russian (ru),region\nala,Almaty,\xd0\x90,south\nast,Astana,\xd0\x90,north\n"


def form(survey: Rows, files: dict[str, bytes], choices: Rows = YES_NO) -> Compiled:
    return compile_form(markdown(survey, choices), "a_form.md", files)


def question(held: Compiled, name: str) -> Question:
    return next(one for _, _, one in held.definition.questions() if one.id == name)


def fault(survey: Rows, files: dict[str, bytes]) -> str:
    with pytest.raises(ChecklistProblems) as raised:
        form(survey, files)
    (problem,) = raised.value.problems
    return f"{problem.message} {problem.suggestion}"


def test_choices_from_a_file_are_a_table_with_its_headers_kept() -> None:
    rows = [{"type": "select_one_from_file towns.csv", "name": "q", "choice_filter": "region = 'south'"}]
    held = form(rows, {"towns.csv": TOWNS})
    asked = question(held, "q")
    assert (asked.table, asked.list, asked.value, asked.text) == ("towns", None, None, None)
    assert asked.filter == ["=", ["col", "region"], ["s", "south"]]
    assert held.definition.tables is not None
    assert held.definition.tables["towns"].columns == ("name", "label", "label::Russian (ru)", "region")
    assert held.definition.tables["towns"].rows[0] == ("ala", "Almaty", "А", "south")


def test_parameters_name_the_columns_of_a_file() -> None:
    rows = [{"type": "select_multiple_from_file t.csv", "name": "q", "parameters": "value=code label=town"}]
    asked = question(form(rows, {"t.csv": b"code,town\n1,A\n"}), "q")
    assert (asked.type, asked.value, asked.text, asked.parameters) == ("select_multiple", "code", "town", None)


def test_xml_and_geojson_are_tables_too() -> None:
    xml = b"<root><item><name>a</name><label>A</label></item></root>"
    point = b'{"type": "Point", "coordinates": [71.4, 51.1]}'
    geojson = b'{"features": [{"id": "a", "properties": {"title": "A", "size": 3}, "geometry": ' + point + b"}]}"
    rows = [
        {"type": "select_one_from_file x.xml", "name": "q"},
        {"type": "select_one_from_file g.geojson", "name": "r"},
    ]
    held = form(rows, {"x.xml": xml, "g.geojson": geojson})
    assert held.definition.tables is not None
    assert held.definition.tables["x"].rows == (("a", "A"),)
    assert held.definition.tables["g"].columns == ("title", "size", "id", "geometry")
    assert held.definition.tables["g"].rows == (("A", "3", "a", "51.1 71.4 0 0"),)
    assert (question(held, "r").value, question(held, "r").text) == ("id", "title")


def test_an_external_choice_list_is_filtered_by_its_name() -> None:
    sheets = markdown([{"type": "select_one_external towns", "name": "q", "choice_filter": "region = 'south'"}], [])
    external = b"\n| external_choices |\n| | list_name | name | label | region |\n| | towns | a | A | south |"
    held = compile_form(sheets + external, "f.md")
    own = ["=", ["col", "list_name"], ["s", "towns"]]
    assert question(held, "q").table == "external_choices"
    assert question(held, "q").filter == ["and", own, ["=", ["col", "region"], ["s", "south"]]]


def test_search_takes_choices_from_a_file() -> None:
    choices = [{"list_name": "t", "name": "name", "label": "label"}]
    rows = [
        {"type": "text", "name": "r"},
        {
            "type": "select_one t",
            "name": "q",
            "appearance": "minimal search('towns', 'matches', 'region', ${r})",
        },
    ]
    asked = question(form(rows, {"towns.csv": TOWNS}, choices), "q")
    assert (asked.table, asked.value, asked.text, asked.appearance) == ("towns", "name", "label", ("minimal",))
    assert asked.filter == ["=", ["col", "region"], ["ref", "r"]]


def test_a_filter_takes_the_columns_it_reads_into_the_choices() -> None:
    choices = [
        {"list_name": "t", "name": "a", "label": "A", "region": "south", "remark": "ask"},
        {"list_name": "t", "name": "b", "label": "B", "region": "", "remark": ""},
    ]
    rows = [
        {"type": "text", "name": "r"},
        {"type": "select_one t", "name": "q", "choice_filter": "region = ${r}"},
    ]
    definition = form(rows, {}, choices).definition
    assert [choice.columns for choice in definition.choices["t"]] == [{"region": "south"}, None]
    assert definition.dependants["r"] == ("q",)


def test_a_looked_up_list_is_kept_though_no_question_offers_it() -> None:
    rows = [{"type": "calculate", "name": "q", "calculation": "count(instance('yn')/root/item)"}]
    assert set(form([*rows, {"type": "text", "name": "t"}], {}).definition.choices) == {"yn"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name;label\na;b\n", "not separated by commas"),
        (b"", "is empty"),
        ("name,label\nÅ,b".encode("latin-1"), "not UTF-8"),
        (b"name,name\na,b\n", "two columns 'name'"),
        (b"name,,label\na,b,c\n", "Column 2 of 'towns.csv' has no name"),
        (b"name,label\na,b,c\n", "Line 2 of 'towns.csv' has 3 cells"),
        (b'name,label\n"a"b,c\n', "near line 2"),
        (b"name,town\na,b\n", "no column 'label' to show"),
        (b"name,label\n" + b"a,b\n" * (ROWS + 1), f"{ROWS} rows"),
        (b"name,label\n" + (b"a," + b"b" * 999 + b"\n") * 2200, "bytes fit"),
    ],
)
def test_a_file_that_is_no_table_says_what_is_wrong(content: bytes, message: str) -> None:
    rows = [{"type": "select_one_from_file towns.csv", "name": "q"}]
    assert message in fault(rows, {"towns.csv": content})


def test_xml_with_a_document_type_is_refused() -> None:
    rows = [{"type": "xml-external", "name": "x"}, {"type": "text", "name": "q"}]
    assert "document type" in fault(rows, {"x.xml": b"<!DOCTYPE a []><root/>"})


def test_xml_that_nests_without_end_is_refused() -> None:
    deep = "".join(f"<a{level}>" for level in range(30)), "".join(f"</a{level}>" for level in reversed(range(30)))
    with pytest.raises(TableFault, match="nests more than 8"):
        read_table("t.xml", f"<root><item>{deep[0]}x{deep[1]}</item></root>".encode())


def test_the_files_that_an_answer_chooses_among_are_kept_with_the_form(tmp_path: Path) -> None:
    form = tmp_path / "a_form.md"
    rows = [{"type": "text", "name": "d"}, {"type": "note", "name": "n", "relevant": "pulldata(${d}, 'b', 'a', 1) = 2"}]
    form.write_bytes(markdown(rows))
    for name in ("south", "north"):
        (tmp_path / f"{name}.csv").write_text("a,b\n1,2\n")
    (tmp_path / "other.csv").write_text("c\n1\n")
    assert [file.name for file in read_form(form).files] == ["north.csv", "south.csv"]


def test_a_missing_file_is_named_with_the_one_most_like_it() -> None:
    rows = [{"type": "calculate", "name": "q", "calculation": "pulldata('town', 'label', 'name', 'a')"}]
    assert "Did you mean 'towns.csv'?" in fault([*rows, {"type": "text", "name": "t"}], {"towns.csv": TOWNS})


def test_media_are_kept_by_their_hash_once() -> None:
    rows = [
        {
            "type": "text",
            "name": "q",
            "media::image": "a.png",
            "audio::English (en)": "a.mp3",
            "label::English (en)": "Q",
        },
        {"type": "note", "name": "n", "image": "a.png", "label::English (en)": ""},
    ]
    choices = [{"list_name": "yn", "name": "yes", "label::English (en)": "Yes", "big-image": "b.png"}]
    rows = [{**rows[0]}, {"type": "select_one yn", "name": "s", "label::English (en)": "S"}]
    held = form(rows, {"a.png": b"a", "a.mp3": b"sound", "b.png": b"a"}, choices)
    digest, sound = hashlib.sha256(b"a").hexdigest(), hashlib.sha256(b"sound").hexdigest()
    media = question(held, "q").media
    assert media is not None
    assert (media.image, media.audio) == ({"en": digest}, {"en": sound})
    assert held.definition.files is not None
    assert (held.definition.files[sound].type, held.definition.files[sound].size) == ("audio/mpeg", 5)
    assert held.files == {digest: b"a", sound: b"sound"}
    offered = held.definition.choices["yn"][0].media
    assert offered is not None
    assert offered.big_image == {"en": digest}


def test_a_picture_alone_is_enough_of_a_label() -> None:
    held = form([{"type": "text", "name": "q", "label": "", "image": "a.png"}], {"a.png": b"a"})
    assert question(held, "q").label == {"en": "q"}


def test_a_sound_in_the_column_of_pictures_is_refused() -> None:
    assert "no file of this kind" in fault([{"type": "text", "name": "q", "image": "a.mp3"}], {"a.mp3": b"a"})


def test_files_lie_in_the_media_folder_or_beside_the_form(tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    path.write_bytes(
        markdown(
            [
                {"type": "select_one_from_file towns.csv", "name": "q", "image": "a.png"},
                {"type": "csv-external", "name": "towns", "label": ""},
            ]
        )
    )
    (tmp_path / "form-media").mkdir()
    (tmp_path / "form-media/a.png").write_bytes(b"inner")
    (tmp_path / "a.png").write_bytes(b"outer")
    (tmp_path / "towns.csv").write_bytes(TOWNS)
    held = compile_form(path)
    assert list(held.files.values()) == [b"inner"]
    assert set(held.definition.tables or {}) == {"towns"}


@pytest.mark.parametrize("name", ["../towns.csv", "inner/towns.csv", "/etc/towns.csv", "..\\towns.csv"])
def test_a_form_reads_no_file_but_those_beside_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "towns.csv").write_bytes(TOWNS)
    (tmp_path / "forms/inner").mkdir(parents=True)
    (tmp_path / "forms/inner/towns.csv").write_bytes(TOWNS)
    path = tmp_path / "forms/form.md"
    path.write_bytes(markdown([{"type": f"select_one_from_file {name}", "name": "q"}]))
    with pytest.raises(ChecklistProblems, match="is not attached"):
        compile_form(path)

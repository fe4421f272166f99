"""A form can be checked and tried out before its pictures and tables are at hand; publishing asks for them by name."""

from pathlib import Path

import pytest

from steppe.checklists.form_process import compile_file
from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import Compiled, compile_form
from steppe.checklists.xlsform.form_files import read_forms
from tests.checklists.forms import markdown

TOWNS = b"name,label,region\nast,Astana,KZ\n"


def looked_at(*survey: dict[str, str], files: dict[str, bytes] | None = None) -> Compiled:
    return compile_form(markdown(list(survey)), "a_form.md", files or {}, stands_in=True)


def asked_for(form: Compiled) -> list[tuple[int, str, str]]:
    return [(each.row, each.column, each.message) for each in form.missing]


def test_a_picture_that_is_not_attached_is_asked_for_and_something_stands_in_for_it() -> None:
    form = looked_at({"type": "text", "name": "q", "image": "map.png"})
    assert asked_for(form) == [(2, "image", "The file 'map.png' is not attached.")]
    (_, _, question) = next(form.definition.questions())
    assert question.media
    assert question.media.image
    assert (form.definition.files or {})[question.media.image["en"]].name == "map.png"
    assert form.files == {}


def test_a_table_that_is_not_attached_has_the_columns_that_are_read_of_it() -> None:
    form = looked_at(
        {"type": "select_one_from_file towns.csv", "name": "town", "parameters": "value=code label=title"}
        | {"choice_filter": "region = 'KZ'"},
        {"type": "calculate", "name": "size", "calculation": "pulldata('towns', 'people', 'code', ${town})"},
        {"type": "calculate", "name": "far", "calculation": "instance('roads')/root/item[a = 1]/km"},
    )
    assert [message for _, _, message in asked_for(form)] == [
        "The file 'towns.csv' is not attached.",
        "The file 'roads.csv' is not attached.",
    ]
    tables = form.definition.tables or {}
    assert {"code", "title", "region", "people"} <= set(tables["towns"].columns)
    assert tables["towns"].rows[0][0] == "towns.csv"


def test_files_that_an_answer_chooses_are_asked_for_by_the_columns_they_need() -> None:
    rows = [
        {"type": "text", "name": "d"},
        {"type": "calculate", "name": "a", "calculation": "pulldata(${d}, 'people', 'code', 'x')"},
        {"type": "calculate", "name": "b", "calculation": "pulldata(${d}, 'town', 'code', 'x')"},
    ]
    held = looked_at(*rows)
    assert [one.row for one in held.missing] == [3, 4]
    assert "'people', 'code'" in held.missing[0].message
    files = {"north.csv": b"code,town\nx,Aral\n", "odd.csv": b"\xff"}
    half = looked_at(*rows, files=files)
    assert [one.row for one in half.missing] == [3]
    assert "'odd.csv' is not UTF-8" in half.missing[0].message


def test_what_is_attached_is_judged_as_ever() -> None:
    with pytest.raises(ChecklistProblems, match="no column 'code'"):
        looked_at(
            {"type": "select_one_from_file towns.csv", "name": "town", "parameters": "value=code"},
            files={"towns.csv": TOWNS},
        )


def test_a_form_with_all_its_files_misses_none() -> None:
    form = looked_at({"type": "select_one_from_file towns.csv", "name": "town"}, files={"towns.csv": TOWNS})
    assert form.missing == ()


def test_the_process_that_compiles_for_the_desk_tells_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    path.write_bytes(markdown([{"type": "text", "name": "q", "image": "map.png"}]))
    assert [each.message for each in compile_file(path).missing] == ["The file 'map.png' is not attached."]


def test_a_pack_with_a_form_that_misses_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    path.write_bytes(markdown([{"type": "text", "name": "q", "image": "map.png"}]))
    with pytest.raises(ChecklistProblems, match="not attached"):
        read_forms([path])

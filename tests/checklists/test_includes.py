"""Rows that several checklists share are written once, and a fault in them is found where it was written."""

from pathlib import Path

import pytest

from steppe.checklists.definition import Section
from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import compile_checklist

FORM = """
| survey |
| | type | name | label::English (en) |
| | include | shared | |
| | text | own | Own |
| settings |
| | form_title | form_id | version | default_language |
| | Form | form | 1 | English (en) |
"""
SHARED = """
| survey |
| | type | name | label::English (en) | theme |
| | begin_group | part | Part | |
| | select_one yn | agreed | Agreed? | adm |
| | end_group | | | |
| choices |
| | list_name | name | label::English (en) |
| | yn | yes | Yes |
| | yn | no | No |
"""


def write(folder: Path, form: str = FORM, **shared: str) -> Path:
    for name, text in shared.items():
        (folder / f"_{name}.md").write_text(text)
    path = folder / "form.md"
    path.write_text(form)
    return path


def ids(sections: tuple[Section, ...]) -> list[str]:
    return [node.id for section in sections for node in section.nodes]


def test_included_rows_and_their_choice_lists_take_the_place_of_the_include(tmp_path: Path) -> None:
    definition = compile_checklist(write(tmp_path, shared=SHARED))
    assert ids(definition.sections) == ["agreed", "own"]
    assert [choice.name for choice in definition.choices["yn"]] == ["yes", "no"]


def test_a_fault_names_the_shared_file_and_its_row(tmp_path: Path) -> None:
    with pytest.raises(ChecklistProblems) as caught:
        compile_checklist(write(tmp_path, shared=SHARED.replace("select_one yn", "select_one yes_no")))
    (problem,) = caught.value.problems
    assert (problem.sheet, problem.row, problem.column) == ("survey of _shared.md", 3, "type")


def test_a_fault_after_an_include_keeps_its_own_row(tmp_path: Path) -> None:
    with pytest.raises(ChecklistProblems) as caught:
        compile_checklist(write(tmp_path, FORM.replace("| | text | own", "| | txet | own"), shared=SHARED))
    (problem,) = caught.value.problems
    assert (problem.sheet, problem.row) == ("survey", 3)


def test_a_missing_file_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ChecklistProblems, match=r"no file '_shared.md'.*Files to include: common"):
        compile_checklist(write(tmp_path, common=SHARED))


def test_an_uploaded_form_includes_nothing(tmp_path: Path) -> None:
    content = write(tmp_path, shared=SHARED).read_bytes()
    with pytest.raises(ChecklistProblems, match="cannot include"):
        compile_checklist(content, "form.md")

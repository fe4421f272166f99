"""Older workbooks read as the texts of their cells, whatever their file is called, and cost no more than those."""

import io

import pytest
from openpyxl import load_workbook

from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import compile_form
from steppe.checklists.xlsform.form_files import upload_files
from steppe.kit import xls_workbook
from steppe.kit.packed_files import BadUpload
from steppe.kit.xls_workbook import UnreadableWorkbook, as_xlsx
from tests.xls_files import Cell, xls

SURVEY: list[list[Cell]] = [
    ["type", "name", "label", "required"],
    ["integer", "сан", "Қанша адам?", True],
    ["select_one yn", "open", "Open?", False],
]
CHOICES: list[list[Cell]] = [["list_name", "name", "label"], ["yn", 1.0, "Yes"], ["yn", 2.5, "Half"]]
FORM: dict[str, list[list[Cell]]] = {
    "survey": SURVEY,
    "choices": CHOICES,
    "settings": [["form_id", "version"], ["old", 20210105.0]],
}


def texts(content: bytes, sheet: str) -> list[list[object]]:
    book = load_workbook(io.BytesIO(as_xlsx(content)), read_only=True)
    return [list(row) for row in book[sheet].iter_rows(values_only=True)]


def test_cells_are_the_texts_that_they_show() -> None:
    assert texts(xls(FORM), "choices") == [["list_name", "name", "label"], ["yn", "1", "Yes"], ["yn", "2.5", "Half"]]
    assert texts(xls(FORM), "survey")[1] == ["integer", "сан", "Қанша адам?", "TRUE"]


@pytest.mark.parametrize("name", ["old.xls", "old.xlsx"])
def test_a_form_of_an_older_excel_compiles_whatever_its_ending_says(name: str) -> None:
    definition = compile_form(xls(FORM), name).definition
    assert (definition.id, definition.version) == ("old", "20210105")
    number, select = [question for _, _, question in definition.questions()]
    assert (number.id, number.required, select.required) == ("сан", ["b", True], None)
    assert [choice.name for choice in definition.choices["yn"]] == ["1", "2.5"]


def test_cells_that_hold_only_a_format_are_not_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls_workbook, "MOST_CELLS", 30)
    last = 65_536
    assert texts(xls(FORM, formatted_to=last), "survey") == texts(xls(FORM), "survey")


def test_a_workbook_has_no_more_cells_than_a_form_could_need(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls_workbook, "MOST_CELLS", 10)
    with pytest.raises(UnreadableWorkbook, match="more than 10 cells"):
        as_xlsx(xls(FORM))


@pytest.mark.parametrize("content", [xls(FORM)[:700], xls({})[:512] + b"\xff" * 5000, xls(FORM)[:8]])
def test_a_damaged_workbook_is_a_problem_that_says_what_to_do(content: bytes) -> None:
    with pytest.raises(ChecklistProblems, match=r"save it as \.xlsx"):
        compile_form(content, "old.xls")


def test_an_upload_takes_an_older_workbook_and_refuses_what_is_none() -> None:
    assert upload_files({"old.xls": xls(FORM)})[0] == "old.xls"
    with pytest.raises(BadUpload, match="is no spreadsheet"):
        upload_files({"old.xls": b"<html>a table</html>"})

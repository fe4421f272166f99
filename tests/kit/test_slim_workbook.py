"""Rows and columns that hold nothing but a format cost nothing to read, and every text stays in its cell."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font
from openpyxl.workbook import Workbook
from openpyxl.worksheet._reader import WorkSheetParser

from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import compile_form
from steppe.checklists.xlsform.form_sheets import read_sheets, write_sheets
from steppe.kit import slim_workbook as slim
from steppe.kit.slim_workbook import WorkbookTooLarge, slim_workbook
from tests.zips import packed, parts_of

LAST_ROW = 1_048_576
SURVEY = [["type", "name", "label"], ["text", "a", "A"], ["", "", ""], ["integer", "n", "N"]]
SETTINGS = [["form_id"], ["x"]]
SHEET = "xl/worksheets/sheet1.xml"


def formatted(rows: bytes, cells: bytes = b"") -> bytes:
    """A form whose sheet has empty formatted rows after its own, and empty formatted cells in them."""
    parts = parts_of(write_sheets({"survey": SURVEY, "settings": SETTINGS}))
    sheet = parts[SHEET].replace(b"</row>", cells + b"</row>").replace(b"</sheetData>", rows + b"</sheetData>")
    parts[SHEET] = sheet.replace(b'ref="A1:C4"', b'ref="A1:XFD1048576"')
    assert b"XFD1048576" in parts[SHEET]
    return packed(parts)


def letters(number: int) -> str:
    return "" if number == 0 else letters((number - 1) // 26) + chr(65 + (number - 1) % 26)


EMPTY_ROWS = b"".join(b'<row r="%d" s="1" customFormat="1" ht="15"/>' % row for row in range(5, LAST_ROW + 1))
ROWS_OF_EMPTY_CELLS = b"".join(
    b'<row r="%d" spans="1:2"><c r="A%d" s="1"/><c r="B%d" s="1" /></row>' % (row, row, row)
    for row in range(5, 400_000)
)
EMPTY_COLUMNS = b"".join(b'<c r="%s9" s="1"/>' % letters(column).encode() for column in range(4, 16_385))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many cells each row has that the reader of workbooks had to look at."""
    counted: list[int] = []
    real = WorkSheetParser.parse_row

    def counting(self: Any, row: Any) -> Any:
        counted.append(len(row))
        return real(self, row)

    monkeypatch.setattr(WorkSheetParser, "parse_row", counting)
    yield counted
    assert counted


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: formatted(EMPTY_ROWS), id="formatted rows to the last"),
        pytest.param(lambda: formatted(ROWS_OF_EMPTY_CELLS), id="formatted cells in 400,000 rows"),
        pytest.param(lambda: formatted(b"", EMPTY_COLUMNS), id="formatted columns to XFD"),
    ],
)
def test_empty_formatted_rows_and_columns_are_never_looked_at(content: Any, parsed: list[int]) -> None:
    form = content()
    assert read_sheets(form, "x.xlsx") == {"survey": SURVEY, "settings": SETTINGS}
    compiled = compile_form(form, "x.xlsx")
    assert [question.id for _, _, question in compiled.definition.questions()] == ["a", "n"]
    # Three rows of the survey and two of the settings, in each of the readings.
    assert len(parsed) <= 3 * 5
    assert max(parsed) <= 3


def test_every_text_stays_in_its_cell_whatever_is_empty_around_it() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for place, value in (("A1", "type"), ("C1", "name"), ("A7", "text"), ("C7", 1.5), ("F9", "a note"), ("G9", True)):
        sheet[place] = value
    for row in sheet["A1:H12"]:
        for cell in row:
            cell.font = Font(bold=True)
    file = io.BytesIO()
    book.save(file)
    before = load_workbook(io.BytesIO(file.getvalue())).active
    after = load_workbook(io.BytesIO(slim_workbook(file.getvalue()))).active
    assert before is not None
    assert after is not None
    for row in before["A1:H12"]:
        for cell in row:
            assert after[cell.coordinate].value == cell.value


def test_cells_that_do_not_say_where_they_stand_are_kept_in_their_order() -> None:
    parts = parts_of(formatted(b""))
    row = b'<row><c/><c t="inlineStr"><is><t>second</t></is></c></row>'
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", b"<row></row>" + row + b"</sheetData>")
    assert read_sheets(packed(parts), "x.xlsx")["survey"][4:] == [["", "", ""], ["", "second", ""]]


def test_a_row_cut_by_the_end_of_a_chunk_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 7, 64, 1000):
        monkeypatch.setattr(slim, "_CHUNK", size)
        form = formatted(EMPTY_ROWS[:5000].rpartition(b"<row ")[0], EMPTY_COLUMNS[:999].rpartition(b"<c ")[0])
        assert read_sheets(form, "x.xlsx") == {"survey": SURVEY, "settings": SETTINGS}


def test_a_workbook_that_unpacks_to_too_much_is_refused_with_its_part_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slim, "SLIM_PART", 2**20)
    monkeypatch.setattr(slim, "UNPACKED_SHEET", 8 * 2**20)
    row = b'<row r="5"><c r="A5" t="str"><v>' + b"a" * 2**20 + b"</v></c></row>"
    with pytest.raises(
        ChecklistProblems, match=r"sheet1.xml unpacks to more than 1 MB\. Copy the cells that hold text"
    ):
        compile_form(formatted(row * 4), "x.xlsx")
    parts = parts_of(formatted(b""))
    with pytest.raises(WorkbookTooLarge, match="sharedStrings"):
        slim_workbook(packed({**parts, "xl/sharedStrings.xml": b" " * (2**20 + 1)}))
    with pytest.raises(WorkbookTooLarge, match="more than 8 MB"):
        slim_workbook(packed({SHEET: b"<sheetData>" + EMPTY_ROWS[: 9 * 2**20]}))


def test_texts_a_million_rows_apart_are_refused_not_filled_up_between() -> None:
    far = b'<row r="%d"><c r="XFD%d" t="str"><v>far</v></c></row>' % (LAST_ROW, LAST_ROW)
    with pytest.raises(ChecklistProblems, match="stand too far apart"):
        read_sheets(formatted(far), "x.xlsx")

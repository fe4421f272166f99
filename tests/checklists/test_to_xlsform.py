"""A form that came back is the form that went in: cell by cell, definition by definition, XForm by XForm."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pyxform.xls2xform import convert

from steppe.checklists.definition import definition_hash
from steppe.checklists.form_process import compile_upload
from steppe.checklists.xlsform.compiler import compile_checklist
from steppe.checklists.xlsform.form_files import read_form
from steppe.checklists.xlsform.form_sheets import Sheets, read_sheets, write_sheets
from steppe.checklists.xlsform.to_xlsform import KeptForm, bundle, spreadsheet, whole_sheets, xform
from tests.checklists.forms import SETTINGS, YES_NO, Rows, group, markdown, repeat

PACK = Path(__file__).parents[2] / "backend" / "steppe" / "packs" / "kazakhstan_2021" / "checklists"
FORMS = sorted(path.name for path in PACK.glob("*.md") if not path.name.startswith("_"))
ROWS: Rows = (
    *group("arrival", {"type": "select_one yn", "name": "open"}, {"type": "image", "name": "door"}),
    *repeat("visitor", {"type": "integer", "name": "age", "constraint": ". < 120"}),
)


def kept(path: Path) -> KeptForm:
    form = read_form(path)
    includes = {file.name: file.content for file in form.files if file.role == "include"}
    files = {file.name: file.content for file in form.files if file.role != "include"}
    return KeptForm(form.definition.id, form.definition.version, form.name, form.source, includes, files)


def kept_bytes(source: bytes, name: str) -> KeptForm:
    definition = compile_checklist(source, name)
    return KeptForm(definition.id, definition.version, name, source)


def as_xlsx(sheets: Sheets) -> bytes:
    """A workbook made by another program than ours."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row, 1):
                held = sheet.cell(number, column)
                held.value, held.data_type = cell or None, "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_the_demonstration_comes_back_as_the_same_checklist(name: str) -> None:
    form = kept(PACK / name)
    again = compile_checklist(spreadsheet(form), "another_name.xlsx")
    assert definition_hash(again) == definition_hash(compile_checklist(PACK / name))


@pytest.mark.parametrize("name", FORMS)
def test_every_cell_of_a_form_comes_back_with_its_shared_rows_in_place(name: str) -> None:
    own = read_sheets((PACK / name).read_bytes(), name)
    back = read_sheets(spreadsheet(kept(PACK / name)), "form.xlsx")
    survey: list[dict[str, str]] = []
    choices = lines(own, "choices")
    for line in lines(own, "survey"):
        if line["type"] != "include":
            survey.append(line)
            continue
        shared = f"_{line['name']}.md"
        part = read_sheets((PACK / shared).read_bytes(), shared)
        survey += lines(part, "survey")
        choices += lines(part, "choices")
    assert lines(back, "survey") == survey
    assert lines(back, "choices") == choices
    assert lines(back, "settings") == lines(own, "settings")
    assert back.keys() == own.keys() | {"choices"}


def lines(sheets: Sheets, title: str) -> list[dict[str, str]]:
    rows = sheets.get(title, [])
    return [cells(rows[0], row) for row in rows[1:]]


def cells(header: list[str], row: list[str]) -> dict[str, str]:
    return {name: cell for name, cell in sorted(zip(header, row, strict=True)) if cell}


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Co", "Cn"), include_characters="\n\t"), max_size=12
) | st.sampled_from(["=1+1", "@cmd", "-2", "http://x", "  spaced  ", "TRUE", "007", "1e5", "=", "_x000D_"])
GRID = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), max_size=5))
NAMES = st.lists(
    st.text("abcdefgh _", min_size=1, max_size=8).filter(str.strip), min_size=1, max_size=3, unique_by=str.lower
)


@given(NAMES.flatmap(lambda names: st.fixed_dictionaries(dict.fromkeys(names, GRID))))
def test_no_cell_of_any_sheet_is_lost_or_changed(sheets: Sheets) -> None:
    written = {title: squared(rows) for title, rows in sheets.items()}
    assert read_sheets(write_sheets(sheets), "x.xlsx") == written


def squared(rows: list[list[str]]) -> list[list[str]]:
    rows = [list(row) for row in rows]
    while rows and not any(rows[-1]):
        rows.pop()
    while rows and rows[0] and not any(row[-1] for row in rows):
        rows = [row[:-1] for row in rows]
    return rows


def test_text_that_looks_like_a_formula_stays_text() -> None:
    book = load_workbook(io.BytesIO(write_sheets({"survey": [["label"], ["=1+1"]]})))
    held = book["survey"]["A2"]
    assert (held.value, held.data_type) == ("=1+1", "s")


NOTES = st.lists(TEXT, min_size=len(ROWS), max_size=len(ROWS))


@given(NOTES, GRID)
@example(["pyxform looks for ${ even here"] * len(ROWS), [])
def test_notes_and_sheets_nobody_reads_come_back_and_the_checklist_is_the_same(
    notes: list[str], remarks: list[list[str]]
) -> None:
    sheets = read_sheets(markdown(ROWS), "a_form.md")
    sheets["survey"] = [[*row, note] for row, note in zip(sheets["survey"], ["My notes", *notes], strict=True)]
    source = as_xlsx({**sheets, "Remarks": remarks})
    form = kept_bytes(source, "a_form.xlsx")
    back = write_sheets(whole_sheets(form))
    assert read_sheets(back, "x.xlsx") == read_sheets(source, "a_form.xlsx")
    assert definition_hash(compile_checklist(back, "x.xlsx")) == definition_hash(
        compile_checklist(source, "a_form.xlsx")
    )


def test_a_spreadsheet_that_needs_nothing_added_comes_back_byte_by_byte() -> None:
    source = as_xlsx(read_sheets(markdown(ROWS), "a_form.md"))
    assert spreadsheet(kept_bytes(source, "a_form.xlsx")) == source


@pytest.mark.parametrize(
    "settings", [{"form_title": "A form"}, {"form_title": "A form", "version": "7"}, {"style": "pages"}]
)
def test_an_id_and_a_version_left_to_chance_are_written_down(settings: dict[str, str]) -> None:
    form = kept_bytes(markdown(ROWS, settings=settings), "my_visit.md")
    again = compile_checklist(spreadsheet(form), "other.xlsx")
    assert (again.id, again.version) == ("my_visit", form.version)
    assert definition_hash(again) == definition_hash(compile_checklist(form.source, "my_visit.md"))


def test_the_xform_of_what_came_back_is_pyxforms_own_of_the_original() -> None:
    source = markdown(ROWS)
    form = kept_bytes(source, "a_form.md")
    original = convert(source, file_type=".md").xform
    assert xform(form) == original
    assert convert(spreadsheet(form), file_type=".xlsx").xform == original


def test_the_xform_holds_none_of_our_own_columns() -> None:
    rows = [{"type": "text", "name": "who", "theme": "camp", "sealed": "yes", "soft": ". != ''", "label": "Who?"}]
    plain = [{"type": "text", "name": "who", "label": "Who?"}]
    ours = markdown(rows, settings={**SETTINGS, "kind": "meeting", "form_title::Russian (ru)": "Форма"})
    assert xform(kept_bytes(ours, "a_form.md")) == convert(markdown(plain), file_type=".md").xform


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_the_demonstration_is_an_xform(name: str) -> None:
    assert "<h:html" in xform(kept(PACK / name))


def test_a_bundle_published_again_is_the_same_checklist_with_the_same_files() -> None:
    form = kept(PACK / FORMS[0])
    content = bundle(form)
    again = compile_upload({"form.zip": content})
    assert definition_hash(again.definition) == definition_hash(compile_checklist(PACK / FORMS[0]))
    assert bundle(form) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist()[0] == f"{form.form}.xlsx"


def test_a_choice_list_of_the_shared_part_is_there_once() -> None:
    back = read_sheets(spreadsheet(kept(PACK / FORMS[0])), "form.xlsx")
    assert len(back["choices"]) > len(YES_NO)

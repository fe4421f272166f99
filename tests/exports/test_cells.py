"""What a spreadsheet program can never be made to run."""

import pytest

from steppe.exports.cells import XLSX_TEXT_LIMIT, cell, csv_text, xlsx_text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_text_that_looks_like_a_formula_is_made_harmless_in_csv(start: str) -> None:
    assert csv_text(f"{start}cmd|'/c calc'!A1") == f"'{start}cmd|'/c calc'!A1"


@pytest.mark.parametrize("text", ["12 boxes", "a=b", "Спокойно", "'=1", ""])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert csv_text(text) == text


def test_numbers_stay_numbers() -> None:
    assert csv_text(-5) == "-5"
    assert csv_text(41.5) == "41.5"
    assert csv_text(None) == ""


def test_chosen_names_share_a_cell() -> None:
    assert cell(["police", "party"]) == "police party"
    assert cell(7) == 7
    assert cell(None) is None


def test_text_too_long_for_excel_is_cut_where_it_shows() -> None:
    assert xlsx_text("x" * XLSX_TEXT_LIMIT) == "x" * XLSX_TEXT_LIMIT
    cut = xlsx_text("x" * (XLSX_TEXT_LIMIT + 1))
    assert len(cut) == XLSX_TEXT_LIMIT
    assert cut.endswith("[…]")

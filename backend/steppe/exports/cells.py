"""One answer, one cell: what it looks like in a spreadsheet, and why it can never run there."""

from __future__ import annotations

from typing import Any, Final

XLSX_TEXT_LIMIT: Final = 32_767
CUT_MARK: Final = " […]"
# OWASP, "CSV Injection": a cell beginning with one of these is taken for a formula by spreadsheet programs.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
FULL_WIDTH_STARTS: Final = ("＝", "＋", "－", "＠")

Cell = str | int | float | None


def cell(answer: Any) -> Cell:
    """Return an answer as a cell: numbers stay numbers, chosen names are joined by spaces (as XLSForm tools do)."""
    if answer is None or isinstance(answer, int | float):
        return answer
    if isinstance(answer, list):
        return " ".join(str(item) for item in answer)
    return str(answer)


def xlsx_text(text: str) -> str:
    """Return text Excel can hold: longer than 32,767 characters it would drop the cell without a word."""
    return text if len(text) <= XLSX_TEXT_LIMIT else text[: XLSX_TEXT_LIMIT - len(CUT_MARK)] + CUT_MARK


def csv_text(value: Cell) -> str:
    """Return a cell for CSV. Text a spreadsheet would take for a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return repr(value)
    return f"'{value}" if value.startswith(FORMULA_STARTS + FULL_WIDTH_STARTS) else value

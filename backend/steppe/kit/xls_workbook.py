"""Turn workbooks of older Excels (.xls, 1997 to 2003) into .xlsx with the same texts in the same cells.

A quarter of the forms people keep are still .xls. Everything after this module knows .xlsx only. Which of the two a
file is, its first bytes say: a wrong ending is common. xlrd reads them (pyxform brings it for the same purpose): it is
plain Python, so that the walls around the process that reads strangers' forms hold for it too.
"""

from __future__ import annotations

import io
import struct
from datetime import datetime
from typing import Any, Final

import xlrd
import xlsxwriter
from xlrd.compdoc import CompDocError
from xlsxwriter.exceptions import XlsxWriterException

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a file of Excel 97 to 2003 begins; a workbook behind a password does too."""
MOST_CELLS: Final = 2_000_000
"""Cells with text that are taken over; the largest forms come to some ten thousand."""
_DAMAGED: Final = (
    XlsxWriterException,
    xlrd.XLRDError,
    CompDocError,
    struct.error,
    AssertionError,
    LookupError,
    UnicodeDecodeError,
)
"""What xlrd, and writing what it read, raise over a file that is none."""
NO_TIME: Final = datetime(1980, 1, 1)  # noqa: DTZ001 # a workbook's times have no zone
"""When every workbook says that it was made: the same form gives the same bytes."""


class UnreadableWorkbook(ValueError):
    """A workbook that cannot be read; the message says why and what to do."""


def is_xls(content: bytes) -> bool:
    """Say whether a file begins as a workbook of Excel 97 to 2003 does."""
    return content.startswith(_OLE)


def as_xlsx(content: bytes) -> bytes:
    """Return a workbook as .xlsx: an .xls turned into one, anything else as it is.

    Every cell becomes the text that it shows in a form: whole numbers without decimals, TRUE and FALSE, times of the
    calendar as `2021-01-10 00:00:00`. Cells that hold nothing but a format are not read at all.

    Raises UnreadableWorkbook for what begins as an .xls and is none, is behind a password or damaged.
    """
    if not is_xls(content):
        return content
    try:
        # Without formats, rows as long as what stands in them: a sheet formatted to its end costs nothing.
        book = xlrd.open_workbook(file_contents=content, ragged_rows=True, logfile=io.StringIO())
        return _written(book)
    except _DAMAGED as error:
        msg = f"it is behind a password or damaged ({error}). Open it in a spreadsheet and save it as .xlsx"
        raise UnreadableWorkbook(msg) from error


def _written(book: Any) -> bytes:
    file = io.BytesIO()
    cells = 0
    with xlsxwriter.Workbook(file, {"in_memory": True}) as target:
        target.set_properties({"created": NO_TIME})
        for sheet in book.sheets():
            written = target.add_worksheet(sheet.name)
            for row in range(sheet.nrows):
                for column, cell in enumerate(sheet.row(row)):
                    text = _text(cell, book.datemode)
                    if text:
                        cells += 1
                        written.write_string(row, column, text)
                if cells > MOST_CELLS:
                    msg = f"it has more than {MOST_CELLS:,} cells. Leave out rows that nobody needs"
                    raise UnreadableWorkbook(msg)
    return file.getvalue()


def _text(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return str(int(cell.value)) if float(cell.value).is_integer() else str(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _moment(cell.value, datemode)
    return ""


def _moment(value: float, datemode: int) -> str:
    try:
        moment = xlrd.xldate_as_datetime(value, datemode)
    except (xlrd.xldate.XLDateError, OverflowError, ValueError):
        return str(value)
    return str(moment.time() if 0 <= value < 1 else moment)

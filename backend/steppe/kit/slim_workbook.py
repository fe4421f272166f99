"""Read an .xlsx without the rows and columns that hold nothing but a format.

A sheet whose format reaches the last row (1,048,576) or column (XFD) is some kilobytes packed, and cost 20 to 31 s and
660 MB to read. Rows and cells that hold nothing are dropped while the sheet is unpacked, before anything parses them.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import IO, Final

from steppe.kit.packed_files import MEBIBYTE

SHEETS: Final = "xl/worksheets/"
"""The folder of a workbook's sheets."""
UNPACKED_SHEET: Final = 256 * MEBIBYTE
"""Bytes of XML a sheet may unpack to: every row of it, formatted in some columns."""
SLIM_PART: Final = 32 * MEBIBYTE
"""Bytes of XML that a sheet may hold besides what is empty, and that every other part of a workbook may unpack to."""
_CHUNK: Final = MEBIBYTE
_READ: Final = (".xml", ".rels")
"""Endings of the parts that texts are read from: not pictures, macros, printer settings."""
# A cell or row that says where it stands can be left out; one that does not is counted from the one before it.
_EMPTY_CELL: Final = re.compile(rb'<c(?=\s)(?=[^<>]*\sr=")[^<>]*(?:/>|(?<!/)>(?:<v\s*/>|<v></v>)?</c>)')
_EMPTY_ROW: Final = re.compile(rb'<row(?=\s)(?=[^<>]*\sr=")[^<>]*(?:/>|(?<!/)>\s*</row>)')
_ROW: Final = b"<row "
_ENCRYPTED: Final = 1


class WorkbookTooLarge(ValueError):
    """A workbook unpacks to more than it may; the message names the part and what to do."""


def slim_workbook(content: bytes) -> bytes:
    """Return an .xlsx with the same texts in the same cells, without empty rows, empty cells and pictures.

    Raises WorkbookTooLarge; zipfile.BadZipFile and zlib.error for what is no zip.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as slim:
        for entry in packed.infolist():
            name = entry.filename
            if not name.endswith(_READ):
                continue
            if entry.flag_bits & _ENCRYPTED:
                raise zipfile.BadZipFile("it is protected by a password")
            with packed.open(entry) as part:
                slim.writestr(name, _sheet(name, part) if name.startswith(SHEETS) else _part(name, part))
    return file.getvalue()


def _part(name: str, part: IO[bytes]) -> bytes:
    content = part.read(SLIM_PART + 1)
    if len(content) > SLIM_PART:
        raise _too_large(name, SLIM_PART)
    return content


def _sheet(name: str, part: IO[bytes]) -> bytes:
    kept = bytearray()
    rest = b""
    unpacked = 0
    while chunk := part.read(_CHUNK):
        unpacked += len(chunk)
        if unpacked > UNPACKED_SHEET:
            raise _too_large(name, UNPACKED_SHEET)
        rest += chunk
        # Up to where a row begins everything before is whole: no pattern can match across it.
        cut = max(0, rest.rfind(_ROW))
        kept += _without_empty(rest[:cut])
        rest = rest[cut:]
        if len(kept) + len(rest) > SLIM_PART + _CHUNK:
            raise _too_large(name, SLIM_PART)
    return bytes(kept + _without_empty(rest))


def _without_empty(xml: bytes) -> bytes:
    return _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", xml))


def _too_large(name: str, most: int) -> WorkbookTooLarge:
    return WorkbookTooLarge(
        f"{name} unpacks to more than {most // MEBIBYTE} MB. "
        "Copy the cells that hold text into a new workbook, without the empty formatted rows and columns"
    )

"""Workbooks of Excel 97 to 2003, written cell by cell: enough of [MS-XLS] and [MS-CFB] for a reader to take them."""

import struct
from collections.abc import Mapping, Sequence
from typing import Final

SECTOR: Final = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SMALLEST_STREAM: Final = 4096
Cell = str | float | bool | None
"""None: a cell that holds nothing but a format."""


def xls(sheets: Mapping[str, Sequence[Sequence[Cell]]], *, formatted_to: int = 0) -> bytes:
    """Return an .xls with these sheets; `formatted_to`: the row down to which every sheet has formatted empty cells."""
    bodies = [_sheet(rows, formatted_to) for rows in sheets.values()]
    bound = [struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name.encode("latin-1") for name in sheets]
    globals_length = len(_bof(0x5)) + sum(4 + len(part) for part in bound) + 4
    places, at = [], globals_length
    for body in bodies:
        places.append(at)
        at += len(body)
    bound = [struct.pack("<I", place) + part[4:] for place, part in zip(places, bound, strict=True)]
    parts = [_bof(0x5), *(_record(0x85, part) for part in bound), _record(0x0A, b""), *bodies]
    return _compound(b"".join(parts))


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 0x06))


def _sheet(rows: Sequence[Sequence[Cell]], formatted_to: int) -> bytes:
    cells = [_cell(row, column, cell) for row, line in enumerate(rows) for column, cell in enumerate(line)]
    blank = [_record(0x0201, struct.pack("<HHH", row, 0, 0)) for row in range(len(rows), formatted_to)]
    return _bof(0x10) + b"".join([*cells, *blank]) + _record(0x0A, b"")


def _cell(row: int, column: int, cell: Cell) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if cell is None:
        return _record(0x0201, place)
    if isinstance(cell, bool):
        return _record(0x0205, place + bytes([cell, 0]))
    if isinstance(cell, str):
        return _record(0x0204, place + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
    return _record(0x0203, place + struct.pack("<d", cell))


def _compound(stream: bytes) -> bytes:
    """Wrap a workbook into a compound file: header, allocation table, directory, stream."""
    stream = stream.ljust(_SMALLEST_STREAM, b"\0")
    sectors = -(-len(stream) // SECTOR)
    tables = -(-(sectors + 1) // (SECTOR // 4 - 1))
    chain = [_FAT] * tables + [_END] + [*range(tables + 2, tables + 1 + sectors), _END]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(tables * SECTOR, b"\xff")
    held = [*range(tables), *[_FREE] * (109 - tables)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<6H", 0x3E, 3, 0xFFFE, 9, 6, 0)
    header += struct.pack("<10I", 0, 0, tables, tables, 0, _SMALLEST_STREAM, _END, 0, _END, 0)
    header += struct.pack("<109I", *held)
    entries = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, tables + 1, len(stream))
    return header + table + entries.ljust(SECTOR, b"\0") + stream.ljust(sectors * SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le")
    head = written.ljust(64, b"\0") + struct.pack("<HBBIII", len(written) + 2, kind, 1, _FREE, _FREE, child)
    return head + bytes(36) + struct.pack("<III", start, size, 0)

"""An XLSX file written row by row: memory stays the same however many reports it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.answers import nested
from steppe.checklists.xlsform.form_sheets import FORBIDDEN_IN_SHEET_NAMES, SHEET_NAME_LIMIT
from steppe.exports.cells import Cell, xlsx_text
from steppe.exports.tables import Line, Table, tables


class Sheet:
    """One worksheet that only grows downwards."""

    def __init__(self, sheet: Any, widths: Sequence[float] = ()) -> None:
        """Begin on an empty worksheet, with widths of the first columns in characters."""
        self._sheet = sheet
        self._row = 0
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)

    def write(self, cells: Iterable[Cell], look: Any = None) -> None:
        """Append a row. Text goes in as text whatever it begins with: `=cmd` is never a formula."""
        for column, value in enumerate(cells):
            if isinstance(value, str):
                self._sheet.write_string(self._row, column, xlsx_text(value), look)
            elif value is not None:
                self._sheet.write_number(self._row, column, value, look)
        self._row += 1

    def freeze(self) -> None:
        """Keep what was written so far in view, and the first column."""
        self._sheet.freeze_panes(self._row, 1)


class Workbook:
    """The file being made: a cover, counts, and a sheet per checklist version and repeat."""

    def __init__(self, file: IO[bytes], scratch: Path, language: str) -> None:
        """Write into `file`; `scratch` is a folder for the rows on their way (removed by the caller)."""
        options = {"constant_memory": True, "tmpdir": str(scratch)}
        self._book = xlsxwriter.Workbook(file, options)
        self._bold = self._book.add_format({"bold": True})
        self._language = language
        self._names: set[str] = set()
        self._sheets: dict[str, list[tuple[Table, Sheet]]] = {}
        self._columns: list[tuple[str, str, str]] = []
        self._cover = self._add("About", (26, 60))

    def add_counts(self, header: Sequence[str], rows: Iterable[Iterable[Cell]]) -> None:
        """Add the page of counts."""
        sheet = self._add("Counts", (22, 14, 26, 22, 60, 22, 40, 10))
        sheet.write(header, self._bold)
        sheet.freeze()
        for row in rows:
            sheet.write(row)

    def add_reports(self, form: str, definition: Definition, lines: Iterable[Line]) -> None:
        """Append reports of one checklist version, to its own sheets."""
        key = f"{form} {definition.version}"
        if key not in self._sheets:
            self._sheets[key] = [self._begin(key, table) for table in tables([definition], self._language)]
        for line in lines:
            whole = nested(definition, line.answers)
            for table, sheet in self._sheets[key]:
                for row in table.rows(line, definition, whole):
                    sheet.write(row)

    def close(self, cover: Iterable[Iterable[Cell]]) -> None:
        """Fill the first page, whose first row stands out, then what each column asks, and finish the file.

        The README repeats the first page: sheets are taken out of workbooks, and data sheets hold nothing but data.
        """
        readme = self._add("README", (26, 30, 80))
        for number, row in enumerate(cover):
            cells = list(row)
            self._cover.write(cells, self._bold if number == 0 else None)
            readme.write(cells, self._bold if number == 0 else None)
        readme.write([])
        readme.write(("sheet", "column", "question"), self._bold)
        for sheet, column, label in self._columns:
            readme.write((sheet, column, label))
        self._book.close()

    def _begin(self, key: str, table: Table) -> tuple[Table, Sheet]:
        version = key.rpartition(" ")[2]
        sheet = self._add(f"{table.repeat} {version}" if table.repeat else key, (14,))
        name = f"{table.repeat} {version}" if table.repeat else key
        self._columns += ((name, *described) for described in table.code_book)
        sheet.write(table.header, self._bold)
        sheet.freeze()
        return table, sheet

    def _add(self, name: str, widths: Sequence[float]) -> Sheet:
        unique = self._unique(FORBIDDEN_IN_SHEET_NAMES.sub("_", name))
        return Sheet(self._book.add_worksheet(unique), widths)

    def _unique(self, name: str) -> str:
        head, _, version = name.rpartition(" ")
        whole = f"{head[: SHEET_NAME_LIMIT - len(version) - 1]} {version}" if head else name
        unique, number = whole[:SHEET_NAME_LIMIT], 2
        while unique.lower() in self._names:
            suffix = f"~{number}"
            unique, number = whole[: SHEET_NAME_LIMIT - len(suffix)] + suffix, number + 1
        self._names.add(unique.lower())
        return unique

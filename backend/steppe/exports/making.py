"""Making the files of an export on disk, a page of reports at a time."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, Protocol
from uuid import UUID

from steppe.checklists.evaluation.answers import nested
from steppe.exports.cells import Cell, csv_text
from steppe.exports.counts_table import COUNTS_HEADER
from steppe.exports.cover import Cover
from steppe.exports.tables import Line, Table
from steppe.exports.workbook import Workbook
from steppe.summaries.sums import FormVersion

BOM: Final = "\ufeff"
Page = Sequence[tuple[UUID, Line]]
Versions = Mapping[UUID, FormVersion]


class Maker(Protocol):
    """A file in the making: it takes reports page by page, and ends."""

    def add(self, page: Page) -> None:
        """Append reports, each with its checklist version."""

    def close(self, reports: int) -> None:
        """Finish the file, in which so many reports stand one by one."""


class XlsxMaker:
    """The workbook: cover, counts, then a sheet per checklist version and repeat."""

    def __init__(self, file: IO[bytes], scratch: Path, *, cover: Cover, versions: Versions, language: str) -> None:
        """Begin the file; `scratch` is a folder the caller removes."""
        self._cover = cover
        self._versions = versions
        self._book = Workbook(file, scratch, language)
        self._book.add_counts(COUNTS_HEADER, cover.counts)

    def add(self, page: Page) -> None:
        """Append reports to the sheets of their versions."""
        by_version: dict[UUID, list[Line]] = defaultdict(list)
        for version, line in page:
            by_version[version].append(line)
            self._cover.frame.note(self._versions[version].kind, {line.origin: 1})
        for version, lines in by_version.items():
            published = self._versions[version]
            self._book.add_reports(published.form, published.definition, lines)

    def close(self, reports: int) -> None:
        """Fill the cover and finish the workbook."""
        self._book.close(self._cover.rows(reports))


class CsvMaker:
    """One table as CSV: UTF-8 with BOM, CRLF (RFC 4180), exactly one header line and always the first.

    Statistics programs read it as it is; what the numbers may be used for stands on the cover of the workbook.
    Without a `table` it is the table of counts.
    """

    def __init__(self, file: IO[bytes], *, cover: Cover, versions: Versions, table: Table | None) -> None:
        """Begin the file with its header."""
        self._versions = versions
        self._table = table
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        self._text.write(BOM)
        self._csv = csv.writer(self._text)
        self._write([table.header] if table else [COUNTS_HEADER, *cover.counts])

    def add(self, page: Page) -> None:
        """Append the rows of these reports."""
        if self._table:
            for version, line in page:
                definition = self._versions[version].definition
                self._write(self._table.rows(line, definition, nested(definition, line.answers)))

    def close(self, reports: int) -> None:
        """Leave the file to its owner."""
        del reports
        self._text.detach()

    def _write(self, rows: Iterable[Iterable[Cell]]) -> None:
        self._csv.writerows([csv_text(value) for value in row] for row in rows)

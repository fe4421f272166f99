"""A zip of CSV tables with a README: counts, each checklist, each of its repeats; in the tables nothing but data."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from steppe.checklists.definition import Definition
from steppe.exports.cells import Cell
from steppe.exports.cover import Cover
from steppe.exports.making import CsvMaker, Page, Versions
from steppe.exports.tables import Line, Table, tables

README: Final = "README.txt"
COUNTS: Final = "counts.csv"


class CsvZipMaker:
    """`README.txt`, `counts.csv`, and for readers of reports `<form>.csv` and `<form>-<repeat>.csv`.

    The README says what the workbook's cover says (whose visits, when made, by whom, with which filters, what was left
    out) and what each column asks. Tables are written beside each other on disk and packed at the end: a zip takes one
    file at a time.
    """

    def __init__(self, file: IO[bytes], scratch: Path, *, cover: Cover, versions: Versions, language: str) -> None:
        """Begin the tables; `scratch` is a folder the caller removes."""
        self._file = file
        self._cover = cover
        self._versions = versions
        self._written: list[tuple[str, IO[bytes]]] = []
        self._tables: dict[str, list[CsvMaker]] = defaultdict(list)
        self._columns: list[tuple[str, str, str]] = []
        self._scratch = scratch
        CsvMaker(self._begin(COUNTS), cover=cover, versions=versions, table=None).close(0)
        if cover.has_answers:
            for form, definitions in _by_form(versions).items():
                for table in tables(definitions, language):
                    self._add_table(form, table)

    def _add_table(self, form: str, table: Table) -> None:
        name = f"{form}-{table.repeat}.csv" if table.repeat else f"{form}.csv"
        self._tables[form].append(CsvMaker(self._begin(name), cover=self._cover, versions=self._versions, table=table))
        self._columns += ((name, *described) for described in table.code_book)

    def _begin(self, name: str) -> IO[bytes]:
        # Numbered on disk: what a form is called need not be a name of a file.
        file = (self._scratch / f"{len(self._written)}.csv").open("w+b")
        self._written.append((name, file))
        return file

    def add(self, page: Page) -> None:
        """Append reports to the tables of their forms."""
        by_form: dict[str, list[tuple[UUID, Line]]] = defaultdict(list)
        for version, line in page:
            published = self._versions[version]
            self._cover.frame.note(published.kind, {line.origin: 1})
            by_form[published.form].append((version, line))
        for form, lines in by_form.items():
            for table in self._tables[form]:
                table.add(lines)

    def close(self, reports: int) -> None:
        """Pack the tables and their README."""
        for makers in self._tables.values():
            for maker in makers:
                maker.close(reports)
        with zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(README, "\r\n".join(_lines(self._cover.rows(reports), self._columns)))
            for name, file in self._written:
                file.seek(0)
                with archive.open(name, "w", force_zip64=True) as member:
                    while chunk := file.read(1 << 20):
                        member.write(chunk)
                file.close()


def _by_form(versions: Versions) -> dict[str, list[Definition]]:
    """Return the definitions of each form, newest first as they are given."""
    found: dict[str, list[Definition]] = defaultdict(list)
    for version in versions.values():
        found[version.form].append(version.definition)
    return found


def _lines(cover: Iterable[Iterable[Cell]], columns: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    for row in cover:
        yield ": ".join(str(cell) for cell in row)
    yield ""
    for name, column, label in columns:
        yield f"{name}, {column}: {' '.join(label.split())}"
    yield ""

"""Tables attached to a form: CSV, XML and GeoJSON files as rows of texts."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from steppe.checklists.definition import Table

ROWS: Final = 20_000
"""Rows that all tables of a form may have together."""
BYTES: Final = 2 * 1024 * 1024
"""UTF-8 bytes that all cells of a form's tables may have together."""
_DEEPEST: Final = 8
"""Elements one in the other below a row of an XML file: paths of thousands of them would cost their square."""
SUFFIXES: Final = (".csv", ".xml", ".geojson")


class TableFault(ValueError):
    """A file that cannot be read as a table; `suggestion` says what to do."""

    def __init__(self, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion


def read_table(name: str, content: bytes) -> Table:
    """The rows of a `.csv`, `.xml` or `.geojson` file.

    Raises:
        TableFault: when it is not one.
    """
    suffix = PurePath(name).suffix.lower()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableFault(f"'{name}' is not UTF-8 text.", "Save it as 'CSV UTF-8'.") from error
    if suffix == ".xml":
        return _xml(name, text)
    return _geojson(name, text) if suffix == ".geojson" else _csv(name, text)


def weight(table: Table) -> int:
    """The bytes of a table's cells."""
    return sum(len(cell.encode()) for row in (table.columns, *table.rows) for cell in row)


def _csv(name: str, text: str) -> Table:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(lines.line_num, [cell.strip() for cell in row]) for row in lines]
    except csv.Error as error:
        raise TableFault(f"'{name}' cannot be read near line {lines.line_num}: {error}", "Check its quotes.") from error
    rows = [(line, row) for line, row in rows if any(row)]
    if not rows:
        raise TableFault(f"'{name}' is empty.", "Its first line names the columns.")
    columns = rows[0][1]
    if len(columns) == 1 and (";" in columns[0] or "\t" in columns[0]):
        raise TableFault(f"The columns of '{name}' are not separated by commas.", "Save it as 'CSV (comma separated)'.")
    while columns and columns[-1] == "":
        columns.pop()
    _check_columns(name, columns)
    for line, row in rows[1:]:
        if any(row[len(columns) :]):
            raise TableFault(
                f"Line {line} of '{name}' has {len(row)} cells, but there are {len(columns)} columns.",
                'Put a cell that holds a comma into "quotes".',
            )
    return _table(columns, ((row + [""] * len(columns))[: len(columns)] for _, row in rows[1:]))


def _check_columns(name: str, columns: list[str]) -> None:
    for place, column in enumerate(columns, 1):
        if column == "":
            raise TableFault(f"Column {place} of '{name}' has no name.", "Name it in the first line.")
        if column in columns[: place - 1]:
            raise TableFault(f"'{name}' has two columns '{column}'.", "Rename one.")


def _xml(name: str, text: str) -> Table:
    if "<!DOCTYPE" in text:
        # Entities, which may grow without end or name other files, can be declared nowhere else.
        raise TableFault(f"'{name}' declares a document type.", "Remove the <!DOCTYPE …> line.")
    try:
        root = fromstring(text)  # noqa: S314 - no document type, so no entities
    except ParseError as error:
        raise TableFault(f"'{name}' is no XML: {error}", "Write <root><item><name>…</name></item></root>.") from error
    return _from_records(name, [_cells(name, item) for item in root])


def _cells(name: str, item: Element) -> dict[str, str]:
    """The texts of a row's elements by their path in it, `person/age`; of several on one path the first."""
    cells: dict[str, str] = {}
    waiting: list[tuple[tuple[str, ...], Element]] = [((child.tag,), child) for child in reversed(item)]
    while waiting:
        path, element = waiting.pop()
        if len(element) == 0:
            cells.setdefault("/".join(path), (element.text or "").strip())
        elif len(path) == _DEEPEST:
            message = f"'{name}' nests more than {_DEEPEST} elements in a row: '{'/'.join(path)}' has more inside."
            raise TableFault(message, "Write the values nearer to the row.")
        waiting += [((*path, child.tag), child) for child in reversed(element)]
    return cells


def _geojson(name: str, text: str) -> Table:
    """Features as rows: their properties, their `id`, and a point's `geometry` as `lat lon 0 0`."""
    try:
        held = json.loads(text)
        features = held["features"]
        return _from_records(name, [_feature(feature) for feature in features])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TableFault(f"'{name}' is no GeoJSON.", "It must be a FeatureCollection.") from error


def _feature(feature: Mapping[str, object]) -> dict[str, str]:
    properties, geometry = feature.get("properties"), feature.get("geometry")
    row = {key: _said(value) for key, value in properties.items()} if isinstance(properties, dict) else {}
    if "id" in feature:
        row["id"] = _said(feature["id"])
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        east, north = geometry["coordinates"][:2]
        row["geometry"] = f"{_said(north)} {_said(east)} 0 0"
    return row


def _said(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _from_records(name: str, records: list[dict[str, str]]) -> Table:
    columns = list(dict.fromkeys(column for record in records for column in record))
    if not columns:
        raise TableFault(f"'{name}' has no rows.", "Add at least one.")
    return _table(columns, ([record.get(column, "") for column in columns] for record in records))


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    return Table(columns=tuple(columns), rows=tuple(tuple(row) for row in rows))

"""Every table as typed rows in text: what one engine gave, any engine takes.

A part holds rows of one table: a line with the names of its columns, then a line for each row, a JSON list in their
order. UUIDs, days and times are text (ISO 8601), bytes are base64. Which column is what, the tables in code say.
"""

from __future__ import annotations

import gzip
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    JSON,
    Date,
    LargeBinary,
    Select,
    Table,
    TableClause,
    Uuid,
    column,
    delete,
    insert,
    inspect,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import JSONB

from steppe.backup.problems import DamagedBackup
from steppe.kit.columns import UtcDateTime, metadata
from steppe.kit.db import ReadSession, WriteSession

PART_BYTES: Final = 2 * 1024 * 1024
"""About as many bytes of rows are one part, before packing."""
_ROWS_FETCHED: Final = 200
_ROW_PACKING: Final = 6
NOT_COPIED: Final = frozenset({"desk_session", "attachment_chunk"})
"""Sessions end with a restore; pieces of uploads that are not whole are sent again by the phone."""
WHOLE_FILES: Final = "attachment"
"""Of this table only uploads that are complete: what a phone has not finished it begins anew."""


@dataclass(frozen=True, slots=True)
class RowPart:
    """Rows of one table: its name, how many, and their text, packed."""

    table: str
    rows: int
    content: bytes


def copied_tables() -> list[Table]:
    """Return the tables of a backup, those that others point to first."""
    return [one for one in metadata.sorted_tables if one.name not in NOT_COPIED]


def every_table() -> list[Table]:
    """Return all tables, those that others point to first."""
    return list(metadata.sorted_tables)


def column_names(source: Table) -> list[str]:
    """Return the names of a table's columns in the order of a row."""
    return [one.name for one in source.columns]


def _query(source: Table) -> Select[Any]:
    query = select(*source.columns).order_by(*source.primary_key.columns)
    return query.where(source.columns["completed_at"].is_not(None)) if source.name == WHOLE_FILES else query


async def read_rows(session: ReadSession, source: Table, *, is_everything: bool = False) -> AsyncIterator[RowPart]:
    """Yield a table's rows in parts, as the session's snapshot has them.

    `is_everything`: also what a backup leaves out, such as uploads that are not whole.
    """
    head = orjson.dumps(column_names(source))
    lines, size, packed = [head], 0, 0
    query = select(*source.columns) if is_everything else _query(source)
    query = query.execution_options(yield_per=_ROWS_FETCHED)
    async for row in await (await session.connection()).stream(query):
        line = orjson.dumps(list(row), default=_as_text)
        lines.append(line)
        size += len(line)
        if size >= PART_BYTES:
            yield _part(source.name, lines)
            packed += len(lines) - 1
            lines, size = [head], 0
    if len(lines) > 1 or not packed:
        yield _part(source.name, lines)


def _part(name: str, lines: Sequence[bytes]) -> RowPart:
    return RowPart(name, len(lines) - 1, gzip.compress(b"\n".join(lines), _ROW_PACKING, mtime=0))


def _as_text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    if isinstance(value, UUID):
        # asyncpg gives a kind of its own.
        return str(value)
    msg = f"{type(value).__name__} has no text form"
    raise TypeError(msg)


async def write_rows(session: WriteSession, name: str, text: bytes) -> int:
    """Insert rows, given as a part's text, into table `name` and return how many.

    Raises DamagedBackup when they are of no table of ours.
    """
    known = metadata.tables.get(name)
    try:
        head, *lines = text.split(b"\n")
        names: list[str] = orjson.loads(head)
        if known is None or not set(names) <= {one.name for one in known.columns}:
            msg = f"columns of {name!r} that this version does not know"
            raise DamagedBackup(msg)
        readers = [read_text(known.columns[one].type) for one in names]
        rows = [
            {
                key: None if value is None else read(value)
                for key, read, value in zip(names, readers, values, strict=True)
            }
            for values in map(orjson.loads, lines)
        ]
    except (ValueError, TypeError) as error:
        raise DamagedBackup(str(error)) from error
    if rows:
        await session.execute(insert(_plain_table(known, names)), rows)
    return len(rows)


async def delete_rows(session: WriteSession) -> None:
    """Delete the rows of every table of a backup: after a restore that failed half-way, nothing of it stays."""
    there = set(await (await session.connection()).run_sync(lambda connection: inspect(connection).get_table_names()))
    for known in reversed(copied_tables()):
        if known.name in there:
            await session.execute(delete(table(known.name)))


def _plain_table(known: Table, names: Iterable[str]) -> TableClause:
    """Return the table with these columns alone and no default: a row is what the part says, and nothing else."""
    return table(known.name, *(column(name, _stored(known.columns[name].type)) for name in names))


def _stored(kind: Any) -> Any:
    # Text of a JSON null would be another thing than no value.
    if isinstance(kind, JSON):
        return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    return kind


def read_text(kind: Any) -> Callable[[Any], Any]:
    """Return what makes a value of a column's type out of its text."""
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Uuid):
        return UUID
    if isinstance(kind, LargeBinary):
        return b64decode
    return _same


def _same(value: Any) -> Any:
    return value

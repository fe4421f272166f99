"""A watch over every statement the suite compiles: none may read or change a mission's rows without naming the mission.

A table belongs to a mission when it has `mission_id` or a foreign key to a table that belongs to one. In a SELECT,
UPDATE or DELETE it is tied when `mission_id` is compared with a value or with a column of a tied table, when its whole
primary key or a unique column is, or when a foreign key is (then it goes with what it points to). Ids that phones make
up prove nothing: a stranger may name them. What stands in OR or in another statement of the same tree ties nothing.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import greenlet
from sqlalchemy import Engine, Table, UniqueConstraint, event
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, Grouping, Tuple
from sqlalchemy.sql.expression import Alias, ColumnClause, Delete, FromClause, Join, Select, Update

ROOT = Path(__file__).parent.parent
MADE_BY_PHONES = {"submission", "revision", "revision_attachment"}
"""Tables whose ids a phone makes up."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("backend/steppe/backup/checkpoints.py", "enter_trail"): "the trail and its tree are the whole server's",
    ("backend/steppe/backup/queries.py", "files_of_forms"): "a backup is of the whole server, every mission of it",
    ("backend/steppe/backup/queries.py", "files_of_reports"): "a server is verified whole, every mission of it",
    ("backend/steppe/backup/queries.py", "mission_heads"): "a backup is of the whole server, every mission of it",
    ("backend/steppe/backup/queries.py", "revoked_devices"): "the list beside the database is of every mission",
    ("backend/steppe/backup/checkpoints.py", "_trail_roots"): "the trail and its tree are the whole server's",
    ("backend/steppe/backup/queries.py", "trail_in_tree"): "the trail and its tree are the whole server's",
    ("backend/steppe/backup/queries.py", "trail_outside"): "the trail and its tree are the whole server's",
    ("backend/steppe/backup/rows.py", "read_rows"): "a backup is of the whole server, every mission of it",
    ("backend/steppe/doctor.py", "check_secret"): "one secret wraps the keys of every mission of the server",
    ("backend/steppe/doctor.py", "_derivation"): "the rules of derivation are those of the server, for every mission",
    ("backend/steppe/people/commands.py", "open_session"): "a session ends by the clock, whosever it is",
    ("backend/steppe/submissions/commands.py", "held_submissions"): "an id is taken whatever mission took it",
    ("backend/steppe/submissions/commands.py", "taken"): "an id is taken whatever mission took it",
}
"""File and function of a statement that spans missions, and why it may."""

found: list[str] = []
"""What the watch has seen since somebody last looked, as `file:line function: table`."""
_judged: dict[Any, list[str]] = {}


def untied(statement: Any) -> list[str]:
    """Return the names of the tables that a statement reads or changes without their mission."""
    return sorted({name for part, outer in _parts(statement) for name in _untied_in(part, outer)})


def _parts(statement: Any, outer: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Every SELECT, UPDATE and DELETE within, each with those around it."""
    inner = outer
    if isinstance(statement, Select | Update | Delete):
        yield statement, outer
        inner = (*outer, statement)
    for child in statement.get_children():
        yield from _parts(child, inner)


def _flat(clause: Any) -> Iterator[Any]:
    """The conditions that must all hold."""
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        for one in clause.clauses:
            yield from _flat(one)
    elif isinstance(clause, Grouping):
        yield from _flat(clause.element)
    elif clause is not None:
        yield clause


def _sources(part: Any) -> tuple[dict[str, FromClause], list[Any]]:
    """Tables by the name they have in this statement, and the conditions they are joined on."""
    tables: dict[str, FromClause] = {}
    conditions: list[Any] = []
    left = list(part.get_final_froms()) if isinstance(part, Select) else [part.table]
    while left:
        source = left.pop()
        if isinstance(source, Join):
            left += [source.left, source.right]
            conditions += _flat(source.onclause)
        else:
            tables[_name(source)] = source
    return tables, conditions


def _name(source: Any) -> str:
    return str(getattr(source, "name", None) or id(source))


def _table(source: Any) -> Table | None:
    while isinstance(source, Alias):
        source = source.element
    return source._deannotate() if isinstance(source, Table) else None


def is_of_a_mission(table: Table) -> bool:
    """Say whether a table's rows belong to a mission."""
    return "mission_id" in table.columns or any(is_of_a_mission(key.column.table) for key in table.foreign_keys)


def _untied_in(part: Any, outer: tuple[Any, ...]) -> Iterator[str]:
    tables, conditions = _sources(part)
    around = [pair for one in outer for pair in _sources(one)[0].items()]
    if len(tables) > 1 or outer:
        # A table that stands around a statement is the same one within it: it is correlated.
        kept = {name: source for name, source in tables.items() if name not in dict(around)}
        tables = kept or tables
    everything = {**dict(around), **tables}
    for one in (part, *outer):
        conditions += [flat for clause in one._where_criteria for flat in _flat(clause)]
        conditions += _sources(one)[1]
    tied = _tied(everything, list(_equalities(conditions)))
    for name, source in tables.items():
        table = _table(source)
        if table is not None and is_of_a_mission(table) and name not in tied:
            yield table.name


def _equalities(conditions: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Pairs of a column and what it must equal: another column, or None for a value."""
    for condition in conditions:
        if not isinstance(condition, BinaryExpression):
            continue
        if condition.operator not in {operators.eq, operators.in_op}:
            continue
        left, right = _bare(condition.left), _bare(condition.right)
        if isinstance(left, Tuple):
            yield from ((_bare(column), None) for column in left.clauses)
        for one, other in ((left, right), (right, left)):
            if isinstance(one, ColumnClause) and one.table is not None:
                yield one, other if isinstance(other, ColumnClause) and other.table is not None else None


def _bare(element: Any) -> Any:
    while isinstance(element, Grouping):
        element = element.element
    return element


def _tied(tables: dict[str, FromClause], equalities: list[tuple[Any, Any]]) -> set[str]:
    tied = {name for name, source in tables.items() if (table := _table(source)) is None or table.name == "mission"}
    while True:
        bound: dict[str, set[str]] = {name: set() for name in tables}
        for column, other in equalities:
            if _name(column.table) in bound and (other is None or _name(other.table) in tied):
                bound[_name(column.table)].add(column.name)
        new = {
            name
            for name, source in tables.items()
            if name not in tied and (table := _table(source)) is not None and _is_tied(table, bound[name])
        }
        if not new:
            return tied
        tied |= new


def _is_tied(table: Table, bound: set[str]) -> bool:
    if "mission_id" in bound:
        return True
    if table.name in MADE_BY_PHONES:
        keys: list[set[str]] = []
    else:
        keys = [{column.name for column in table.primary_key}]
        keys += [
            {column.name for column in key.columns} for key in table.constraints if isinstance(key, UniqueConstraint)
        ]
        keys += [{column.name} for column in table.columns if column.unique]
    pointing = [
        {key.parent.name}
        for key in table.foreign_keys
        if key.column.table.name not in MADE_BY_PHONES | {"mission"} and is_of_a_mission(key.column.table)
    ]
    return any(key and key <= bound for key in [*keys, *pointing])


def _frames() -> Iterator[FrameType]:
    """Frames from here outwards, through the greenlets in which SQLAlchemy waits for a driver."""
    frame: FrameType | None = sys._getframe(1)
    current = greenlet.getcurrent()
    while frame is not None or (current.parent is not None and current.parent.gr_frame is not None):
        if frame is None:
            current = current.parent  # checked by the condition above
            frame = current.gr_frame
            continue
        yield frame
        frame = frame.f_back


def _origin() -> tuple[str, int, str] | None:
    """File, line and function of the repository's code that made the statement; None for a test's own."""
    for frame in _frames():
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and path != Path(__file__) and ".venv" not in path.parts:
            name = str(path.relative_to(ROOT))
            return (name, frame.f_lineno, frame.f_code.co_name) if name.startswith("backend/") else None
    return None


def note(_connection: Any, statement: Any, _many: Any, _values: Any, _options: Any) -> None:
    """Judge a statement about to be executed; SQLAlchemy calls this for each."""
    if not isinstance(statement, Select | Update | Delete):
        return
    key = statement._generate_cache_key()
    shape = key.key if key else id(statement)
    if shape not in _judged:
        _judged[shape] = untied(statement)
    if _judged[shape] and (origin := _origin()):
        file, line, function = origin
        if (file, function) not in EXCEPTIONS:
            found.append(f"{file}:{line} {function}: {', '.join(_judged[shape])}")


def watch() -> None:
    """Begin to watch every engine of this process."""
    event.listen(Engine, "before_execute", note)

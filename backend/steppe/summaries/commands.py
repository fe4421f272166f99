"""Keeping the tallies, in the transaction that changes the submissions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, insert, select, update

from steppe.checklists.definition import Definition
from steppe.kit.columns import table_of
from steppe.kit.db import WriteSession
from steppe.submissions.models import Tally
from steppe.submissions.projection import Counted, SubmissionChange
from steppe.summaries.snapshots import keep_snapshots
from steppe.summaries.tally import Counts, accumulate, added

TallyKey = tuple[str, UUID, date, str, str, str]
"""Region code, checklist version, day, status, level, origin."""


@dataclass(slots=True)
class TallySum:
    """Submissions and counts of one tally row, or what is to be added to them."""

    n: int = 0
    counts: Counts = field(default_factory=dict)


def take(sums: dict[TallyKey, TallySum], definition: Definition, counted: Counted | None, sign: Literal[1, -1]) -> None:
    """Add one submission to (`sign` 1) or take it from (-1) the sums by tally row; None is in none."""
    if counted is None:
        return
    version, day = counted.checklist_version_id, counted.day
    key = (counted.region_code, version, day, counted.status, counted.level, counted.origin)
    held = sums.setdefault(key, TallySum())
    held.n += sign
    accumulate(held.counts, definition, counted.answers, counted.flags, sign)


def differences(changes: Iterable[SubmissionChange]) -> dict[TallyKey, TallySum]:
    """Return what changed submissions add to each tally row they touch."""
    sums: dict[TallyKey, TallySum] = {}
    for change in changes:
        take(sums, change.definition, change.before, -1)
        take(sums, change.definition, change.after, 1)
    return sums


async def apply(session: WriteSession, mission_id: UUID, changes: Sequence[SubmissionChange]) -> None:
    """Bring the tallies up to date: one read, then one statement each for new, changed and emptied rows, in key order.

    The caller holds the mission's counter; nobody else writes these rows meanwhile.
    """
    sums = differences(changes)
    keys = sorted(sums, key=lambda key: (key[0], str(key[1]), *key[2:]))
    held = await _held(session, mission_id, keys)
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    emptied: list[dict[str, Any]] = []
    for key in keys:
        before = held.get(key, TallySum())
        after = TallySum(before.n + sums[key].n, added(before.counts, sums[key].counts))
        if key not in held:
            if after.n:
                new.append({**columns_of(mission_id, key), "n": after.n, "counts": after.counts})
        elif after.n:
            changed.append({**_keyed(mission_id, key), "new_n": after.n, "new_counts": after.counts})
        else:
            emptied.append(_keyed(mission_id, key))
    await _write(session, new, changed, emptied)
    await keep_snapshots(session, mission_id, changes)


@cache
def _held_statement() -> Select[Any]:
    # Each column by its own list: SQLite finds lists of whole keys by walking all tallies of the mission.
    table = table_of(Tally)
    columns = [column for column in table.primary_key.columns if column is not table.c.mission_id]
    lists = [column.in_(bindparam(f"any_{column.name}", expanding=True)) for column in columns]
    return select(*columns, table.c.n, table.c.counts).where(table.c.mission_id == bindparam("mission"), *lists)


async def _held(session: WriteSession, mission_id: UUID, keys: Sequence[TallyKey]) -> dict[TallyKey, TallySum]:
    """Return the tallies with these keys, and perhaps others that share their parts."""
    if not keys:
        return {}
    regions, versions, days, statuses, levels, origins = (list(set(parts)) for parts in zip(*keys, strict=True))
    values = {
        "mission": mission_id,
        "any_region_code": regions,
        "any_checklist_version_id": versions,
        "any_day": days,
        "any_status": statuses,
        "any_level": levels,
        "any_origin": origins,
    }
    rows = (await (await session.connection()).execute(_held_statement(), values)).all()
    return {tuple(key): TallySum(n, counts) for *key, n, counts in rows}


def columns_of(mission_id: UUID, key: TallyKey) -> dict[str, Any]:
    """Return the key columns of a tally."""
    region, version, day, status, level, origin = key
    return {
        "mission_id": mission_id,
        "region_code": region,
        "checklist_version_id": version,
        "day": day,
        "status": status,
        "level": level,
        "origin": origin,
    }


def _keyed(mission_id: UUID, key: TallyKey) -> dict[str, Any]:
    return {f"key_{name}": value for name, value in columns_of(mission_id, key).items()}


async def _write(
    session: WriteSession, new: list[dict[str, Any]], changed: list[dict[str, Any]], emptied: list[dict[str, Any]]
) -> None:
    table = table_of(Tally)
    same = [column == bindparam(f"key_{column.name}") for column in table.primary_key.columns]
    connection = await session.connection()
    if new:
        await connection.execute(insert(table), new)
    if changed:
        statement = update(table).where(*same).values(n=bindparam("new_n"), counts=bindparam("new_counts"))
        await connection.execute(statement, changed)
    if emptied:
        await connection.execute(delete(table).where(*same), emptied)

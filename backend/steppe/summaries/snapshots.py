"""Keeping the snapshots of counts, in the transaction that changes the tallies they are taken from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, insert, select, update
from sqlmodel import col

from steppe.checklists.definition import Definition
from steppe.kit.columns import table_of
from steppe.kit.db import WriteSession
from steppe.missions.models import Mission, MissionCounter
from steppe.people.policy import OPEN_LEVELS
from steppe.submissions.models import CountSnapshot, Tally
from steppe.submissions.projection import Counted, SubmissionChange
from steppe.summaries.counts import add
from steppe.summaries.snapshot import ABSENT, digest, note, small_cell_of, week_of, weeks_shown
from steppe.summaries.tally import delta, settled

Cell = tuple[str, UUID, str]
"""Region code, checklist version, origin."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What one report was and is in a cell."""

    report: str
    before: str
    after: str
    received_on: date | None


@dataclass(slots=True)
class _Held:
    """A snapshot as it stands; `is_new` until it has a row."""

    is_new: bool = True
    n: int = 0
    counts: dict[str, Any] = field(default_factory=dict)
    weeks: dict[str, int] = field(default_factory=dict)
    received_on: date | None = None
    pending: dict[str, str] = field(default_factory=dict)
    pending_on: date | None = None
    moved_n: int = 0

    def note(self, steps: Iterable[_Step]) -> None:
        """Note what became of some reports."""
        self.pending = dict(self.pending)
        for step in steps:
            note(self.pending, step.report, step.before, step.after)
            self.pending_on = max(filter(None, (self.pending_on, step.received_on)), default=None)


async def keep_snapshots(session: WriteSession, mission_id: UUID, changes: Sequence[SubmissionChange]) -> None:
    """Note changed reports in the snapshots of their cells, and move those in which enough have changed.

    Call it when the tallies are up to date. The caller holds the mission's counter.
    """
    steps = _steps(changes)
    if not steps:
        return
    small_cell, held = await _held(session, mission_id, list(steps))
    for cell in sorted(steps, key=str):
        snapshot = held.setdefault(cell, _Held())
        snapshot.note(steps[cell])
        if len(snapshot.pending) >= small_cell:
            await _move(session, mission_id, cell, snapshot, small_cell)
    await _write(session, mission_id, {cell: held[cell] for cell in sorted(steps, key=str)})


def _steps(changes: Iterable[SubmissionChange]) -> dict[Cell, list[_Step]]:
    """Return by cell what the changes are to it. Only internal and restricted reports are in any."""
    steps: dict[Cell, list[_Step]] = defaultdict(list)
    for change in changes:
        before, after = _open(change.before), _open(change.after)
        was = _digest(change.definition, before) if before else ABSENT
        # A new report differs from its absence whatever it says: its digest is not needed.
        now = (_digest(change.definition, after) if change.before else "new") if after else ABSENT
        report = str(change.submission_id)
        received_on = after.received_at.date() if after else None
        old, new = _cell(before), _cell(after)
        if old is not None and old != new:
            steps[old].append(_Step(report, was, ABSENT, None))
        if new is not None:
            steps[new].append(_Step(report, was if old == new else ABSENT, now, received_on))
    return steps


def _open(counted: Counted | None) -> Counted | None:
    return counted if counted is not None and counted.level in OPEN_LEVELS else None


def _cell(counted: Counted | None) -> Cell | None:
    return None if counted is None else (counted.region_code, counted.checklist_version_id, counted.origin)


def _digest(definition: Definition, counted: Counted) -> str:
    return digest(settled(delta(definition, counted.answers, counted.flags)), counted.day)


@cache
def _held_statement() -> Select[Any]:
    # One row at least, so that the mission's threshold comes with the same question.
    table = table_of(CountSnapshot)
    return (
        select(
            col(Mission.policy),
            table.c.region_code,
            table.c.checklist_version_id,
            table.c.origin,
            table.c.n,
            table.c.counts,
            table.c.weeks,
            table.c.received_on,
            table.c.pending,
            table.c.pending_on,
            table.c.moved_n,
        )
        .select_from(
            table_of(Mission).outerjoin(
                table,
                and_(
                    table.c.mission_id == table_of(Mission).c.id,
                    table.c.region_code.in_(bindparam("regions", expanding=True)),
                    table.c.checklist_version_id.in_(bindparam("versions", expanding=True)),
                    table.c.origin.in_(bindparam("origins", expanding=True)),
                ),
            )
        )
        .where(table_of(Mission).c.id == bindparam("mission"))
    )


async def _held(session: WriteSession, mission_id: UUID, cells: Sequence[Cell]) -> tuple[int, dict[Cell, _Held]]:
    """Return the mission's threshold and the snapshots of these cells, and perhaps of others that share their parts."""
    regions, versions, origins = (sorted(set(parts), key=str) for parts in zip(*cells, strict=True))
    values = {"mission": mission_id, "regions": regions, "versions": versions, "origins": origins}
    rows = (await (await session.connection()).execute(_held_statement(), values)).all()
    held = {(row[1], row[2], row[3]): _Held(False, *row[4:]) for row in rows if row[1] is not None}
    return small_cell_of(rows[0][0] or {}), held


async def _move(session: WriteSession, mission_id: UUID, cell: Cell, snapshot: _Held, small_cell: int) -> None:
    """Bring a snapshot to what its cell's tallies say now."""
    region, version, origin = cell
    query = select(col(Tally.day), col(Tally.n), col(Tally.counts)).where(
        col(Tally.mission_id) == mission_id,
        col(Tally.region_code) == region,
        col(Tally.checklist_version_id) == version,
        col(Tally.level).in_(OPEN_LEVELS),
        col(Tally.origin) == origin,
    )
    counts: dict[str, Any] = {}
    weeks: dict[str, int] = defaultdict(int)
    for day, n, counted in (await session.execute(query)).all():
        weeks[week_of(day).isoformat()] += n
        add(counts, counted)
    total = sum(weeks.values())
    snapshot.weeks = weeks_shown(snapshot.weeks, weeks, before=snapshot.n, after=total, small_cell=small_cell)
    snapshot.n, snapshot.counts = total, settled(counts)
    snapshot.received_on, snapshot.pending = snapshot.pending_on, {}
    counter = select(col(MissionCounter.n)).where(col(MissionCounter.mission_id) == mission_id)
    snapshot.moved_n = (await session.execute(counter)).scalar_one()


async def _write(session: WriteSession, mission_id: UUID, snapshots: dict[Cell, _Held]) -> None:
    table = table_of(CountSnapshot)
    connection = await session.connection()
    new = [_row(mission_id, cell, held) for cell, held in snapshots.items() if held.is_new]
    changed = [
        {f"key_{name}" if name in table.primary_key.columns else f"new_{name}": value for name, value in row.items()}
        for row in (_row(mission_id, cell, held) for cell, held in snapshots.items() if not held.is_new)
    ]
    if new:
        await connection.execute(insert(table), new)
    if changed:
        same = [column == bindparam(f"key_{column.name}") for column in table.primary_key.columns]
        others = [column for column in table.columns if not column.primary_key]
        values: dict[str, Any] = {column.name: bindparam(f"new_{column.name}") for column in others}
        await connection.execute(update(table).where(*same).values(**values), changed)


def _row(mission_id: UUID, cell: Cell, held: _Held) -> dict[str, Any]:
    region, version, origin = cell
    return {
        "mission_id": mission_id,
        "region_code": region,
        "checklist_version_id": version,
        "origin": origin,
        "n": held.n,
        "counts": held.counts,
        "weeks": held.weeks,
        "received_on": held.received_on,
        "pending": held.pending,
        "pending_on": held.pending_on,
        "moved_n": held.moved_n,
    }

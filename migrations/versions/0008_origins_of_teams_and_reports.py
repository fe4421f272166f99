"""Whose observers a team is, written down with every report; texts of missions in their own words. Kind: expand.

Everything there is becomes ODIHR's. The origin enters the keys of tallies and snapshots: SQLite can change a key only
by making the table anew, so both are copied aside and back, on PostgreSQL too. A running server of the earlier version
writes rows without an origin, which are ODIHR's: it knows no guests.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import json_column

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LEVELS = "level IN ('internal', 'restricted', 'confidential', 'sealed')"
STATUSES = "status IN ('received', 'accepted', 'returned', 'held')"
TALLY_KEY = ("mission_id", "region_code", "checklist_version_id", "day", "status", "level")
SNAPSHOT_KEY = ("mission_id", "region_code", "checklist_version_id")


def upgrade() -> None:
    """Apply."""
    for table in ("team", "person", "submission", "inbox_item", "change"):
        op.add_column(table, _origin())
    op.add_column("team", sa.Column("from_on", sa.Date(), nullable=True))
    op.add_column("team", sa.Column("until_on", sa.Date(), nullable=True))
    op.add_column("mission", sa.Column("texts", json_column(), server_default="{}", nullable=False))
    _key_tallies()
    _key_snapshots()


def _origin() -> sa.Column[str]:
    return sa.Column("origin", sa.String(), server_default="odihr", nullable=False)


def _key_tallies() -> None:
    _copy_aside("tally")
    op.create_table(
        "tally",
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        _origin(),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("counts", json_column(), nullable=False),
        sa.CheckConstraint(STATUSES, name=op.f("ck_tally_status_word")),
        sa.CheckConstraint(LEVELS, name=op.f("ck_tally_level_word")),
        *_of_a_checklist("tally"),
        sa.PrimaryKeyConstraint(*TALLY_KEY, "origin", name=op.f("pk_tally")),
    )
    _copy_back("tally", (*TALLY_KEY, "n", "counts"))


def _key_snapshots() -> None:
    _copy_aside("count_snapshot")
    op.create_table(
        "count_snapshot",
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        _origin(),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("counts", json_column(), nullable=False),
        sa.Column("weeks", json_column(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("pending", json_column(), nullable=False),
        sa.Column("pending_on", sa.Date(), nullable=True),
        sa.Column("moved_n", sa.BigInteger(), nullable=False),
        *_of_a_checklist("count_snapshot"),
        sa.PrimaryKeyConstraint(*SNAPSHOT_KEY, "origin", name=op.f("pk_count_snapshot")),
    )
    facts = ("n", "counts", "weeks", "received_on", "pending", "pending_on", "moved_n")
    _copy_back("count_snapshot", (*SNAPSHOT_KEY, *facts))


def _of_a_checklist(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f(f"fk_{table}_mission_id_mission")),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"],
            ["checklist_version.id"],
            name=op.f(f"fk_{table}_checklist_version_id_checklist_version"),
        ),
    )


def _copy_aside(table: str) -> None:
    op.execute(f"CREATE TABLE {table}_kept AS SELECT * FROM {table}")  # noqa: S608 # our own names
    op.drop_table(table)


def _copy_back(table: str, columns: tuple[str, ...]) -> None:
    named = ", ".join(columns)
    op.execute(f"INSERT INTO {table} ({named}) SELECT {named} FROM {table}_kept")  # noqa: S608 # our own names
    op.drop_table(f"{table}_kept")

"""Counts by level of confidentiality, snapshots of counts, grants, themes of reports. Kind: expand.

Tallies are derived: they are dropped here and counted anew by `steppe.migrate.migrate` right after, with the themes of
reports. A database that stops between the two is counted at the next `steppe migrate`.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import UtcDateTime, json_column

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LEVELS = "level IN ('internal', 'restricted', 'confidential', 'sealed')"
STATUSES = "status IN ('received', 'accepted', 'returned', 'held')"
ROLES = "role IN ('observer', 'coordinator', 'expert', 'head', 'admin', 'auditor')"


def upgrade() -> None:
    """Apply."""
    op.drop_table("tally")
    op.create_table(
        "tally",
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("counts", json_column(), nullable=False),
        sa.CheckConstraint(STATUSES, name=op.f("ck_tally_status_word")),
        sa.CheckConstraint(LEVELS, name=op.f("ck_tally_level_word")),
        *_of_a_checklist("tally"),
        sa.PrimaryKeyConstraint(
            "mission_id",
            "region_code",
            "checklist_version_id",
            "day",
            "status",
            "level",
            name=op.f("pk_tally"),
        ),
    )
    op.create_table(
        "count_snapshot",
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("checklist_version_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("counts", json_column(), nullable=False),
        sa.Column("weeks", json_column(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("pending", json_column(), nullable=False),
        sa.Column("pending_on", sa.Date(), nullable=True),
        sa.Column("moved_n", sa.BigInteger(), nullable=False),
        *_of_a_checklist("count_snapshot"),
        sa.PrimaryKeyConstraint("mission_id", "region_code", "checklist_version_id", name=op.f("pk_count_snapshot")),
    )
    op.create_table(
        "person_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("regions", json_column(), nullable=True),
        sa.Column("themes", json_column(), nullable=True),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(ROLES, name=op.f("ck_person_grant_role_word")),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_person_grant_mission_id_mission")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_grant_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_grant")),
    )
    op.create_index(op.f("ix_person_grant_person_id"), "person_grant", ["person_id"], unique=False)
    op.add_column("submission", sa.Column("themes", sa.String(), server_default="", nullable=False))
    op.add_column("change", sa.Column("level", sa.String(), server_default="", nullable=False))
    _level_the_feed()


def _of_a_checklist(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f(f"fk_{table}_mission_id_mission")),
        sa.ForeignKeyConstraint(
            ["checklist_version_id"],
            ["checklist_version.id"],
            name=op.f(f"fk_{table}_checklist_version_id_checklist_version"),
        ),
    )


def _level_the_feed() -> None:
    """Write the levels of reports beside the lines of the feed that speak of them. One without is told nobody."""
    submission = sa.table("submission", sa.column("id", sa.Uuid()), sa.column("level", sa.String()))
    change = sa.table(
        "change", sa.column("kind", sa.String()), sa.column("object_id", sa.String()), sa.column("level", sa.String())
    )
    connection = op.get_bind()
    keys: dict[str, list[UUID]] = {}
    for key, level in connection.execute(sa.select(submission.c.id, submission.c.level)):
        keys.setdefault(level, []).append(key)
    for level, reports in keys.items():
        for start in range(0, len(reports), 500):
            named = [str(key) for key in reports[start : start + 500]]
            connection.execute(
                sa.update(change)
                .where(change.c.kind == "submission", change.c.object_id.in_(named))
                .values(level=level)
            )

"""Decisions of people about reports and items kept aside, and who has read which report. Kind: expand.

The states of review become those of `decisions/review_state`. No version ever wrote `held`, the one word that goes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import UtcDateTime, json_column

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

STATUSES = (
    "status IN ('received', 'in_review', 'accepted', 'on_hold', 'returned', 'resubmitted', 'withdrawn', 'conflict')"
)
LEVELS = "level IN ('internal', 'restricted', 'confidential', 'sealed')"
KINDS = (
    "kind IN ('in_review', 'accepted', 'on_hold', 'returned', 'recommended', 'commented', 'assigned', 'taken', "
    "'kept_apart')"
)


def upgrade() -> None:
    """Apply."""
    for table in ("submission", "tally"):
        _widen(table)
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("inbox_seq", sa.BigInteger(), nullable=True),
        sa.Column("path", sa.String(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("payload", json_column(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_decision_kind_word")),
        sa.CheckConstraint(LEVELS, name=op.f("ck_decision_level_word")),
        sa.ForeignKeyConstraint(["assignee_id"], ["person.id"], name=op.f("fk_decision_assignee_id_person")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_decision_author_id_person")),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_decision_mission_id_mission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("mission_id", "n", name=op.f("uq_decision_mission_id_n")),
    )
    op.create_index("ix_decision_mission_submission", "decision", ["mission_id", "submission_id"])
    op.create_index("ix_decision_mission_inbox_seq", "decision", ["mission_id", "inbox_seq"])
    op.create_table(
        "reading_mark",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_reading_mark_mission_id_mission")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reading_mark_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "submission_id", name=op.f("pk_reading_mark")),
    )


def _widen(table: str) -> None:
    name = op.f(f"ck_{table}_status_word")
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, STATUSES)

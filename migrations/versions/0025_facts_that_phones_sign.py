"""What phones say beside their reports, and what headquarters asks of their teams. Kind: expand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import UtcDateTime, json_column

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "signed_fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("device_seq", sa.Integer(), nullable=False),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("said", json_column(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_signed_fact_mission_id_mission")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_signed_fact_device_id_device")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_signed_fact_author_id_person")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_signed_fact_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_fact")),
        sa.UniqueConstraint("device_id", "device_seq", name=op.f("uq_signed_fact_device_id_device_seq")),
    )
    op.create_index("ix_signed_fact_mission_kind", "signed_fact", ["mission_id", "kind", "seq"])
    op.create_index("ix_signed_fact_subject_id", "signed_fact", ["subject_id"])
    _queries()


def _queries() -> None:
    op.create_table(
        "query",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("is_sealed", sa.Boolean(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("answers_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_query_mission_id_mission")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_query_asked_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query")),
    )
    op.create_index("ix_query_mission_asked", "query", ["mission_id", "asked_at"])
    op.create_index("ix_query_submission_id", "query", ["submission_id"])
    op.create_table(
        "query_team",
        sa.Column("query_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["query_id"], ["query.id"], name=op.f("fk_query_team_query_id_query")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_query_team_team_id_team")),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_query_team_mission_id_mission")),
        sa.PrimaryKeyConstraint("query_id", "team_id", name=op.f("pk_query_team")),
    )
    op.create_index("ix_query_team_team_id", "query_team", ["team_id"])
    op.create_table(
        "query_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("query_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "step IN ('asked', 'released', 'resolved', 'withdrawn')", name=op.f("ck_query_step_step_word")
        ),
        sa.CheckConstraint("priority IN ('', 'today', 'this_week')", name=op.f("ck_query_step_priority_word")),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_query_step_mission_id_mission")),
        sa.ForeignKeyConstraint(["query_id"], ["query.id"], name=op.f("fk_query_step_query_id_query")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_query_step_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query_step")),
    )
    op.create_index("ix_query_step_query_id", "query_step", ["query_id"])
    op.create_table(
        "query_arrival",
        sa.Column("query_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["query_id"], ["query.id"], name=op.f("fk_query_arrival_query_id_query")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_query_arrival_device_id_device")),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_query_arrival_mission_id_mission")),
        sa.PrimaryKeyConstraint("query_id", "round", "device_id", name=op.f("pk_query_arrival")),
    )

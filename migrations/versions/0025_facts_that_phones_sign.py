"""What phones say beside their reports: signed facts. Kind: expand."""

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

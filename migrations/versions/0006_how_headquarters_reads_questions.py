"""How headquarters reads the questions of a form. Expand: one new table, nothing changes for running servers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import json_column

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "form_question_reading",
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("is_summed", sa.Boolean(), nullable=False),
        sa.Column("is_quoted", sa.Boolean(), nullable=False),
        sa.Column("theme_from", sa.String(), nullable=True),
        sa.Column("speech", sa.String(), nullable=True),
        sa.Column("short_title", json_column(), nullable=True),
        sa.CheckConstraint(
            "speech IN ('observed', 'documented', 'stated', 'alleged', 'assessment')",
            name=op.f("ck_form_question_reading_speech_word"),
        ),
        sa.ForeignKeyConstraint(
            ["mission_id"], ["mission.id"], name=op.f("fk_form_question_reading_mission_id_mission")
        ),
        sa.PrimaryKeyConstraint("mission_id", "form", "question", name=op.f("pk_form_question_reading")),
    )

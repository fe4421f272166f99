"""Heads and conflicts of a report, revisions that wait for their base, and why one was made. Kind: expand.

Until now every report had one head. A running server of the earlier version leaves the new columns at their defaults;
`steppe rebuild` then fills in the heads.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import json_column

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
_HYPHENED = " || '-' || ".join(f"substr(head_revision_id, {start}, {length})" for start, length in _PARTS)
_HEADS = {
    "postgresql": "jsonb_build_array(CAST(head_revision_id AS TEXT))",
    # SQLite holds an id as its 32 digits.
    "sqlite": f"'[\"' || {_HYPHENED} || '\"]'",
}


def upgrade() -> None:
    """Apply."""
    op.add_column("submission", sa.Column("heads", json_column(), server_default="[]", nullable=False))
    op.add_column("submission", sa.Column("conflicts", json_column(), server_default="{}", nullable=False))
    op.add_column("revision", sa.Column("waits_for", json_column(), server_default="[]", nullable=False))
    op.add_column("revision", sa.Column("reason", sa.String(), server_default="", nullable=False))
    op.execute(f"UPDATE submission SET heads = {_HEADS[op.get_bind().dialect.name]}")  # noqa: S608 # our own names

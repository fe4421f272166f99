"""By which rules a mission's reports were derived, and which phone brought a revision (expand).

Missions that hold reports keep 1: their levels and places are those of earlier rules until `steppe rebuild`, and
`steppe doctor` says so. A mission without reports has nothing to rebuild.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("mission_counter", sa.Column("derivation", sa.Integer(), server_default="1", nullable=False))
    op.execute(
        "UPDATE mission_counter SET derivation = 2 WHERE NOT EXISTS "
        "(SELECT 1 FROM submission WHERE submission.mission_id = mission_counter.mission_id)"
    )
    op.add_column("revision", sa.Column("pusher_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE revision SET pusher_id = (SELECT inbox_item.pusher_id FROM inbox_item "
        "WHERE inbox_item.mission_id = revision.mission_id AND inbox_item.seq = revision.seq)"
    )

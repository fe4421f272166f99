"""What was found when a phone was checked. Kind: expand.

A running server of the earlier version writes none; a phone tells again until a server says that it reads it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import json_column

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("device", sa.Column("last_check", json_column(), nullable=True))

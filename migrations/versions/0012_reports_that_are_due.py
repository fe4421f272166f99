"""Which reports teams owe, and by when. Kind: expand.

A running server of the earlier version writes none and tells phones of none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import json_column

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("mission", sa.Column("due", json_column(), server_default="[]", nullable=False))

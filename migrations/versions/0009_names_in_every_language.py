"""Names of teams and functions of people in every language of the mission. Kind: expand.

What there is stays empty until a pack is loaded again: readers then fall back to the one name they had.
A running server of the earlier version writes rows without them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import json_column

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for table, column in (("team", "base_names"), ("person", "functions")):
        op.add_column(table, sa.Column(column, json_column(), server_default="{}", nullable=False))

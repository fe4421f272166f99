"""Why a phone was revoked, and by whom. Kind: expand.

A running server of the earlier version revokes nothing, and refuses a revoked phone's pushes: it sends them again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("device", sa.Column("revoked_reason", sa.String(), nullable=True))
    op.add_column("device", sa.Column("revoked_by", sa.String(), nullable=True))

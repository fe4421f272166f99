"""How the clock of a phone stands, as it says at each contact. Kind: expand.

A running server of the earlier version writes none, and leaves what another wrote until the phone is heard again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("device", sa.Column("clock_ahead_ms", sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("clock_within_ms", sa.BigInteger(), nullable=True))

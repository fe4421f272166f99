"""How the clock of a phone stood when it finished a report. Kind: expand.

A running server of the earlier version writes neither, and takes no revision that carries a clock: phones send one to
servers that say they read it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("revision", sa.Column("clock_ahead_ms", sa.BigInteger(), nullable=True))
    op.add_column("revision", sa.Column("clock_within_ms", sa.BigInteger(), nullable=True))

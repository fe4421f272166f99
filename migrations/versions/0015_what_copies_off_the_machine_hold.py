"""Up to which number a mission lies in copies off the machine, and the numbers of attachments. Kind: expand.

A running server of the earlier version completes attachments without a number; the first that is asked about one gives
it one, as for those completed before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("mission", sa.Column("safe_seq", sa.BigInteger(), nullable=True))
    op.add_column("mission", sa.Column("safe_at", UtcDateTime(), nullable=True))
    op.add_column("attachment", sa.Column("seq", sa.BigInteger(), nullable=True))

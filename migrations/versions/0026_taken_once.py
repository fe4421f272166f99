"""What was kept aside is taken once. Kind: expand.

No version before took anything out of quarantine, so there are no decisions yet that the index could find twice.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    is_taken = sa.text("kind = 'taken'")
    op.create_index(
        "uq_decision_taken",
        "decision",
        ["mission_id", "inbox_seq"],
        unique=True,
        sqlite_where=is_taken,
        postgresql_where=is_taken,
    )

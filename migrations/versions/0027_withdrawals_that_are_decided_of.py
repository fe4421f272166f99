"""Decisions of what a team asked for: to take back a report that was accepted. Kind: expand."""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KINDS = (
    "kind IN ('in_review', 'accepted', 'on_hold', 'returned', 'recommended', 'commented', 'assigned', "
    "'withdrawal_granted', 'withdrawal_declined', 'taken', 'kept_apart')"
)


def upgrade() -> None:
    """Apply."""
    name = op.f("ck_decision_kind_word")
    with op.batch_alter_table("decision") as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, KINDS)

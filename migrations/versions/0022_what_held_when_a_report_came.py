"""Team, letter and place of a report, written down with it when it came; teams a phone was of. Kind: expand.

Rows of a mission derived by today's rules get what holds now; of a mission that waits for `steppe rebuild` that command
places them first, by its rules, and writes them down. A running server of the earlier version leaves the columns empty:
they are looked up until the next rebuild.
"""

from __future__ import annotations

import orjson
import sqlalchemy as sa
from alembic import op

from steppe.kit.columns import UtcDateTime, json_column

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

DERIVED_BY = 4
OTHER_PLACE = "other_place"


def upgrade() -> None:
    """Apply."""
    op.add_column("inbox_item", sa.Column("team_id", sa.Uuid(), nullable=True))
    op.add_column("inbox_item", sa.Column("letter", sa.String(), server_default="", nullable=False))
    op.add_column("inbox_item", sa.Column("region_code", sa.String(), nullable=True))
    op.add_column("inbox_item", sa.Column("district_code", sa.String(), server_default="", nullable=False))
    op.add_column("inbox_item", sa.Column("other_places", json_column(), server_default="[]", nullable=False))
    op.create_table(
        "device_team",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_team_device_id_device")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_device_team_team_id_team")),
        sa.ForeignKeyConstraint(["mission_id"], ["mission.id"], name=op.f("fk_device_team_mission_id_mission")),
        sa.PrimaryKeyConstraint("device_id", "team_id", name=op.f("pk_device_team")),
    )
    _note_authors()
    _note_places()


def _note_authors() -> None:
    for column, held in (("team_id", "team_id"), ("letter", "letter")):
        op.execute(
            f"UPDATE inbox_item SET {column} = (SELECT device.{held} FROM device"  # noqa: S608 # our own names
            " WHERE device.id = COALESCE(inbox_item.maker_id, inbox_item.pusher_id))"
            " WHERE revision_id IS NOT NULL AND COALESCE(maker_id, pusher_id) IS NOT NULL"
        )


def _note_places() -> None:
    # A submission keeps the place of its last revision that said one: it stands for all of them.
    of_the_report = (
        "FROM submission JOIN revision ON revision.submission_id = submission.id"
        " AND revision.mission_id = submission.mission_id"
        " WHERE revision.mission_id = inbox_item.mission_id AND revision.id = inbox_item.revision_id"
    )
    op.execute(
        sa.text(
            f"UPDATE inbox_item SET region_code = (SELECT submission.region_code {of_the_report}),"  # noqa: S608 # our own names
            f" district_code = COALESCE((SELECT submission.district_code {of_the_report}), '')"
            " WHERE outcome = 'stored' AND mission_id IN"
            " (SELECT mission_id FROM mission_counter WHERE derivation = :rules)"
        ).bindparams(rules=DERIVED_BY)
    )
    connection = op.get_bind()
    flagged = sa.text("SELECT id, mission_id, flags FROM submission WHERE CAST(flags AS TEXT) LIKE :kind")
    items = sa.table(
        "inbox_item",
        sa.column("mission_id", sa.Uuid()),
        sa.column("revision_id", sa.Uuid()),
        sa.column("region_code", sa.String()),
        sa.column("other_places", json_column()),
    )
    revisions = sa.table(
        "revision",
        sa.column("id", sa.Uuid()),
        sa.column("mission_id", sa.Uuid()),
        sa.column("submission_id", sa.Uuid()),
    )
    typed = flagged.columns(id=sa.Uuid(), mission_id=sa.Uuid(), flags=sa.JSON())
    for submission, mission, flags in connection.execute(typed, {"kind": f"%{OTHER_PLACE}%"}).all():
        read = orjson.loads(flags) if isinstance(flags, str) else flags
        paths = [flag["path"] for flag in read if flag["kind"] == OTHER_PLACE]
        its = sa.select(revisions.c.id).where(
            revisions.c.mission_id == mission, revisions.c.submission_id == submission
        )
        connection.execute(
            sa.update(items)
            .where(items.c.mission_id == mission, items.c.revision_id.in_(its), items.c.region_code.is_not(None))
            .values(other_places=paths)
        )

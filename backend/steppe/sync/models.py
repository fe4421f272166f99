"""Tables of sync: the inbox with its receipts. The feed's table is the mission's (`missions.models.Change`)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from steppe.kit.columns import UtcDateTime, json_column, words
from steppe.missions.teams import ODIHR

# Only what was kept aside: the rest of the inbox pays nothing for it at a push.
_QUARANTINED = text("outcome = 'quarantined'")
_MADE_ELSEWHERE = text("maker_id IS NOT NULL")
_AT_THE_DESK = text("pusher_id IS NULL")


class InboxItem(SQLModel, table=True):
    """What a phone sent, kept before anybody judges it, and the facts of its receipt."""

    __tablename__ = "inbox_item"
    __table_args__ = (
        words("outcome", "stored", "quarantined"),
        words("raw_form", "sealed", "signed"),
        UniqueConstraint("mission_id", "revision_id", "hash"),
        Index("ix_inbox_item_mission_sealed_hash", "mission_id", "sealed_hash"),
        Index(
            "ix_inbox_item_quarantined",
            "mission_id",
            "seq",
            sqlite_where=_QUARANTINED,
            postgresql_where=_QUARANTINED,
        ),
        Index(
            "ix_inbox_item_made_elsewhere",
            "maker_id",
            "seq",
            sqlite_where=_MADE_ELSEWHERE,
            postgresql_where=_MADE_ELSEWHERE,
        ),
        Index(
            "ix_inbox_item_at_the_desk",
            "mission_id",
            "received_at",
            sqlite_where=_AT_THE_DESK,
            postgresql_where=_AT_THE_DESK,
        ),
    )

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    pusher_id: UUID | None = Field(
        default=None, foreign_key="device.id", description="the device whose token brought it; null: taken at the desk"
    )
    maker_id: UUID | None = Field(
        default=None,
        foreign_key="device.id",
        description="the device that signed it, where another or the desk brought it: it is told with its next pull",
    )
    received_at: datetime = Field(sa_type=UtcDateTime)
    origin: str = Field(
        default=ODIHR,
        sa_column_kwargs={"server_default": ODIHR},
        description="whose observers its author's team was at that moment; a rebuild reads it here",
    )
    team_id: UUID | None = Field(
        default=None,
        description="the author's team at that moment, a rebuild reads it here; null: "
        "nobody known signed it, or an earlier version took it in",
    )
    letter: str = Field(
        default="", sa_column_kwargs={"server_default": ""}, description="of the author's phone at that moment"
    )
    region_code: str | None = Field(
        default=None,
        description="where the mission's list placed the report then; null: not a report, or not written down yet",
    )
    district_code: str = Field(default="", sa_column_kwargs={"server_default": ""})
    other_places: list[str] = Field(
        default_factory=list,
        sa_type=json_column(),
        sa_column_kwargs={"server_default": "[]"},
        description="paths of answers that named another place than the finest one lay in",
    )
    outcome: str
    reason: str = ""
    revision_id: UUID | None = None
    hash: str | None = None
    device_seq: int | None = None
    sealed_hash: str
    raw: bytes = Field(
        sa_type=LargeBinary, description="deflated signed bytes; the sealed text when it cannot be opened"
    )
    raw_form: str
    tree_size: int | None = Field(
        default=None,
        sa_type=BigInteger,
        description="size of the mission's tree of receipts with this one as its last; null: not entered yet",
    )
    tree_root: str | None = Field(default=None, description="root of that tree, hex")

"""Tables of decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from steppe.decisions.review_state import NoteKind, RulingKind, StateKind
from steppe.kit.clock import now
from steppe.kit.columns import UtcDateTime, json_column, words
from steppe.submissions.current import LEVELS

KINDS = (*get_args(StateKind), *get_args(NoteKind), *get_args(RulingKind), "taken", "kept_apart")

# A second revision of one item would count its answers twice.
_TAKEN = text("kind = 'taken'")


class Decision(SQLModel, table=True):
    """What a person decided or noted about a report, or about an item kept aside: appended, never changed.

    `submission_id` is no foreign key: submissions are derived, and may be made anew from their revisions.
    """

    __tablename__ = "decision"
    __table_args__ = (
        words("kind", *KINDS),
        words("level", *LEVELS),
        UniqueConstraint("mission_id", "n"),
        Index("ix_decision_mission_submission", "mission_id", "submission_id"),
        Index("ix_decision_mission_inbox_seq", "mission_id", "inbox_seq"),
        Index(
            "uq_decision_taken", "mission_id", "inbox_seq", unique=True, sqlite_where=_TAKEN, postgresql_where=_TAKEN
        ),
    )

    id: UUID = Field(primary_key=True, description="made by whoever decides: sent twice it is the same decision")
    mission_id: UUID = Field(foreign_key="mission.id")
    n: int = Field(sa_type=BigInteger, description="the mission's number of it: decisions count in this order")
    kind: str
    submission_id: UUID | None = None
    inbox_seq: int | None = Field(default=None, sa_type=BigInteger)
    path: str | None = Field(default=None, description="the answer it is about; null: the whole report")
    author_id: UUID | None = Field(default=None, foreign_key="person.id", description="null: the command line")
    assignee_id: UUID | None = Field(
        default=None, foreign_key="person.id", description="of `assigned`: to whom; null: to nobody any more"
    )
    made_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    text: str = Field(default="", description="comment or reason; may quote answers, so it has their level")
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=json_column())
    level: str = Field(description="strictest level of what it touched then; who reads it now, the report's level says")


class ReadingMark(SQLModel, table=True):
    """Up to which of the mission's numbers a person has read a report; 0: marked as unread again."""

    __tablename__ = "reading_mark"

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    submission_id: UUID = Field(primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    n: int = Field(sa_type=BigInteger)

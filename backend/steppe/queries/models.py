"""Tables of queries: what was asked of whom, and the facts by which it moved on. Nothing here is ever changed."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from steppe.kit.columns import UtcDateTime, words

PRIORITIES: Final = ("today", "this_week")
STEPS: Final = ("asked", "released", "resolved", "withdrawn")


class Query(SQLModel, table=True):
    """Something headquarters asks, about a report, one answer of it, or about none."""

    __tablename__ = "query"
    __table_args__ = (Index("ix_query_mission_asked", "mission_id", "asked_at"),)

    id: UUID = Field(primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    submission_id: UUID | None = Field(default=None, index=True, description="the report it is about; null: it is free")
    path: str = Field(default="", description="the answer it is about; empty: the whole report")
    is_sealed: bool = Field(default=False, description="the question answered there is sealed, and so is this")
    theme: str = ""
    answers_id: UUID | None = Field(default=None, description="a team's question to headquarters that this answers")
    asked_by: UUID | None = Field(
        default=None, foreign_key="person.id", description="null: a phone brought it back after a restore"
    )
    asked_at: datetime = Field(sa_type=UtcDateTime)


class QueryTeam(SQLModel, table=True):
    """A team a query goes to."""

    __tablename__ = "query_team"

    query_id: UUID = Field(primary_key=True, foreign_key="query.id")
    team_id: UUID = Field(primary_key=True, foreign_key="team.id", index=True)
    mission_id: UUID = Field(foreign_key="mission.id")


class QueryStep(SQLModel, table=True):
    """One step of a query: a round was asked or released to the phones, or all of it ended."""

    __tablename__ = "query_step"
    __table_args__ = (words("step", *STEPS), words("priority", "", *PRIORITIES))

    id: UUID = Field(primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    query_id: UUID = Field(foreign_key="query.id", index=True)
    seq: int = Field(sa_type=BigInteger, description="the mission's number: of its last line in the feed")
    step: str
    round: int = Field(description="from 1; asking again begins the next")
    by_id: UUID | None = Field(default=None, foreign_key="person.id")
    at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(default="", description="of a round that was asked")
    priority: str = ""
    due: datetime | None = Field(default=None, sa_type=UtcDateTime)


class QueryArrival(SQLModel, table=True):
    """A phone has a round of a query: it came back with a cursor behind it."""

    __tablename__ = "query_arrival"

    query_id: UUID = Field(primary_key=True, foreign_key="query.id")
    round: int = Field(primary_key=True)
    device_id: UUID = Field(primary_key=True, foreign_key="device.id")
    mission_id: UUID = Field(foreign_key="mission.id")
    at: datetime = Field(sa_type=UtcDateTime)

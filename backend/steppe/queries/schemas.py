"""Queries on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

LONGEST_QUERY = 2_000
Priority = Literal["today", "this_week"]


class RoundIn(BaseModel):
    """What is asked, and by when an answer is needed."""

    model_config = ConfigDict(str_strip_whitespace=True)

    text: str = Field(min_length=1, max_length=LONGEST_QUERY)
    priority: Priority = "this_week"
    due: AwareDatetime | None = None


class QueryIn(RoundIn):
    """A query about a report goes to its team; a free one to the teams named, or to all but guests where none is."""

    submission: UUID | None = None
    path: str = Field(default="", max_length=1_000, description="of the answer it is about")
    to: list[str] = Field(default_factory=list, max_length=200, description="codes of teams; not for a report's")
    theme: str = Field(default="", max_length=40)
    answers: UUID | None = Field(default=None, description="a question of a team that this answers")


class EndIn(BaseModel):
    """How a query ends: its matter is settled, or it should not have been asked."""

    state: Literal["resolved", "withdrawn"]


class ReplyOut(BaseModel):
    """What a team said to a round."""

    id: UUID
    team: str
    phone: str = Field(description="letter")
    text: str
    revision: UUID | None = Field(description="of the report, where the team answered by one")
    is_here: bool = Field(description="whether that revision is in the report; without it only words answer")
    made_at: datetime
    received_at: datetime


class RoundOut(BaseModel):
    """One time that it was asked. `released_at` null: it waits for the co-ordinator."""

    number: int
    text: str
    priority: str
    due: datetime | None
    asked_by: str | None = Field(description="function; null: a phone brought the question back after a restore")
    asked_by_functions: dict[str, str]
    asked_at: datetime
    released_at: datetime | None
    replies: list[ReplyOut]


class ArrivalOut(BaseModel):
    """Since when a phone has the newest round, at the latest."""

    phone: str
    since: datetime


class QueryTeamOut(BaseModel):
    """How a query stands with one of its teams.

    `open`: how many queries on its phones wait for the team's reply; null where nothing waits to be released.
    """

    code: str
    state: str
    phones: list[ArrivalOut]
    open: int | None


class AboutOut(BaseModel):
    """The report a query is about, and the answer."""

    submission: UUID
    code: str
    path: str
    label: dict[str, str] | None


class QueryOut(BaseModel):
    """A query as it stands. `state`: open, answered, resolved or withdrawn; `may_change`: by whoever asks this."""

    id: UUID
    about: AboutOut | None
    theme: str
    answers: UUID | None
    state: str
    teams: list[QueryTeamOut]
    rounds: list[RoundOut]
    may_change: bool


class QueriesOut(BaseModel):
    """Queries, the last asked first. `may_release`: the caller lets queries go to the phones."""

    n: int
    may_release: bool
    queries: list[QueryOut]


class TeamQuestionOut(BaseModel):
    """What a team asked headquarters. `answered_by`: the query that answers it."""

    id: UUID
    team: str
    phone: str
    text: str
    about: AboutOut | None
    made_at: datetime
    received_at: datetime
    answered_by: UUID | None


class TeamQuestionsOut(BaseModel):
    """Questions of teams, the last received first."""

    questions: list[TeamQuestionOut]

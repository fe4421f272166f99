"""Decisions on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from steppe.decisions.review_state import ReviewState, StateKind
from steppe.decisions.withdrawals import WithdrawalState

MOST_TEXT = 4_000
MOST_AT_ONCE = 100
NUMBERS = 2**63 - 1
Text = Field(default="", max_length=MOST_TEXT)


class DecisionIn(BaseModel):
    """What the co-ordinator or the head decides of a report; sent again under the same id it is the same decision."""

    id: UUID
    kind: Literal["in_review", "accepted", "on_hold", "assigned", "withdrawal_granted", "withdrawal_declined"]
    text: str = Text
    seen: int = Field(
        ge=0, le=NUMBERS, description="the report's `n` when it was decided; not looked at for `assigned`"
    )
    confirmed: list[str] = Field(default=[], max_length=1_000, description="ids of the warnings that were read")
    assignee: UUID | None = Field(default=None, description="of `assigned`; null: to nobody any more")
    withdrawal: UUID | None = Field(default=None, description="of a ruling: which withdrawal it is about")


class NoteIn(BaseModel):
    """What anybody who reads the report notes about it: a comment, or what they recommend to decide."""

    id: UUID
    kind: Literal["commented", "recommended"]
    text: str = Text
    path: str | None = Field(default=None, max_length=400, description="the answer it is about; null: the report")
    recommends: StateKind | None = Field(default=None, description="of `recommended`")


class ReadIn(BaseModel):
    """Up to which number the report was read; 0 marks it as unread."""

    model_config = ConfigDict(strict=True)

    n: int = Field(ge=0, le=NUMBERS)


class SeenReport(BaseModel):
    """A report with its number as it was seen in the list, and the id its decision will have."""

    submission: UUID
    decision: UUID
    seen: int = Field(ge=0, le=NUMBERS)


class BulkIn(BaseModel):
    """Reports to accept at once."""

    reports: list[SeenReport] = Field(max_length=MOST_AT_ONCE)


class LeftOut(BaseModel):
    """A report that was not accepted with the others, and why."""

    submission: UUID
    why: Literal["unknown", "changed", "state", "flags", "warnings"]


class BulkOut(BaseModel):
    """What became of them."""

    accepted: list[UUID]
    left: list[LeftOut]


class ColleagueOut(BaseModel):
    """Somebody at the desk, by function."""

    id: UUID
    function: str
    functions: dict[str, str]


class DecisionOut(BaseModel):
    """One decision or note, with who made it and when."""

    id: UUID
    n: int
    kind: str
    path: str | None
    author: ColleagueOut | None = Field(description="null: the command line")
    assignee: ColleagueOut | None
    made_at: datetime
    text: str
    recommends: StateKind | None


class WarningOut(BaseModel):
    """What is undone about the report for whoever accepts it."""

    id: str
    kind: str
    path: str | None


class WithdrawalOut(BaseModel):
    """What a team signed to take its report back, and what became of it."""

    id: UUID
    state: WithdrawalState
    reason: str
    text: str
    heads: list[UUID] = Field(description="the revisions it speaks of")
    device: str = Field(description="letter of the phone")
    author: str
    author_functions: dict[str, str]
    made_at: datetime
    received_at: datetime


class ReviewOut(BaseModel):
    """The review of one report."""

    n: int = Field(description="the report's number: a decision names it as `seen`")
    status: str
    state: ReviewState = Field(description="of the review, under what lies over it (`withdrawn`, `conflict`)")
    is_changed_after_acceptance: bool
    is_unread: bool
    assignee: ColleagueOut | None
    decisions: list[DecisionOut] = Field(description="oldest first")
    withdrawals: list[WithdrawalOut] = Field(description="oldest first")
    warnings: list[WarningOut] = Field(description="for whoever accepts it now; empty for who may not")
    may_decide: bool
    colleagues: list[ColleagueOut] = Field(description="whom it can be assigned to; empty for who may not")

"""Decisions about the queue on the wire."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from steppe.decisions.schemas import MOST_TEXT, NUMBERS


class ItemDecisionIn(BaseModel):
    """What is decided of an item that was kept aside; sent again under the same id it is the same decision.

    Taken as it is, or with what a person says of it: whose it is, where it happened, which checklist version it is of.
    """

    id: UUID
    kind: Literal["taken", "kept_apart"]
    seen: int = Field(default=0, ge=0, le=NUMBERS, description="number of the decision it was kept apart by; 0: none")
    text: str = Field(default="", max_length=MOST_TEXT, description="why; has to be there for `kept_apart`")
    team: str | None = Field(default=None, max_length=120, description="code of another team")
    region: str | None = Field(default=None, max_length=120, description="code of another region")
    checklist_version: UUID | None = None


class ItemDecidedOut(BaseModel):
    """How an item stands after a decision."""

    seq: int
    decided: Literal["taken", "kept_apart"]
    submission: UUID | None = Field(description="the report it became a part of, for who may read that")

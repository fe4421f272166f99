"""What the desk is told of restores."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class RestoredPeriod(BaseModel):
    """A time from which the desk's own facts (decisions, grants, publishing) may be missing."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    since: datetime | None = Field(description="the moment the copy shows; null: noted by a version that did not say")
    until: datetime = Field(description="when it was restored, or found in the place of a newer database")
    is_by_hand: bool = Field(description="an older database was put back by other means than `steppe restore`")


class RestoresOut(BaseModel):
    """Restores that nobody has looked after yet, the latest first."""

    restores: list[RestoredPeriod]


class RestoresReadIn(BaseModel):
    """Restores after which somebody has looked at what may be missing."""

    restores: list[UUID] = Field(max_length=100)

"""The tally table."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from steppe.kit.columns import json_column, words
from steppe.submissions.models import STATUSES


class Tally(SQLModel, table=True):
    """Counts of the answers of one checklist version, region, day and status, changed together with the answers.

    `counts`: `{"vot_box_sealed": {"yes": 12, "no": 3}, "vot_added": {"n": 15, "sum": 940}}`, and under
    `"flags"` the flags by question: `{"vot_box_sealed": {"3": 3}}`. Zeros are left out; see `tally`.
    """

    __tablename__ = "tally"
    __table_args__ = (words("status", *STATUSES),)

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    region_code: str = Field(primary_key=True)
    checklist_version_id: UUID = Field(primary_key=True, foreign_key="checklist_version.id")
    day: date = Field(primary_key=True)
    status: str = Field(primary_key=True)
    n: int
    counts: dict[str, Any] = Field(sa_type=json_column())

"""What an export is asked for and what is remembered of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

Format = Literal["xlsx", "csv", "csv.zip", "zip"]
"""`csv.zip`: every table as CSV, with a README. `zip`: OpenRosa instances."""


class ExportedOut(BaseModel):
    """One export that was made. The file itself is not kept, its hash is."""

    id: UUID
    at: datetime
    by: str = Field(description="function of the person, or `command line`")
    by_functions: dict[str, str] = Field(default_factory=dict, description="`by` by language")
    format: str
    region: str
    checklist: str
    reports: int | None = Field(description="null for those who could not have counted them")
    sha256: str


class ExportsOut(BaseModel):
    """The mission's exports, newest first."""

    exports: list[ExportedOut]

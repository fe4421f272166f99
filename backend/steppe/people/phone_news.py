"""What a phone says of itself beside its reports, with its pushes (docs/protocol.md §4).

None of it is signed: the desk's list of phones tells it, no report is read by it. All of it is bounded: whoever has a
phone's push token may say anything.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

_MOST: Final = 2**53 - 1
_MOST_REPORTS: Final = 2**31 - 1
MOST_TROUBLES: Final = 20
"""Different ones of one phone that are kept."""

Bytes = Annotated[int, Field(ge=0, le=_MOST)]
Count = Annotated[int, Field(ge=0, le=_MOST_REPORTS)]


class Trouble(BaseModel):
    """Why reports of a phone do not arrive though it tries: what the failure is called, and how many it holds up."""

    model_config = ConfigDict(strict=True)

    slug: str = Field(pattern="^[a-z0-9_-]{1,40}$", description="as in the answers of this server, or the app's own")
    count: int = Field(ge=1, le=_MOST_REPORTS)


class PhoneStorage(BaseModel):
    """How a phone's storage stands, in bytes; null: its browser does not say."""

    model_config = ConfigDict(strict=True)

    is_persisted: bool = Field(description="the browser promised not to clear the app's data")
    quota_bytes: Bytes | None = None
    used_bytes: Bytes | None = None
    retained_bytes: Bytes | None = Field(default=None, description="of what headquarters has and has no copy of yet")
    is_refusing_photos: bool = Field(default=False, description="there is room for text reports alone")


class StorageLoss(BaseModel):
    """That a phone's storage went, and how many of its reports were rebuilt, and how many are missing."""

    model_config = ConfigDict(strict=True)

    at: datetime = Field(strict=False, description="when it was noticed, by the phone's clock")
    rebuilt: Count
    missing: Count


class OfferedAgain(BaseModel):
    """How many reports a phone offers again to a server restored from a copy, and how many of them it has again."""

    model_config = ConfigDict(strict=True)

    done: Count
    of: Count

"""Sync on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from steppe.people.phone_news import MOST_TROUBLES, OfferedAgain, PhoneStorage, StorageLoss, Trouble
from steppe.people.schemas import PhoneCheck

MAX_ITEMS: Final = 50
MAX_PULL: Final = 500
_MAX_COUNT: Final = 2**31 - 1
_MOST_MS: Final = 2**53 - 1


class OutboxIn(BaseModel):
    """What a phone says about its outbox at each contact, so that missing reports are known even if it is lost."""

    model_config = ConfigDict(strict=True)

    waiting: int = Field(ge=0, le=_MAX_COUNT)
    device_seq: int = Field(ge=0, le=_MAX_COUNT, description="highest number the phone has given to a revision")


class ClockIn(BaseModel):
    """How a phone's clock stood to the server's at its last contact, in milliseconds, as in a revision."""

    model_config = ConfigDict(strict=True)

    ahead: int = Field(ge=-_MOST_MS, le=_MOST_MS)
    within: int = Field(ge=0, le=_MOST_MS)


def _none_if_wrong(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


_Remark = WrapValidator(_none_if_wrong)
"""What a phone says of itself beside its reports: one that says it otherwise, or wrongly, still gets them in."""


class PushIn(BaseModel):
    """A push; an empty one only reports the outbox."""

    model_config = ConfigDict(strict=True)

    outbox: OutboxIn
    clock: Annotated[ClockIn | None, _Remark] = Field(
        default=None, description="left out when the phone does not know; what does not fit counts as left out"
    )
    check: Annotated[PhoneCheck | None, _Remark] = Field(
        default=None, description="of the phone, until an answer `reads` it; what does not fit counts as left out"
    )
    troubles: Annotated[list[Trouble] | None, _Remark] = Field(
        default=None, max_length=MOST_TROUBLES, description="why reports do not arrive; left out or empty: nothing does"
    )
    storage: Annotated[PhoneStorage | None, _Remark] = Field(default=None, description="the last one told counts")
    storage_lost: Annotated[StorageLoss | None, _Remark] = Field(
        default=None, description="until an answer `reads` it; the last one told counts"
    )
    offered_again: Annotated[OfferedAgain | None, _Remark] = Field(
        default=None, description="after a restore; the last one told counts"
    )
    wiped: Annotated[int | None, _Remark] = Field(
        default=None, ge=1, le=_MOST_MS, description="serial of the order that this phone has obeyed"
    )
    keys: Annotated[int | None, _Remark] = Field(
        default=None, ge=0, description="serial of the list of keys it holds, 0: none yet; not said: it reads none"
    )
    items: list[str] = Field(description="sealed revisions (JWE compact), at most 50")


class ParcelsIn(BaseModel):
    """Sealed revisions out of a sealed copy, taken at the desk."""

    model_config = ConfigDict(strict=True)

    items: list[str] = Field(description="sealed revisions (JWE compact), 1 to 50")


class ItemOut(BaseModel):
    """What became of one item, in the order of the push."""

    status: str = Field(description="stored, duplicate, quarantined or retry")
    reason: str | None = Field(default=None, description="slug of docs/protocol.md §4")
    needs: list[str] | None = Field(default=None, description="SHA-256 of attachments the server does not hold whole")


REVISION_MAY_CARRY: Final = ("clock", "reason")
"""Members of a revision that came later: a phone adds one when the last answer to a push named it."""


PUSH_MAY_CARRY: Final = ("check", "troubles", "storage", "storage_lost", "offered_again", "wiped")
"""Members of a push that not every server takes: what is said once is said until an answer names it."""


class PushOut(BaseModel):
    """The answer to a push; `receipts` is a JWS and the only proof that anything was kept."""

    results: list[ItemOut]
    receipts: str = Field(description="also of an empty push: it says how far the mission is safe")
    server_time: str
    orders: list[str] | None = Field(default=None, description="each a JWS; docs/protocol.md §9")
    reads: list[str] = Field(
        description="what not every server reads: a revision may carry `clock`, a push `check`, kinds of signed facts"
    )
    keys: list[str] | None = Field(
        default=None,
        description="signed lists of the mission's keys, in their order, where the phone holds older ones",
    )


class PullIn(BaseModel):
    """A pull from a cursor; null asks for everything."""

    model_config = ConfigDict(strict=True)

    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=200, ge=1, le=MAX_PULL)


class ChangeOut(BaseModel):
    """One thing that changed, as it is now."""

    n: int
    kind: str
    id: str
    data: dict[str, Any]


class PullOut(BaseModel):
    """A page of changes. Keep `next_cursor` in the transaction that keeps the changes."""

    changes: list[ChangeOut]
    next_cursor: str
    more: bool
    receipts: str | None = Field(
        default=None,
        description="a JWS as of a push: what this phone made and others brought; with the last page in any case",
    )
    server_time: str


MAX_REPORTS: Final = 50
"""Of which a phone asks what they say, in one request."""


class HeldReportIn(BaseModel):
    """A report of the team, and which revisions of it the phone has."""

    model_config = ConfigDict(strict=True)

    submission: Annotated[UUID, Field(strict=False)]
    held: list[Annotated[UUID, Field(strict=False)]] = Field(max_length=1000)


class TeamReportsIn(BaseModel):
    """Reports of the caller's team whose revisions it lacks."""

    model_config = ConfigDict(strict=True)

    reports: list[HeldReportIn] = Field(min_length=1, max_length=MAX_REPORTS)


class TeamReportsOut(BaseModel):
    """What the caller lacked of these reports, encrypted to its content key; docs/protocol.md §14."""

    sealed: str | None = Field(description="JWE (compact); null: there is nothing, or phones keep no copies")
    more: bool = Field(description="there is more than one answer holds: ask again, with what came")

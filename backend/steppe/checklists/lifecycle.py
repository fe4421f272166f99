"""The life of a checklist version: open → closing → retired. Nothing a phone sends is refused in any of them.

`open`: new reports may begin with it; of several open versions of a form the newest is offered. `closing`: drafts go
on, no new report begins. `retired`: the same, and what is received from then on is marked late. A person decides
each step; publishing a newer version changes nothing about the older ones, so a phone that has heard of the new
version and not fetched it yet still has a form to begin.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Final, Literal, TypeVar, get_args

from steppe.kit.problems import Problem

Status = Literal["open", "closing", "retired"]
STATUSES: Final[tuple[str, ...]] = get_args(Status)
Key = TypeVar("Key")


class ReasonNeeded(Problem):
    """Opening a version again without saying why."""

    slug = "reason-needed"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Say why the version is opened again"
    next = "Give a reason in a few words; it is kept in the audit trail."


def check_step(before: str, after: Status, reason: str) -> None:
    """Say that a version may go from one status to another: forwards always, back only with a reason.

    Raises ReasonNeeded.
    """
    if STATUSES.index(after) < STATUSES.index(before) and not reason.strip():
        msg = f"from {before} back to {after}"
        raise ReasonNeeded(msg)


def is_late(received_at: datetime, retired_at: datetime | None) -> bool:
    """Say whether a report first came when its version was retired already; opening it again takes the mark away."""
    return retired_at is not None and received_at >= retired_at


def offered(versions: Iterable[tuple[Key, str, str, datetime]]) -> set[Key]:
    """Return which version of each form new reports begin with: its newest open one.

    Args:
        versions: key, form, status and time of publishing of each version.
    """
    newest: dict[str, tuple[datetime, Key]] = {}
    for key, form, status, published_at in versions:
        if status == "open" and (form not in newest or published_at > newest[form][0]):
            newest[form] = published_at, key
    return {key for _, key in newest.values()}

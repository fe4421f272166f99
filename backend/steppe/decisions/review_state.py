"""The state of a report's review follows from what people decided and what its phones sent since. Pure.

    received -> in_review -> accepted | on_hold | returned -> resubmitted -> ...

Events count in the order of the mission's numbers, never of anybody's clock: the server gives a number to each under
one lock, so two nodes and a replay come to the same state.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal, get_args
from uuid import UUID

StateKind = Literal["in_review", "accepted", "on_hold", "returned"]
"""Decisions that set the state of a report; each is named after the state it sets."""
NoteKind = Literal["recommended", "commented", "assigned"]
"""Decisions about a report that leave its state as it is."""
RulingKind = Literal["withdrawal_granted", "withdrawal_declined"]
"""Decisions about what a team asked for: to take back a report that was accepted."""
DecisionKind = Literal[StateKind, NoteKind, RulingKind, "taken", "kept_apart"]
"""All decisions; the last two are about an item of the inbox."""
ReviewState = Literal["received", "in_review", "accepted", "on_hold", "returned", "resubmitted"]
Status = Literal[ReviewState, "withdrawn", "conflict"]
"""What a report stands at: its state, or what lies over it."""

REVISION: Final = "revision"
WAITING: Final = "waiting"
WITHDRAWAL: Final = "withdrawal"
STATE_KINDS: Final[tuple[StateKind, ...]] = get_args(StateKind)
RULING_KINDS: Final[tuple[RulingKind, ...]] = get_args(RulingKind)
_MARKING: Final = frozenset({WITHDRAWAL, *RULING_KINDS})
"""What changes what a report stands at without setting the state of its review."""
_REOPENED: Final[dict[ReviewState, ReviewState]] = {"accepted": "in_review", "returned": "resubmitted"}
"""Where a report goes whose heads change while it stands at one of these; elsewhere it stays."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a team signed to take its report back, as it stood at these heads (revision ids)."""

    id: UUID
    team_id: UUID
    heads: frozenset[str]
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class ReviewEvent:
    """Something with a number of the mission's feed, about one report.

    Attributes:
        n: the number.
        kind: of a decision; `REVISION` when heads changed, `WAITING` for a revision that is in nothing yet,
            `WITHDRAWAL` when its team took the report back.
        subject: the revision, or of a ruling the withdrawal it is about.
        withdrawal: of `WITHDRAWAL`.
    """

    n: int
    kind: str
    subject: str = field(default="", compare=False)
    withdrawal: Withdrawal | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Review:
    """Where the review of a report stands.

    Attributes:
        state: its state, as decided or reopened.
        is_changed_after_acceptance: its heads changed after it was accepted, and nobody accepted it since. An export
            made between the two holds what was accepted.
        last_n: number of the last event that set the state or changed the report, 0 before any.
    """

    state: ReviewState = "received"
    is_changed_after_acceptance: bool = False
    last_n: int = 0
    was_accepted: bool = False

    def after(self, event: ReviewEvent) -> Review:
        """Return the review after one more event."""
        if event.kind == REVISION:
            is_changed = self.is_changed_after_acceptance or self.was_accepted
            state = _REOPENED.get(self.state, self.state)
            return replace(self, state=state, is_changed_after_acceptance=is_changed, last_n=event.n)
        if event.kind in _MARKING:
            return replace(self, last_n=event.n)
        if event.kind not in STATE_KINDS:
            return self
        is_accepted = event.kind == "accepted"
        return Review(
            event.kind,
            self.is_changed_after_acceptance and not is_accepted,
            event.n,
            self.was_accepted or is_accepted,
        )


def review_after(events: Iterable[ReviewEvent]) -> Review:
    """Return where the review stands after these events, given in any order."""
    review = Review()
    for event in sorted(events):
        review = review.after(event)
    return review


def status_of(review: Review, *, has_conflict: bool = False, is_withdrawn: bool = False) -> Status:
    """Return what the report stands at: withdrawn lies over a conflict, and that over any state.

    What lies over the state does not change it: a conflict that is resolved shows the state again.
    """
    return "withdrawn" if is_withdrawn else "conflict" if has_conflict else review.state

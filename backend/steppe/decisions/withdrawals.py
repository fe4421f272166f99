"""What a team's withdrawals make of its report. Pure; docs/decisions/0016 says why.

A withdrawal is in force while every head of the report is one that it names: what was written since, or beside it by a
colleague who did not know, it has not spoken of, and the report counts again. Once a report was accepted a withdrawal
only asks for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from steppe.decisions.review_state import (
    REVISION,
    RULING_KINDS,
    WITHDRAWAL,
    Review,
    ReviewEvent,
    Status,
    Withdrawal,
    review_after,
    status_of,
)
from steppe.submissions.current import LEVELS, SubmissionRow
from steppe.submissions.signed_fact import SOURCE_IN_DANGER

WithdrawalState = Literal["waiting", "in_force", "requested", "declined", "stale"]
"""`waiting`: a revision it names has not come; `stale`: the report has a head that it does not name."""


@dataclass(frozen=True, slots=True)
class StandingWithdrawal:
    """A withdrawal, the mission's number of it, and what became of it."""

    withdrawal: Withdrawal
    n: int
    state: WithdrawalState


@dataclass(frozen=True, slots=True)
class ReviewedReport:
    """What a report comes to after everything that was decided and withdrawn.

    Attributes:
        review: where its review stands.
        withdrawals: what its team said to take it back, oldest first.
        status: what it stands at.
        level: its level, closed where a source is in danger: for good, as a level never falls.
        n: number of the last event.
    """

    review: Review
    withdrawals: tuple[StandingWithdrawal, ...]
    status: Status
    level: str
    n: int


def reviewed(row: SubmissionRow, events: Iterable[ReviewEvent]) -> ReviewedReport:
    """Return what a report comes to, of which `row` has team, heads, conflicts and level; events in any order."""
    own = sorted(event for event in events if not event.withdrawal or event.withdrawal.team_id == row["team_id"])
    heads = frozenset(row["heads"] or [str(row["head_revision_id"])])
    withdrawals = _standing(own, heads)
    review = review_after(own)
    is_withdrawn = any(one.state == "in_force" for one in withdrawals)
    is_in_danger = any(one.withdrawal.reason == SOURCE_IN_DANGER for one in withdrawals)
    return ReviewedReport(
        review,
        withdrawals,
        status_of(review, has_conflict=bool(row["conflicts"]), is_withdrawn=is_withdrawn),
        LEVELS[-1] if is_in_danger else row["level"],
        review.last_n,
    )


def review_row(row: SubmissionRow, events: Iterable[ReviewEvent]) -> None:
    """Write into a report's row what follows from its events: status, level, number."""
    report = reviewed(row, events)
    row["status"], row["level"], row["n"] = report.status, report.level, report.n


def _standing(events: Iterable[ReviewEvent], heads: frozenset[str]) -> tuple[StandingWithdrawal, ...]:
    """Return the withdrawals of a report with these heads, after events in their order."""
    came: set[str] = set()
    was_accepted = False
    said: dict[str, tuple[Withdrawal, int]] = {}
    states: dict[str, WithdrawalState] = {}
    # By what they wait for: a team's phone may say thousands, and each event must not ask every one of them.
    missing: dict[str, set[str]] = {}
    waiting: dict[str, list[str]] = defaultdict(list)

    def settle(name: str) -> None:
        states[name] = "requested" if was_accepted else "in_force"

    for event in events:
        was_accepted = was_accepted or event.kind == "accepted"
        if event.kind == REVISION:
            came.add(event.subject)
            for name in waiting.pop(event.subject, ()):
                missing[name].discard(event.subject)
                if not missing[name]:
                    settle(name)
        elif event.kind == WITHDRAWAL and event.withdrawal:
            name = str(event.withdrawal.id)
            said[name] = event.withdrawal, event.n
            missing[name] = set(event.withdrawal.heads - came)
            for head in missing[name]:
                waiting[head].append(name)
            if not missing[name]:
                settle(name)
        elif event.kind in RULING_KINDS and states.get(event.subject) == "requested":
            states[event.subject] = "in_force" if event.kind == "withdrawal_granted" else "declined"
    return tuple(
        StandingWithdrawal(withdrawal, n, _now(states.get(name, "waiting"), names_all=withdrawal.heads >= heads))
        for name, (withdrawal, n) in said.items()
    )


def _now(state: WithdrawalState, *, names_all: bool) -> WithdrawalState:
    return "stale" if state in {"in_force", "requested"} and not names_all else state

"""What a team's withdrawals make of its report: a fold over what came, by number, and over the heads they name."""

from itertools import permutations
from typing import Any, cast
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.decisions.review_state import REVISION, WAITING, WITHDRAWAL, ReviewEvent, Withdrawal
from steppe.decisions.withdrawals import ReviewedReport, reviewed
from steppe.submissions.current import SubmissionRow

OURS, THEIRS = (uuid5(UUID(int=0), name) for name in ("ours", "theirs"))


def report(*heads: str, **facts: Any) -> SubmissionRow:
    row = {"team_id": OURS, "heads": list(heads), "head_revision_id": "a", "conflicts": {}, "level": "internal"}
    return cast("SubmissionRow", {**row, **facts})


def withdrawal(n: int, *heads: str, reason: str = "twice", team: UUID = OURS) -> ReviewEvent:
    return ReviewEvent(n, WITHDRAWAL, withdrawal=Withdrawal(UUID(int=n), team, frozenset(heads), reason))


def events(*happened: Any) -> list[ReviewEvent]:
    """Number what happened: a revision by its letter, a decision by its kind, heads that were taken back, a ruling."""
    numbered = []
    for n, one in enumerate(happened, start=1):
        if isinstance(one, set):
            numbered.append(withdrawal(n, *one))
        elif isinstance(one, tuple):
            kind, about = one
            numbered.append(ReviewEvent(n, f"withdrawal_{kind}", str(UUID(int=about))))
        else:
            numbered.append(ReviewEvent(n, REVISION, one) if len(one) == 1 else ReviewEvent(n, one))
    return numbered


def states(found: ReviewedReport) -> list[str]:
    return [one.state for one in found.withdrawals]


@pytest.mark.parametrize(
    ("happened", "heads", "expected", "status"),
    [
        (("a", {"a"}), "a", ["in_force"], "withdrawn"),
        (({"a"}, "a"), "a", ["in_force"], "withdrawn"),
        # A revision that it does not name: the report counts again, with whatever state its review has.
        (("a", {"a"}, "b"), "b", ["stale"], "received"),
        (("a", "b", {"a"}), "b", ["stale"], "received"),
        (("a", "b", {"a"}), "ab", ["stale"], "received"),
        (("a", "b", {"a", "b"}), "ab", ["in_force"], "withdrawn"),
        (("a", {"a"}, "b", {"b"}), "b", ["stale", "in_force"], "withdrawn"),
        # What it names has not come.
        (("a", {"b"}), "a", ["waiting"], "received"),
        (("a", {"b"}, "b"), "b", ["in_force"], "withdrawn"),
        # Once accepted it asks, also when the report was reopened since.
        (("a", "accepted", {"a"}), "a", ["requested"], "accepted"),
        (("a", "accepted", "b", {"b"}), "b", ["requested"], "in_review"),
        (("a", {"b"}, "accepted", "b"), "b", ["requested"], "in_review"),
        (("a", {"a"}, "accepted"), "a", ["in_force"], "withdrawn"),
        (("a", "accepted", {"a"}, ("granted", 3)), "a", ["in_force"], "withdrawn"),
        (("a", "accepted", {"a"}, ("declined", 3)), "a", ["declined"], "accepted"),
        (("a", "accepted", {"a"}, ("declined", 3), {"a"}), "a", ["declined", "requested"], "accepted"),
        (("a", "accepted", {"a"}, ("granted", 3), "b"), "b", ["stale"], "in_review"),
        (("a", "accepted", {"a"}, "b"), "b", ["stale"], "in_review"),
        # The first ruling holds, and one about another withdrawal rules nothing.
        (("a", "accepted", {"a"}, ("declined", 3), ("granted", 3)), "a", ["declined"], "accepted"),
        (("a", "accepted", {"a"}, ("granted", 9)), "a", ["requested"], "accepted"),
        (("a", "on_hold", {"a"}), "a", ["in_force"], "withdrawn"),
    ],
)
def test_a_withdrawal_holds_for_the_heads_it_names_and_asks_once_the_report_was_accepted(
    happened: tuple[Any, ...], heads: str, expected: list[str], status: str
) -> None:
    found = reviewed(report(*heads), events(*happened))
    assert (states(found), found.status, found.n) == (expected, status, len(happened))


def test_withdrawn_lies_over_a_conflict() -> None:
    conflict = report("a", "b", conflicts={"x": []})
    assert reviewed(conflict, events("a", "b", {"a", "b"})).status == "withdrawn"
    assert reviewed(conflict, events("a", "b", {"a"})).status == "conflict"


def test_a_source_in_danger_closes_for_good_and_before_anything_else_is_clear() -> None:
    danger = withdrawal(2, "b", reason="source_in_danger")
    for happened in (events("a"), events("a", "in_review", "b"), [*events("a"), ReviewEvent(3, WAITING, "b")]):
        found = reviewed(report("a", level="restricted"), [*happened, danger])
        assert (found.level, found.status) == ("sealed", found.review.state)
    declined = [*events("a", "in_review", "accepted"), withdrawal(4, "a", reason="source_in_danger")]
    declined.append(ReviewEvent(5, "withdrawal_declined", str(UUID(int=4))))
    assert (reviewed(report("a"), declined).level, reviewed(report("a"), declined).status) == ("sealed", "accepted")
    assert reviewed(report("a", level="confidential"), events("a", {"a"})).level == "confidential"


def test_what_another_team_says_of_a_report_changes_nothing_of_it() -> None:
    strange = withdrawal(2, "a", reason="source_in_danger", team=THEIRS)
    assert reviewed(report("a"), [*events("a"), strange]) == reviewed(report("a"), events("a"))


def test_a_report_of_an_earlier_version_whose_heads_were_not_written_down_has_one() -> None:
    assert reviewed(report(), events("a", {"a"})).status == "withdrawn"
    assert reviewed(report(), events("a", "b", {"b"})).status == "received"


@settings(max_examples=400, database=None)
@given(
    st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=3),
    st.sets(st.sampled_from("abcd"), min_size=1),
    st.integers(0, 3),
)
def test_without_decisions_only_what_came_counts_and_not_in_which_order(
    named: list[set[str]], came: set[str], at: int
) -> None:
    """The naive model: taken back when one of the withdrawals names every head, and all that it names is here."""
    heads = sorted(came)[: at + 1]
    is_withdrawn = any(set(heads) <= one <= came for one in named)
    orders = list(permutations([*named, *sorted(came)]))
    found = {reviewed(report(*heads), events(*order)).status for order in orders[:: max(1, len(orders) // 20)]}
    assert found == {"withdrawn" if is_withdrawn else "received"}

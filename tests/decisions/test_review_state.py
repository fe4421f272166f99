"""The state of a review is a fold over decisions and revisions in the order of the mission's numbers."""

from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.decisions.models import KINDS
from steppe.decisions.review_state import REVISION, STATE_KINDS, Review, ReviewEvent, review_after, status_of
from steppe.submissions.filters import StatusFilter
from steppe.submissions.models import STATUSES


def reviewed(*kinds: str) -> Review:
    return review_after(ReviewEvent(n, kind) for n, kind in enumerate(kinds, start=1))


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ((REVISION,), "received"),
        ((REVISION, REVISION), "received"),
        ((REVISION, "in_review"), "in_review"),
        ((REVISION, "in_review", REVISION), "in_review"),
        ((REVISION, "accepted"), "accepted"),
        ((REVISION, "accepted", REVISION), "in_review"),
        ((REVISION, "on_hold"), "on_hold"),
        ((REVISION, "on_hold", REVISION), "on_hold"),
        ((REVISION, "returned"), "returned"),
        ((REVISION, "returned", REVISION), "resubmitted"),
        ((REVISION, "returned", REVISION, "returned"), "returned"),
        ((REVISION, "returned", REVISION, "accepted"), "accepted"),
        ((REVISION, "accepted", "recommended", "commented", "assigned"), "accepted"),
    ],
)
def test_decisions_set_the_state_and_revisions_reopen_it(kinds: tuple[str, ...], state: str) -> None:
    assert reviewed(*kinds).state == state


@pytest.mark.parametrize(
    ("kinds", "is_changed"),
    [
        ((REVISION, "accepted"), False),
        ((REVISION, "accepted", REVISION), True),
        ((REVISION, "accepted", REVISION, "in_review"), True),
        ((REVISION, "accepted", "on_hold", REVISION), True),
        ((REVISION, "accepted", REVISION, "accepted"), False),
        ((REVISION, "accepted", REVISION, "accepted", REVISION), True),
        ((REVISION, "returned", REVISION), False),
    ],
)
def test_what_changed_after_acceptance_is_marked_until_it_is_accepted_anew(
    kinds: tuple[str, ...], *, is_changed: bool
) -> None:
    assert reviewed(*kinds).is_changed_after_acceptance == is_changed


def test_the_number_orders_events_whatever_order_they_are_read_in() -> None:
    events = [
        ReviewEvent(1, REVISION),
        ReviewEvent(4, "accepted"),
        ReviewEvent(7, REVISION),
        ReviewEvent(9, "returned"),
    ]
    assert {review_after(order) for order in permutations(events)} == {review_after(events)}
    assert review_after(events).last_n == 9


@settings(max_examples=300, database=None)
@given(st.lists(st.sampled_from((REVISION, *KINDS)), max_size=12))
def test_the_last_state_decision_and_what_came_after_it_decide(kinds: list[str]) -> None:
    naive, later = "received", False
    for kind in kinds:
        if kind in STATE_KINDS:
            naive, later = kind, False
        elif kind == REVISION:
            later = True
    expected = {"accepted": "in_review", "returned": "resubmitted"}.get(naive, naive) if later else naive
    assert reviewed(*kinds).state == expected


def test_what_lies_over_the_state_goes_and_the_state_is_there_again() -> None:
    review = reviewed(REVISION, "accepted")
    assert status_of(review, has_conflict=True) == "conflict"
    assert status_of(review, has_conflict=True, is_withdrawn=True) == "withdrawn"
    assert status_of(review) == "accepted"


def test_the_words_of_the_column_are_those_of_the_fold_and_of_the_filter() -> None:
    assert {*STATUSES} == {"received", "resubmitted", *STATE_KINDS, "withdrawn", "conflict"}
    assert {*get_args(StatusFilter)} == {"", *STATUSES}

"""Snapshots of counts: two looks differ by nothing or by enough reports."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from steppe.summaries.snapshot import note, small_cell_of, week_of, weeks_shown, weeks_told

WEEKS = ("2021-01-04", "2021-01-11", "2021-01-18")


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "1", "2"]))))
def test_what_is_pending_is_what_differs_from_the_snapshot(steps: list[tuple[str, str]]) -> None:
    snapshot = {"a": "1", "b": "2"}
    now = dict(snapshot)
    pending: dict[str, str] = {}
    for report, after in steps:
        note(pending, report, now.get(report, ""), after)
        now[report] = after
    assert pending == {key: snapshot.get(key, "") for key in "abcd" if snapshot.get(key, "") != now.get(key, "")}


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(WEEKS, st.integers(0, 8))), max_size=8), st.integers(2, 5))
def test_a_week_moves_by_enough_reports_or_not_at_all(states: list[dict[str, int]], small_cell: int) -> None:
    shown: dict[str, int] = {}
    before = 0
    for weeks in states:
        total = sum(weeks.values())
        moved = weeks_shown(shown, weeks, before=before, after=total, small_cell=small_cell)
        for week in WEEKS:
            step = abs(moved.get(week, 0) - shown.get(week, 0))
            assert step == 0 or step >= small_cell
        if moved != shown:
            rest = abs((total - sum(moved.values())) - (before - sum(shown.values())))
            assert rest == 0 or rest >= small_cell
        told = weeks_told(moved, total, small_cell)
        left = total - sum(told.values())
        assert all(n >= small_cell for n in told.values())
        assert left >= 0
        assert not told or left == 0 or left >= small_cell
        shown, before = moved, total


def test_a_week_begins_on_its_monday() -> None:
    assert week_of(date(2021, 1, 10)) == date(2021, 1, 4)
    assert week_of(date(2021, 1, 11)) == date(2021, 1, 11)


def test_the_threshold_is_the_missions_or_three() -> None:
    assert [small_cell_of(policy) for policy in ({}, {"small_cell": 5}, {"small_cell": 0})] == [3, 5, 2]

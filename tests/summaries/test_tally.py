"""Tallies: counting one report, and adding and taking away in any order."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from steppe.checklists.evaluation.flags import flags
from steppe.checklists.expressions.dates import Context
from steppe.summaries.questions import CountedVersion, question_summaries
from steppe.summaries.tally import BEYOND, added, delta, settled
from tests.checklists.forms import compiled
from tests.fixtures_checklist import DEFINITION, answers
from tests.fixtures_phone import MADE_AT

ROW = "0190aaaa-0000-7000-8000-00000000000"


def raised(given: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"question": flag.question, "severity": flag.severity}
        for flag in flags(DEFINITION, given, Context(MADE_AT, "Asia/Almaty"))
    ]


def counts_of(given: dict[str, Any], sign: Any = 1) -> dict[str, Any]:
    return delta(DEFINITION, given, raised(given), sign)


yno = st.sampled_from(["yes", "no", "not_observed", "not_applicable"])
reports = st.fixed_dictionaries(
    {},
    optional={
        "station": st.sampled_from(["101", "201"]),
        "box_sealed": yno,
        "secrecy": yno,
        "unauthorised": st.lists(st.sampled_from(["police", "party", "official"]), unique=True, min_size=1),
        "voters": st.integers(-(2**53) + 1, 2**53 - 1),
        "added": st.integers(0, 3000),
        "turnout": st.floats(-1e12, 1e12, allow_nan=False) | st.decimals(0, 100, places=2).map(float),
        "source_name": st.text(max_size=5),
        "source_kind": yno,
        "inc": st.just([f"{ROW}1", f"{ROW}2"]),
        f"inc/{ROW}1/inc_kind": st.sampled_from(["violence", "campaigning", "other"]),
        f"inc/{ROW}2/inc_kind": st.sampled_from(["violence", "campaigning", "other"]),
    },
)


@given(st.lists(reports, max_size=12), st.data())
def test_any_order_of_adding_editing_and_removing_ends_at_the_recount(given: list[dict[str, Any]], data: Any) -> None:
    """Steps are `+report` and `-report`; whatever their order, the sum is the count of those that remain."""
    kept = data.draw(st.lists(st.booleans(), min_size=len(given), max_size=len(given)))
    steps = [(report, 1) for report in given] + [
        (report, -1) for report, is_kept in zip(given, kept, strict=True) if not is_kept
    ]
    order = data.draw(st.permutations(steps))
    total: dict[str, Any] = {}
    for report, sign in order:
        total = added(total, counts_of(report, sign))
    recount: dict[str, Any] = {}
    remaining = [report for report, is_kept in zip(given, kept, strict=True) if is_kept]
    random.Random(1).shuffle(remaining)
    for report in remaining:
        recount = added(recount, counts_of(report))
    assert total == recount


@given(reports)
def test_taking_away_what_was_added_leaves_nothing(report: dict[str, Any]) -> None:
    assert added(counts_of(report), counts_of(report, -1)) == {}


def test_sealed_questions_are_never_counted() -> None:
    counts = counts_of(answers(source_kind="no"))
    assert "source_kind" not in counts
    assert "source_name" not in counts


def test_references_to_single_entries_are_never_counted() -> None:
    form = compiled([{"type": "select_multiple yn", "name": "rests_on", "reference": "entry"}])
    assert delta(form, {"rests_on": ["LTO05-A017", "yes"]}, []) == {}
    assert question_summaries([CountedVersion(form, {})]) == []


def test_not_observed_is_counted_under_its_name() -> None:
    assert counts_of(answers())["secrecy"] == {"not_observed": 1}


def test_every_row_of_a_repeat_counts() -> None:
    rows = {
        "inc": [f"{ROW}1", f"{ROW}2"],
        f"inc/{ROW}1/inc_kind": "violence",
        f"inc/{ROW}2/inc_kind": "violence",
        f"inc/{ROW}2/inc_text": "x",
    }
    counts = counts_of(rows)
    assert counts["inc_kind"] == {"violence": 2}
    assert counts["flags"] == {"seen": {"inc_kind": {"3": 2}}}
    assert counts.keys() == {"inc_kind", "flags"}


def test_numbers_are_summed_and_slips_of_the_finger_are_not() -> None:
    total = settled(added(counts_of({"voters": 900}), counts_of({"voters": 10**12})))
    assert total["voters"] == {"n": 2, "sum": 900, BEYOND: 1}


def test_decimals_add_up_without_residue() -> None:
    total: dict[str, Any] = {}
    for value in (0.1, 0.2, 41.57):
        total = added(total, counts_of({"turnout": value}))
    assert total["turnout"] == {"n": 3, "sum": 41.87}


def test_a_failed_soft_check_is_a_flag_of_its_severity() -> None:
    assert counts_of({"voters": 10, "added": 11})["flags"] == {"seen": {"added": {"1": 1}}}

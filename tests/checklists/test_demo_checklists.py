"""The demo mission's checklists behave as observers need."""

from datetime import UTC, datetime

import pytest

from steppe.checklists.evaluation.evaluation import evaluate
from steppe.checklists.evaluation.flags import flags
from steppe.checklists.expressions.dates import Context
from tests.checklists.form_book import PARTS, definition_of, questions_of

NOON = Context(datetime(2021, 1, 10, 6, 0, tzinfo=UTC), "Asia/Almaty")


def required_in(form: str, answers: dict[str, object]) -> set[str]:
    gaps = evaluate(definition_of(form), answers, NOON).gaps()
    return {gap.question for gap in gaps if gap.kind == "required"}


def test_where_access_was_refused_no_assessment_is_demanded() -> None:
    assert "vot_overall" in required_in("polling_station_voting", {"ps_access": "free"})
    assert "vot_overall" not in required_in("polling_station_voting", {"ps_access": "refused"})
    assert "mtg_topics" in required_in("meeting_report", {"mtg_access": "at_once"})
    assert "mtg_topics" not in required_in("meeting_report", {"mtg_access": "refused"})


def test_a_critical_answer_at_the_opening_asks_for_a_comment() -> None:
    asked = questions_of("polling_station_opening")
    critical = [
        (name, answer)
        for name, question in asked.items()
        for answer, severity in (question.negative or {}).items()
        if severity == 3
    ]
    assert len(critical) == 13
    for name, answer in critical:
        assert "opn_comment" in required_in("polling_station_opening", {"ps_unauthorised": ["police"], name: answer})
    assert "opn_comment" not in required_in("polling_station_opening", {"ps_access": "restricted"})


@pytest.mark.parametrize("form", PARTS)
def test_a_form_with_critical_answers_says_where_to_explain_them(form: str) -> None:
    asked = questions_of(form)
    has_critical = any(3 in (question.negative or {}).values() for question in asked.values())
    comments = [
        question
        for name, question in asked.items()
        if name.endswith("_comment") or "comment" in (question.appearance or ())
    ]
    assert [question.type for question in comments] == (["text"] if has_critical else [])
    assert all("multiline" in (question.appearance or ()) for question in comments)


def test_an_observation_may_not_end_before_it_began_nor_lie_ahead() -> None:
    answers: dict[str, object] = {
        "observed_start": "2021-01-10T11:00+06:00",
        "observed_end": "2021-01-10T10:30+06:00",
        "mtg_date": "2021-01-11",
    }
    gaps = evaluate(definition_of("meeting_report"), answers, NOON).gaps()
    assert {gap.question for gap in gaps if gap.kind == "constraint"} == {"observed_end", "mtg_date"}


@pytest.mark.parametrize(
    ("figures", "fired"),
    [
        ({"ps_registered": 1200, "vot_added": 3, "vot_voted_so_far": 1203}, False),
        ({"ps_registered": 1200, "vot_added": 3, "vot_voted_so_far": 1204}, True),
        ({"ps_registered": 1200, "vot_voted_so_far": 1201}, True),
        ({"vot_voted_so_far": 1201}, False),
    ],
)
def test_more_ballots_than_voters_is_a_critical_flag_only_when_both_figures_are_known(
    figures: dict[str, object], fired: bool
) -> None:
    found = flags(definition_of("polling_station_voting"), figures, NOON)
    assert [(flag.question, flag.severity) for flag in found] == ([("vot_voted_so_far", 3)] if fired else [])


PROTOCOL: dict[str, object] = {
    "cnt_figure_registered": 1200,
    "cnt_figure_added": 4,
    "cnt_figure_received": 1212,
    "cnt_figure_unused": 400,
    "cnt_figure_spoiled": 2,
    "cnt_figure_issued_station": 800,
    "cnt_figure_issued_homebound": 10,
    "cnt_figure_signatures": 810,
    "cnt_figure_found_station": 799,
    "cnt_figure_found_homebound": 10,
    "cnt_figure_invalid": 9,
    "cnt_figure_valid": 800,
    "cnt_l": ["r1", "r2"],
    "cnt_l/r1/cnt_l_votes": 500,
    "cnt_l/r2/cnt_l_votes": 300,
}


@pytest.mark.parametrize(
    ("change", "fired"),
    [
        ({}, []),
        ({"cnt_figure_spoiled": 3}, [("cnt_check_ballots", 2)]),
        ({"cnt_figure_signatures": 809}, [("cnt_check_signatures", 3)]),
        ({"cnt_figure_signatures": 1205}, [("cnt_figure_signatures", 3), ("cnt_check_signatures", 3)]),
        ({"cnt_figure_valid": 801}, [("cnt_figure_valid", 2), ("cnt_check_lists", 3)]),
        ({"cnt_l/r2/cnt_l_votes": 301}, [("cnt_check_lists", 3)]),
        ({"cnt_figure_found_station": 801, "cnt_figure_invalid": 11}, [("cnt_figure_found_station", 3)]),
    ],
)
def test_a_protocol_that_does_not_add_up_is_flagged_where_it_does_not(
    change: dict[str, object], fired: list[tuple[str, int]]
) -> None:
    answers = {**PROTOCOL, **change}
    found = flags(definition_of("polling_station_counting"), answers, NOON)
    assert [(flag.question, flag.severity) for flag in found] == fired


@pytest.mark.parametrize("unknown", PROTOCOL)
def test_a_protocol_figure_nobody_saw_is_no_finding(unknown: str) -> None:
    answers = {path: answer for path, answer in PROTOCOL.items() if path != unknown}
    assert flags(definition_of("polling_station_counting"), answers, NOON) == []


def test_an_allegation_is_asked_for_only_when_there_is_one() -> None:
    row = {"mtg_a": ["r1"], "mtg_a/r1/mtg_a_kind": ["vote_buying"], "mtg_a/r1/mtg_a_reported_to": ["nobody"]}
    told = evaluate(definition_of("meeting_report"), {**row, "mtg_has_allegation": "yes"}, NOON)
    assert told.is_relevant("mtg_a/r1/mtg_a_not_reported_why")
    untold = evaluate(definition_of("meeting_report"), {**row, "mtg_has_allegation": "no"}, NOON)
    assert not [path for path in untold.values if path.startswith("mtg_a/")]

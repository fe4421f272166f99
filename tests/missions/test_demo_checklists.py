"""The demo mission's checklists ask what the form book says, in three languages, and behave as observers need."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import steppe
from steppe.checklists.compiler import compile_checklist, compile_form
from steppe.checklists.dates import Context
from steppe.checklists.definition import Definition, Question, Repeat
from steppe.checklists.evaluation import evaluate
from steppe.checklists.flags import flags
from steppe.checklists.graph import references_of
from steppe.checklists.parser import parse
from steppe.missions.names import mixed_script_word

FOLDER = Path(steppe.__file__).parent / "packs" / "kazakhstan_2021" / "checklists"
EXPECTED: dict[str, Any] = json.loads((Path(__file__).parent / "expected_questions.json").read_text(encoding="utf-8"))
PARTS = {
    "campaign_event": ("common", "campaign_event"),
    "commission": ("common", "commission"),
    "complaint": ("common", "complaint"),
    "flash_report": ("common", "flash_report"),
    "meeting_report": ("common", "meeting_report"),
    "polling_station_counting": ("common", "polling_station_start", "polling_station_counting"),
    "polling_station_opening": ("common", "polling_station_start", "polling_station_opening"),
    "polling_station_voting": ("common", "polling_station_start", "polling_station_voting"),
    "tabulation": ("common", "tabulation"),
    "weekly_report": ("common", "weekly_report"),
}
SHORT = [form for form in PARTS if form.startswith("polling_station") or form == "tabulation"]
"""Forms that are filled in poor conditions too."""
PREFIXES = "mtg|evt|com|ps|opn|vot|cnt|tab|cpl|inc|wkl|conf|location|observed|both"
NOON = Context(datetime(2021, 1, 10, 6, 0, tzinfo=UTC), "Asia/Almaty")
ASKED = [
    (form, question) for form, parts in PARTS.items() for part in parts for question in EXPECTED["questions"][part]
]


@cache
def definition_of(form: str) -> Definition:
    return compile_checklist(FOLDER / f"{form}.md")


@cache
def questions_of(form: str) -> dict[str, Question]:
    return {question.id: question for _, _, question in definition_of(form).questions()}


def ast_of(bare: str) -> object:
    """The AST of an expression as the form book writes it: bare ids instead of ${id}."""
    strings = re.split(r"('[^']*')", bare)
    for i in range(0, len(strings), 2):
        strings[i] = re.sub(rf"\b((?:{PREFIXES})_\w+)", r"${\1}", strings[i])
    return json.loads(json.dumps(parse("".join(strings)).ast))


def plain(ast: object) -> object:
    return json.loads(json.dumps(ast))


def holds(ast: object, part: object) -> bool:
    """Whether an expression contains another one."""
    return ast == part or (isinstance(ast, list) and any(holds(node, part) for node in ast))


def texts_of(form: str) -> Iterator[tuple[str, dict[str, str]]]:
    definition = definition_of(form)
    yield "title", definition.title
    yield "short title", definition.short
    for section in definition.sections:
        yield section.id, section.title
        for node in section.nodes:
            if isinstance(node, Repeat):
                yield node.id, node.label
    for _, _, question in definition.questions():
        for kind in ("label", "hint", "constraint_message", "soft_message"):
            if texts := getattr(question, kind):
                yield f"{question.id} {kind}", texts
    for name, choices in definition.choices.items():
        for choice in choices:
            yield f"{name} {choice.name}", choice.label


@pytest.mark.parametrize(
    ("form", "expected"), ASKED, ids=lambda value: value if isinstance(value, str) else value["id"]
)
def test_a_question_of_the_form_book_is_asked_as_it_says(form: str, expected: dict[str, Any]) -> None:
    question = questions_of(form)[expected["id"]]
    assert question.type == expected["type"]
    assert question.list == expected.get("list")
    assert question.theme == expected.get("theme")
    assert (question.negative or {}) == expected.get("negative", {})
    assert question.location == expected.get("location")
    assert (question.figure, question.reference) == (expected.get("figure"), expected.get("reference"))
    assert plain(question.relevant) == (ast_of(expected["relevant"]) if "relevant" in expected else None)


@pytest.mark.parametrize("form", PARTS)
def test_its_author_is_warned_of_nothing(form: str) -> None:
    assert compile_form(FOLDER / f"{form}.md").warnings == ()


@pytest.mark.parametrize("form", PARTS)
def test_nothing_else_is_asked(form: str) -> None:
    assert set(questions_of(form)) == {q["id"] for part in PARTS[form] for q in EXPECTED["questions"][part]}


@pytest.mark.parametrize(
    ("form", "expected"), ASKED, ids=lambda value: value if isinstance(value, str) else value["id"]
)
def test_its_checks_are_those_of_the_form_book_or_wait_for_the_other_figure(
    form: str, expected: dict[str, Any]
) -> None:
    question = questions_of(form)[expected["id"]]
    for kind in ("constraint", "soft"):
        actual = plain(getattr(question, kind))
        if kind not in expected:
            assert actual is None
            continue
        wanted = ast_of(expected[kind].replace("ps_registered + vot_added", "ps_registered + coalesce(vot_added, 0)"))
        assert holds(actual, wanted), (actual, wanted)
        assert getattr(question, f"{kind}_message") is not None


@pytest.mark.parametrize("form", PARTS)
def test_choice_lists_are_those_of_the_form_book_in_its_order(form: str) -> None:
    for name, choices in definition_of(form).choices.items():
        assert [choice.name for choice in choices] == EXPECTED["choices"][name]


@pytest.mark.parametrize("form", PARTS)
def test_every_text_is_there_in_three_languages_each_in_its_own_alphabet(form: str) -> None:
    for where, texts in texts_of(form):
        assert set(texts) == {"en", "ru", "kk"}, where
        assert all(mixed_script_word(text) is None for text in texts.values()), where
        assert not re.search(r"[а-яёәғқңөұүһі]", texts["en"], re.IGNORECASE), where
        assert not re.search(r"[әғқңөұүһі]", texts["ru"], re.IGNORECASE), where


@pytest.mark.parametrize("form", PARTS)
def test_every_form_begins_with_the_place_and_ends_with_the_partner_s_agreement(form: str) -> None:
    sections = [section.id for section in definition_of(form).sections]
    assert (sections[0], sections[-1]) == ("place_and_time", "before_you_finish")
    assert definition_of(form).location == "district_code"


def test_source_codes_and_words_for_named_analysts_are_sealed_and_nothing_else_is() -> None:
    sealed = {name for form in PARTS for name, question in questions_of(form).items() if question.sealed}
    assert sealed == {"mtg_source_refs", "wkl_sensitive"}


WORDS = ("_comment", "_detail")
"""Ends of names of questions where a critical answer is put into words: rule 3 asks for them."""
TABULATION_START = {"tab_tec_code", "tab_arrival", "tab_departure"}
"""Where and when: what the start of a visit is to the forms of a polling station."""


def short_by_the_rule(form: str) -> set[str]:
    """The start of a visit, every question with a severity 2 or 3, the overall assessment, and what these read."""
    questions = questions_of(form)
    rows = {repeat.id: [question.id for question in repeat.questions] for _, repeat in definition_of(form).repeats()}
    grave = {name for name, question in questions.items() if max((question.negative or {}).values(), default=0) >= 2}
    start = {question["id"] for question in EXPECTED["questions"]["polling_station_start"]} | TABULATION_START
    wanted = [name for name in questions if name in grave | start or name.endswith(("_overall", *WORDS))]
    found: set[str] = set()
    while wanted:
        name = wanted.pop()
        wanted += rows.get(name, [])
        if name in found or name not in questions:
            continue
        found.add(name)
        read = [questions[name].relevant, questions[name].calculation]
        read += [questions[name].soft] if name in grave else []
        wanted += [other for ast in read if ast is not None for other in references_of(ast)]
    return found


@pytest.mark.parametrize("form", PARTS)
def test_the_short_form_is_what_the_form_book_s_rule_says_and_only_election_day_has_one(form: str) -> None:
    short = {name for name, question in questions_of(form).items() if question.short_form}
    assert short == (short_by_the_rule(form) if form in SHORT else set())
    assert short < set(questions_of(form))


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

"""The demo mission's checklists ask what the form book says, in three languages, and no more."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from steppe.checklists.definition import Question, Repeat
from steppe.checklists.evaluation.evaluation import default_answers, evaluate
from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.graph import references_of
from steppe.checklists.expressions.parser import parse
from steppe.checklists.xlsform.compiler import compile_form
from steppe.missions.names import mixed_script_word
from tests.checklists.form_book import EXPECTED, FOLDER, PARTS, STATIONS, definition_of, questions_of

PREFIXES = "mtg|evt|com|ps|opn|vot|cnt|tab|cpl|inc|wkl|conf|location|observed|both|district"
NOON = Context(datetime(2021, 1, 10, 6, 0, tzinfo=UTC), "Asia/Almaty")
ASKED = [
    (form, question) for form, parts in PARTS.items() for part in parts for question in EXPECTED["questions"][part]
]


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
    assert (question.location, question.precision) == (expected.get("location"), expected.get("precision"))
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
    assert definition_of(form).location == ("ps_number" if form in STATIONS else "district_code")


@pytest.mark.parametrize("form", PARTS)
def test_a_visit_may_name_its_station_and_every_other_report_no_more_than_the_locality(form: str) -> None:
    definition = definition_of(form)
    assert definition.precision == "location_precision"
    usual = "exact" if form in STATIONS else "locality"
    assert questions_of(form)["location_precision"].default == ["s", usual]


@pytest.mark.parametrize("form", STATIONS)
def test_a_visit_asks_for_the_station_first(form: str) -> None:
    first = definition_of(form).sections[0].nodes
    assert first[0].id == "ps_number"
    # The district is for whoever cannot name a station; nothing asks for both.
    assert plain(questions_of(form)["ps_number"].required) == ast_of("district_code = ''")


def test_source_codes_and_words_for_named_analysts_are_sealed_and_nothing_else_is() -> None:
    sealed = {name for form in PARTS for name, question in questions_of(form).items() if question.sealed}
    assert sealed == {"mtg_source_refs", "wkl_sensitive"}


WORDS = ("_comment", "_detail")
"""Ends of names of questions where a critical answer is put into words: rule 3 asks for them."""
TABULATION_START = {"tab_tec_code", "tab_arrival", "tab_departure", "tab_access", "tab_restrictions"}
"""Where, when and how freely."""
VISIT_START = {"ps_number", "observed_start", "ps_access", "ps_restrictions", "ps_unauthorised", "ps_interference"}
"""What every visit says of itself, and how fine a place may be told of it (`location_precision`)."""


def reading(form: str, wanted: list[str]) -> set[str]:
    """These questions, rows of those that are repeats, and whatever decides whether they apply or what they hold."""
    questions = questions_of(form)
    rows = {repeat.id: [question.id for question in repeat.questions] for _, repeat in definition_of(form).repeats()}
    found: set[str] = set()
    while wanted:
        name = wanted.pop()
        wanted += rows.get(name, [])
        if name in found or name not in questions:
            continue
        found.add(name)
        read = [questions[name].relevant, questions[name].calculation]
        read += [questions[name].soft] if is_grave(questions[name]) else []
        wanted += [other for ast in read if ast is not None for other in references_of(ast)]
    return found


def is_grave(question: Question) -> bool:
    return max((question.negative or {}).values(), default=0) >= 2


def short_of(form: str) -> set[str]:
    return {name for name, question in questions_of(form).items() if question.short_form}


def test_the_short_form_of_a_tabulation_is_its_start_all_that_is_grave_and_the_words_for_it() -> None:
    asked = questions_of("tabulation")
    wanted = [name for name in asked if is_grave(asked[name]) or name in TABULATION_START]
    wanted += [name for name in asked if name.endswith(("_overall", *WORDS))]
    assert short_of("tabulation") == reading("tabulation", wanted)


@pytest.mark.parametrize("form", STATIONS)
def test_the_short_form_of_a_visit_is_its_start_what_breaks_an_election_and_the_assessment(form: str) -> None:
    asked, short = questions_of(form), short_of(form)
    frame = VISIT_START | {"location_precision"} | {name for name in asked if name.endswith(("_overall", *WORDS))}
    assert frame <= short
    assert all(is_grave(asked[name]) for name in short - frame)
    # Whatever decides whether these apply is asked as well.
    assert reading(form, sorted(short)) <= short | {"district_code"}


@pytest.mark.parametrize("form", STATIONS)
def test_the_short_form_of_a_visit_has_at_most_25_questions_on_6_screens(form: str) -> None:
    definition, short = definition_of(form), short_of(form)
    begun = {**default_answers(definition, NOON), "ps_number": "4071"}
    state = evaluate(definition, begun, NOON)
    required = {gap.question for gap in evaluate(definition, {}, NOON).gaps() if gap.kind == "required"}
    screens: dict[str, list[str]] = {}
    for section, _, question in definition.questions():
        if state.is_relevant(question.id) and question.id in short | required and question.calculation is None:
            screens.setdefault(section.id, []).append(question.id)
    assert sum(map(len, screens.values())) <= 25, screens
    assert len(screens) <= 6, screens


@pytest.mark.parametrize("form", [form for form in PARTS if form not in STATIONS and form != "tabulation"])
def test_only_election_day_has_a_short_form(form: str) -> None:
    assert short_of(form) == set()

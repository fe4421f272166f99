"""The demo mission's checklists ask what the form book says, in three languages, and no more."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from steppe.checklists.definition import Repeat
from steppe.checklists.expressions.graph import references_of
from steppe.checklists.expressions.parser import parse
from steppe.checklists.xlsform.compiler import compile_form
from steppe.missions.names import mixed_script_word
from tests.checklists.form_book import EXPECTED, FOLDER, PARTS, SHORT, definition_of, questions_of

PREFIXES = "mtg|evt|com|ps|opn|vot|cnt|tab|cpl|inc|wkl|conf|location|observed|both"
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

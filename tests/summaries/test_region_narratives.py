"""Narratives: which answers they are, and whose theme they have."""

from typing import Any

from steppe.checklists.definition import Definition, Question, Repeat, Section
from steppe.checklists.question_reading import QuestionReading
from steppe.summaries.narratives import NO_THEME, Entry, QuotedQuestions

TEXT = {"en": "Q"}
QUOTED = QuestionReading(is_quoted=True)


def question(name: str, kind: str = "text", **extra: object) -> Question:
    return Question.model_validate({"id": name, "type": kind, "label": TEXT, **extra})


DEFINITION = Definition(
    id="meeting",
    version="1",
    title=TEXT,
    short=TEXT,
    languages=("en",),
    default_language="en",
    kind="meeting",
    sections=(
        Section(
            id="s",
            title=TEXT,
            nodes=(
                question("said", theme="camp"),
                question("source", theme="camp", sealed=True),
                question("code", theme="camp"),
                question("topics", "select_multiple"),
                Repeat(
                    id="t",
                    label=TEXT,
                    questions=(question("theme", "select_one"), question("heard"), question("seen", theme="adm")),
                ),
                Repeat(id="u", label=TEXT, inside="t", questions=(question("detail"),)),
                question("view"),
            ),
        ),
    ),
)
READING = {
    "said": QUOTED,
    "source": QUOTED,
    "heard": QuestionReading(is_quoted=True, theme_from="theme"),
    "seen": QUOTED,
    "detail": QuestionReading(is_quoted=True, theme_from="theme"),
    "view": QuestionReading(is_quoted=True, theme_from="topics"),
}


def entries(**answers: Any) -> list[Entry]:
    return list(QuotedQuestions(DEFINITION, READING).entries(answers))


def test_only_texts_the_sheet_marks_are_quoted_in_the_order_of_the_checklist() -> None:
    rows = {"t": ["r1", "r2"], "t/r1/heard": "one", "t/r2/heard": "two"}
    found = entries(**rows, said="first", code="PEC 12")
    assert [(one.question.id, one.text) for one in found] == [("said", "first"), ("heard", "one"), ("heard", "two")]


def test_rows_come_in_the_order_of_their_list_not_of_their_ids() -> None:
    found = entries(**{"t/a/heard": "second", "t/b/heard": "first", "t": ["b", "a"]})
    assert [one.text for one in found] == ["first", "second"]


def test_two_equal_texts_of_a_report_are_two_entries_with_paths_of_their_own() -> None:
    found = entries(**{"t": ["r1", "r2"], "t/r1/heard": "As above.", "t/r2/heard": "As above."})
    assert [one.path for one in found] == ["t/r1/heard", "t/r2/heard"]


def test_a_sealed_text_is_never_a_narrative() -> None:
    assert entries(source="a name") == []


def test_blank_text_is_nothing_to_read() -> None:
    assert entries(said=" \n") == []


def test_an_entry_has_its_questions_theme_before_its_rows() -> None:
    found = entries(**{"t": ["r1"], "t/r1/theme": "law", "t/r1/heard": "one", "t/r1/seen": "two"})
    assert [(one.question.id, one.themes) for one in found] == [("heard", ("law",)), ("seen", ("adm",))]


def test_a_row_inside_a_row_has_the_theme_of_the_row_around() -> None:
    rows = {"t": ["r1", "r2"], "t/r1/theme": "law", "t/r2/theme": "med", "t/r2/u": ["v"], "t/r2/u/v/detail": "so"}
    assert [one.themes for one in entries(**rows)] == [("med",)]


def test_a_text_whose_row_says_no_theme_has_those_of_the_report() -> None:
    found = entries(**{"topics": ["fin", "camp"], "t": ["r1"], "t/r1/heard": "one", "view": "ours"})
    assert [one.themes for one in found] == [("fin", "camp"), ("fin", "camp")]


def test_a_text_without_any_theme_is_found_among_those_that_have_none_yet() -> None:
    [one] = entries(view="ours")
    assert (one.themes, one.has_theme(""), one.has_theme(NO_THEME), one.has_theme("law")) == ((), True, True, False)


def test_a_version_is_passed_over_only_if_no_report_of_it_can_hold_the_theme() -> None:
    fixed = QuotedQuestions(DEFINITION, {"said": QUOTED})
    assert (fixed.may_hold("camp"), fixed.may_hold("law"), fixed.may_hold("")) == (True, False, True)
    assert QuotedQuestions(DEFINITION, READING).may_hold("law")
    assert not QuotedQuestions(DEFINITION, {}).may_hold("")

"""What a form may publish with, but should be told of: texts missing, drawings that differ, parts left aside."""

import pytest

from steppe.checklists.definition import Definition, Question
from steppe.checklists.xlsform.compiler import Compiled, compile_form
from tests.checklists.forms import SETTINGS, YES_NO, Rows, group, markdown


def form(survey: Rows, choices: Rows = YES_NO, files: dict[str, bytes] | None = None) -> Compiled:
    return compile_form(markdown(survey, choices), "a_form.md", files or {})


def question(definition: Definition, name: str) -> Question:
    return next(question for _, _, question in definition.questions() if question.id == name)


def test_a_missing_translation_is_a_warning_at_its_cell() -> None:
    rows = [
        {"type": "text", "name": "a", "label::English (en)": "A", "label::Russian (ru)": "А"},
        {"type": "text", "name": "b", "label::English (en)": "B"},
    ]
    held = form(rows, [])
    (warning,) = held.warnings
    assert (warning.row, warning.column, warning.severity) == (3, "label::Russian (ru)", "warning")
    assert question(held.definition, "b").label == {"en": "B", "ru": "B"}


@pytest.mark.parametrize(
    ("cells", "column", "message", "suggestion"),
    [
        ({"type": "text", "appearance": "multilin"}, "appearance", "no appearance 'multilin'", "multiline"),
        ({"type": "text", "appearance": "signature"}, "appearance", "no meaning for the type text", "photo"),
        ({"type": "text", "appearance": "ex:org.app.scan(a='b')"}, "appearance", "No other app", ""),
        ({"type": "image", "default": "jr://images/a.png"}, "default", "filled in beforehand", "image column"),
        ({"type": "text", "constraint": "../nn > 1"}, "constraint", "no 'nn' at the top of the form", "${n}"),
        ({"type": "text", "constraint": "../../n > 1"}, "constraint", "out of the form", "${question}"),
        ({"type": "text", "relevant": "true"}, "relevant", "path to nothing", "true()"),
        ({"type": "text", "relevant": "n > 1"}, "relevant", "'n' alone", "${n}"),
        ({"type": "text", "soft": "foo"}, "soft", "'foo' alone", "'foo' for the text"),
        ({"type": "select_one yn", "default": "maybe"}, "default", "'maybe' is no choice", "no, yes"),
        ({"type": "select_multiple yn", "default": "yes noo"}, "default", "'noo' is no choice", "Did you mean 'no'?"),
        ({"type": "geopoint", "default": "here"}, "default", "begins empty", "empty"),
        ({"type": "integer", "default": "twelve"}, "default", "begins empty", "whole number"),
        ({"type": "date", "default": "Monday"}, "default", "begins empty", "2021-01-10"),
        ({"type": "range", "default": "11"}, "default", "begins empty", "empty"),
        ({"type": "text", "calculation": "."}, "calculation", "calculates nothing", "empty"),
        ({"type": "osm"}, "type", "left out", "geopoint"),
        ({"type": "audit", "name": "audit"}, "type", "left out", "history"),
        ({"type": "background-audio", "name": "ba"}, "type", "left out", "Nobody is recorded"),
        ({"type": "text", "calculation": "position(..)"}, "calculation", "always 1", ""),
        ({"type": "select_one yn", "choice_filter": "regin = 1"}, "choice_filter", "no column 'regin'", ""),
    ],
)
def test_what_is_drawn_otherwise_or_left_out_is_a_warning(
    cells: dict[str, str], column: str, message: str, suggestion: str
) -> None:
    held = form([{"type": "integer", "name": "n"}, {"name": "q", **cells}])
    (warning,) = held.warnings
    assert (warning.row, warning.column, warning.severity) == (3, column, "warning")
    assert message in warning.message
    assert suggestion in warning.suggestion


def test_a_column_that_is_left_aside_says_why() -> None:
    (warning,) = form([{"type": "text", "name": "q", "autoplay": "audio"}]).warnings
    assert (warning.row, warning.column) == (1, "autoplay")


def test_a_sheet_of_entities_is_left_aside() -> None:
    sheets = markdown([{"type": "text", "name": "q", "save_to": "who"}], [])
    entities = b"\n| entities |\n| | list_name | label |\n| | people | ${q} |"
    warnings = compile_form(sheets + entities, "f.md").warnings
    assert {(warning.sheet, warning.column) for warning in warnings} == {("survey", "save_to"), ("entities", "")}


def test_settings_of_other_servers_are_left_aside() -> None:
    settings = {**SETTINGS, "submission_url": "https://example.org"}
    (warning,) = compile_form(markdown([{"type": "text", "name": "q"}], [], settings), "f.md").warnings
    assert (warning.sheet, warning.column) == ("settings", "submission_url")


@pytest.mark.parametrize(
    ("cells", "message", "suggestion"),
    [
        ({"relevant": "${ok} = 'yess'"}, "'ok' has no choice 'yess'", "Did you mean 'yes'?"),
        ({"relevant": "${ok} = 'No'"}, "'ok' has no choice 'No'", "Did you mean 'no'?"),
        ({"relevant": "selected(${many}, 'maybe')"}, "'many' has no choice 'maybe'", "yes, no"),
        ({"relevant": "${many} = 'yes'"}, "may hold several", "selected(${many}, 'yes')"),
        ({"relevant": "${n} > 'ten'"}, "'n' is a number, never 'ten'", "number"),
        ({"relevant": "'soon' < ${day}"}, "'day' is a date, never 'soon'", "date("),
        ({"required": "${seen} = 'yes'"}, "'OK' or empty", "'OK'"),
        ({"type": "select_one yn", "constraint": ". != 'nope'"}, "'q' has no choice 'nope'", ""),
    ],
)
def test_a_comparison_that_cannot_come_out_as_meant_is_a_warning(
    cells: dict[str, str], message: str, suggestion: str
) -> None:
    asked = [
        {"type": "select_one yn", "name": "ok"},
        {"type": "select_multiple yn", "name": "many"},
        {"type": "integer", "name": "n"},
        {"type": "date", "name": "day"},
        {"type": "acknowledge", "name": "seen"},
    ]
    (warning,) = form([*asked, {"type": "text", "name": "q", **cells}]).warnings
    assert (warning.row, warning.column) == (7, next(column for column in cells if column != "type"))
    assert message in warning.message
    assert suggestion in warning.suggestion


@pytest.mark.parametrize(
    "relevant",
    [
        "${ok} = 'yes'",
        "${ok} = ''",
        "selected(${many}, 'no')",
        "${n} > '10'",
        "${day} > '2021-01-10'",
        "${day} < today()",
    ],
)
def test_a_comparison_that_can_come_out_both_ways_is_not_warned_about(relevant: str) -> None:
    asked = [
        {"type": "select_one yn", "name": "ok"},
        {"type": "select_multiple yn", "name": "many"},
        {"type": "integer", "name": "n"},
        {"type": "date", "name": "day"},
    ]
    assert form([*asked, {"type": "text", "name": "q", "relevant": relevant}]).warnings == ()


def test_an_odd_condition_of_a_group_is_told_once_at_the_group() -> None:
    inner = group("inner", {"type": "text", "name": "a"}, {"type": "text", "name": "b"}, relevant="${ok} = 'yess'")
    rows = group("outer", {"type": "select_one yn", "name": "ok"}, *inner, label="Outer")
    assert [(warning.row, warning.column) for warning in form(rows).warnings] == [(4, "relevant")]


def test_a_picture_of_a_group_is_left_aside() -> None:
    rows = group("g", {"type": "text", "name": "q"}, label="G", image="a.png")
    (warning,) = form(rows).warnings
    assert (warning.row, warning.column) == (2, "image")

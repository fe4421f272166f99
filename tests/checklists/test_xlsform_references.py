"""Names, paths and values in texts: what they reach, and rows that are offered as choices."""

from datetime import UTC, datetime

import pytest

from steppe.checklists.definition import Definition, Question
from steppe.checklists.evaluation.answers import check_answers
from steppe.checklists.evaluation.evaluation import evaluate
from steppe.checklists.expressions.dates import Context
from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import Compiled, compile_form
from tests.checklists.forms import YES_NO, Rows, compiled, group, markdown, repeat


def form(survey: Rows, choices: Rows = YES_NO, files: dict[str, bytes] | None = None) -> Compiled:
    return compile_form(markdown(survey, choices), "a_form.md", files or {})


def question(definition: Definition, name: str) -> Question:
    return next(question for _, _, question in definition.questions() if question.id == name)


def test_a_name_used_in_two_groups_gets_the_group_before_it() -> None:
    rows = [
        *group("a", {"type": "integer", "name": "q"}, {"type": "text", "name": "x", "relevant": "../q > 1"}, label="A"),
        *group("b", {"type": "integer", "name": "q"}, {"type": "text", "name": "y", "relevant": "../q > 2"}, label="B"),
    ]
    held = form(rows)
    assert [one.id for _, _, one in held.definition.questions()] == ["q", "x", "b.q", "y"]
    assert question(held.definition, "y").relevant == [">", ["ref", "b.q"], ["n", 2]]
    assert [warning.row for warning in held.warnings] == [7]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("../n", ["ref", "n"]),
        ("../../top", ["ref", "top"]),
        ("/data/g/n", ["ref", "n"]),
        ("current()/../n", ["ref", "n"]),
        ("position(..)", ["n", 1]),
        ("../r[2]/x", ["call", "indexed-repeat", ["ref", "x"], ["ref", "r"], ["n", 2]]),
        ("/data/g/r[position() = ${n}]/x", ["call", "indexed-repeat", ["ref", "x"], ["ref", "r"], ["ref", "n"]]),
        ("count(../r)", ["call", "count", ["ref", "r"]]),
        (
            "instance('yn')/root/item[name = ${top}]/label",
            ["items", "yn", [["=", ["col", "name"], ["ref", "top"]]], "label"],
        ),
    ],
)
def test_a_path_reaches_what_it_names(written: str, expected: list[object]) -> None:
    rows = [
        {"type": "integer", "name": "top"},
        *group(
            "g",
            {"type": "integer", "name": "n"},
            *repeat("r", {"type": "text", "name": "x"}, label="R"),
            {"type": "calculate", "name": "q", "calculation": written},
            label="G",
        ),
    ]
    assert question(form(rows).definition, "q").calculation == expected


def test_position_counts_repeats_not_groups() -> None:
    rows = repeat(
        "outer",
        *repeat("inner", *group("g", {"type": "calculate", "name": "q", "calculation": "position(../../..)"})),
    )
    assert question(form(rows).definition, "q").calculation == ["call", "position", ["n", 1]]


def test_a_condition_on_the_report_before_reads_a_hidden_answer_of_this_one() -> None:
    rows = [
        {"type": "integer", "name": "n", "default": "${last-saved#n}"},
        {"type": "text", "name": "q", "relevant": "${last-saved#n} > 1", "label": "It was ${last-saved#n}"},
    ]
    definition = form(rows).definition
    assert question(definition, "n").default == ["call", "last-saved", ["ref", "n"]]
    assert question(definition, "q").relevant == [">", ["ref", "last-saved.n"], ["n", 1]]
    assert question(definition, "q").label == {"en": "It was ${last-saved.n}"}
    hidden = question(definition, "last-saved.n")
    assert (hidden.type, hidden.default) == ("hidden", ["call", "last-saved", ["ref", "n"]])


def test_a_text_is_drawn_anew_when_an_answer_in_it_changes() -> None:
    rows = [
        {"type": "text", "name": "who"},
        {"type": "select_one t", "name": "a", "label": "Did ${who} come?"},
        {"type": "text", "name": "b", "hint": "As ${who} said"},
    ]
    choices = [{"list_name": "t", "name": "x", "label": "${b}"}]
    definition = compiled(rows, choices)
    assert question(definition, "a").label == {"en": "Did ${who} come?"}
    assert definition.dependants == {"who": ("a", "b"), "b": ("a",)}


def test_the_rows_of_a_repeat_may_be_offered_as_choices() -> None:
    person = repeat(
        "person",
        {"type": "text", "name": "who"},
        *group("g", {"type": "integer", "name": "age"}),
        {"type": "integer", "name": "least"},
        {
            "type": "select_one ${who}",
            "name": "friend",
            "choice_filter": "${age} > current()/../least and position() != position(..)",
        },
    )
    rows = [*person, {"type": "integer", "name": "n"}, {"type": "select_one ${who}", "name": "head"}]
    definition = compiled([*rows, {"type": "select_one ${who}", "name": "old", "choice_filter": "age > ${n}"}])
    place = ["call", "number", ["col", "position()"]]
    assert question(definition, "friend").rows == "who"
    assert question(definition, "friend").filter == [
        "and",
        [">", ["col", "age"], ["ref", "least"]],
        ["!=", place, ["call", "position"]],
    ]
    assert question(definition, "old").filter == [">", ["col", "age"], ["ref", "n"]]
    assert {"head", "old", "friend"} <= set(definition.dependants["who"])
    assert "head" in definition.dependants["person"]


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"type": "select_multiple ${who}"}, "type", "cannot be chosen"),
        ({"type": "select_one ${who}", "choice_filter": "town = 1"}, "choice_filter", "have no 'town'"),
    ],
)
def test_what_rows_cannot_offer_is_refused(cells: dict[str, str], column: str, message: str) -> None:
    with pytest.raises(ChecklistProblems) as raised:
        form([*repeat("person", {"type": "text", "name": "who"}), {"name": "q", **cells}])
    assert [(problem.column, message in problem.message) for problem in raised.value.problems] == [(column, True)]


def test_an_answer_of_rows_is_any_text_and_its_own_label() -> None:
    definition = compiled(
        [
            *repeat("person", {"type": "text", "name": "who"}),
            {"type": "select_one ${who}", "name": "head"},
            {"type": "calculate", "name": "said", "calculation": "jr:choice-name(${head}, '${head}')"},
        ]
    )
    answers = {"person": ["a"], "person/a/who": "Aigul", "head": "Aigul"}
    assert check_answers(definition, answers) == []
    assert [problem.fault for problem in check_answers(definition, {"head": ["Aigul"]})] == ["wrong_type"]
    context = Context(datetime(2021, 1, 10, tzinfo=UTC), "Asia/Almaty")
    assert evaluate(definition, answers, context).values["said"] == "Aigul"

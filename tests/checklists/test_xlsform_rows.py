"""Question types, groups and repeats of XLSForm: what each row becomes."""

from datetime import UTC, datetime

import pytest

from steppe.checklists.answers import check_answers
from steppe.checklists.compiler import Compiled, compile_form
from steppe.checklists.dates import Context
from steppe.checklists.definition import Definition, Question, Repeat
from steppe.checklists.evaluation import evaluate
from steppe.checklists.problems import ChecklistProblems
from tests.checklists.forms import SETTINGS, YES_NO, Rows, compiled, group, markdown, repeat


def form(survey: Rows, choices: Rows = YES_NO, files: dict[str, bytes] | None = None) -> Compiled:
    return compile_form(markdown(survey, choices), "a_form.md", files or {})


def question(definition: Definition, name: str) -> Question:
    return next(question for _, _, question in definition.questions() if question.id == name)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("rank yn", "rank"),
        ("range", "range"),
        ("image", "photo"),
        ("audio", "audio"),
        ("video", "video"),
        ("file", "file"),
        ("barcode", "barcode"),
        ("geotrace", "geotrace"),
        ("geoshape", "geoshape"),
        ("hidden", "hidden"),
        ("trigger", "acknowledge"),
        ("dateTime", "datetime"),
        ("select one from yn", "select_one"),
        ("select all that apply from yn", "select_multiple"),
        ("add integer prompt", "integer"),
        ("phone number", "text"),
        ("username", "metadata"),
        ("imei", "metadata"),
    ],
)
def test_every_name_of_a_type_means_it(written: str, kind: str) -> None:
    assert question(compiled([{"type": "text", "name": "t"}, {"type": written, "name": "q"}]), "q").type == kind


def test_a_ready_made_type_brings_its_constraint() -> None:
    held = question(compiled([{"type": "percentage", "name": "q"}]), "q")
    assert held.constraint == ["and", ["<=", ["n", 0], ["self"]], ["<=", ["self"], ["n", 100]]]


def test_a_range_always_says_where_it_begins_ends_and_steps() -> None:
    definition = compiled([{"type": "range", "name": "q", "parameters": "end=5 step=0.5"}])
    assert question(definition, "q").parameters == {"start": 1, "end": 5, "step": 0.5}


def test_choices_in_random_order_may_hang_on_an_answer() -> None:
    rows = [
        {"type": "integer", "name": "n"},
        {"type": "select_one yn", "name": "q", "parameters": "randomize=true, seed=${n}"},
    ]
    definition = compiled(rows)
    assert question(definition, "q").parameters == {"randomize": "true", "seed": "${n}"}
    assert definition.dependants["n"] == ("q",)


def test_what_is_calculated_without_a_label_is_no_question() -> None:
    rows = [{"type": "integer", "name": "n"}, {"type": "integer", "name": "q", "calculation": "${n} + 1", "label": ""}]
    assert question(compiled(rows), "q").type == "calculate"


def test_a_note_that_calculates_shows_its_value() -> None:
    held = question(compiled([{"type": "note", "name": "q", "calculation": "1 + 1"}]), "q")
    assert (held.type, held.read_only) == ("text", True)


def test_a_hint_alone_is_the_label() -> None:
    held = question(compiled([{"type": "text", "name": "q", "label": "", "hint": "Ask twice"}]), "q")
    assert (held.label, held.hint) == ({"en": "Ask twice"}, None)


def test_or_other_adds_a_choice_and_a_question() -> None:
    definition = compiled([*group("g", {"type": "select_one yn or_other", "name": "q"}, label="G")])
    assert [choice.name for choice in definition.choices["yn"]] == ["yes", "no", "other"]
    assert question(definition, "q_other").relevant == ["call", "selected", ["ref", "q"], ["s", "other"]]


def test_a_trigger_keeps_the_calculation_out_of_the_order() -> None:
    rows = [
        {"type": "integer", "name": "a"},
        {"type": "integer", "name": "b"},
        {"type": "calculate", "name": "q", "calculation": ". + ${a}", "trigger": "${a}, ${b}"},
    ]
    definition = compiled(rows)
    assert question(definition, "q").trigger == ("a", "b")
    assert definition.order == ()


def test_inner_groups_keep_their_headings() -> None:
    inner = group("inner", {"type": "text", "name": "q"}, label="Inner", appearance="field-list")
    definition = compiled(group("outer", *group("middle", *inner, label="Middle"), label="Outer"))
    assert question(definition, "q").group == "inner"
    assert definition.groups is not None
    assert (definition.groups["inner"].inside, definition.groups["inner"].appearance) == ("middle", ("field-list",))
    assert definition.sections[0].title == {"en": "Outer"}


def test_repeats_nest_and_stand_flat_in_their_section() -> None:
    inner = repeat("people", {"type": "text", "name": "who"}, relevant="${kind} = 'x'", repeat_count="${n}")
    rows = repeat(
        "visits",
        {"type": "text", "name": "kind"},
        {"type": "integer", "name": "n"},
        *inner,
        *repeat("notes", {"type": "text", "name": "note"}),
        {"type": "text", "name": "end"},
        label="Visits",
    )
    definition = compiled(group("s", *rows, label="S"))
    nodes = definition.sections[0].nodes
    repeats = [node for node in nodes if isinstance(node, Repeat)]
    assert [(node.id, node.inside, node.after) for node in repeats] == [
        ("visits", None, None),
        ("people", "visits", "n"),
        ("notes", "visits", "people"),
    ]
    assert [held.id for held in repeats[0].questions] == ["kind", "n", "end"]
    assert repeats[1].count == ["ref", "n"]
    assert definition.order == ("people",)
    assert "people" in definition.dependants["n"]


def test_a_name_used_in_two_groups_gets_the_group_before_it() -> None:
    rows = [
        *group("a", {"type": "integer", "name": "q"}, {"type": "text", "name": "x", "relevant": "../q > 1"}, label="A"),
        *group("b", {"type": "integer", "name": "q"}, {"type": "text", "name": "y", "relevant": "../q > 2"}, label="B"),
    ]
    held = form(rows)
    assert [one.id for _, _, one in held.definition.questions()] == ["q", "x", "b.q", "y"]
    assert question(held.definition, "y").relevant == [">", ["ref", "b.q"], ["n", 2]]
    assert [warning.row for warning in held.warnings] == [7]


def test_a_loop_is_written_out() -> None:
    rows = [
        {"type": "begin loop over yn", "name": "l", "label": "L"},
        {"type": "integer", "name": "n", "label": "How many %(label)s?"},
        {"type": "end loop", "label": ""},
    ]
    definition = form(rows).definition
    assert [(one.id, one.label["en"]) for _, _, one in definition.questions()] == [
        ("n", "How many Yes?"),
        ("no.n", "How many No?"),
    ]


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


def test_a_disabled_row_and_a_row_of_notes_ask_nothing() -> None:
    rows = [
        {"type": "text", "name": "q"},
        {"type": "text", "name": "old", "disabled": "yes"},
        {"label": "", "relevant": "the next part is about voters"},
    ]
    assert [one.id for _, _, one in compiled(rows).questions()] == ["q"]


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
        ({"type": "text", "read_only": "${n} > 1"}, "read_only", "left aside", ""),
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

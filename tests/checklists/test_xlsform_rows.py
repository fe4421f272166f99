"""Question types, groups and repeats of XLSForm: what each row becomes."""

import pytest

from steppe.checklists.definition import Definition, Question, Repeat
from steppe.checklists.xlsform.compiler import Compiled, compile_form
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


def other_labels(*languages: str) -> tuple[Compiled, list[str]]:
    """A select with or_other in some languages, and the warnings of its row."""
    labels = {f"label::{code.upper()} ({code})": "x" for code in languages}
    row = {"type": "select_one yn or_other", "name": "q", **labels}
    choices = [{"list_name": "yn", "name": name, **labels} for name in ("yes", "no")]
    settings = {**SETTINGS, "default_language": f"{languages[0].upper()} ({languages[0]})"}
    end = dict.fromkeys(labels, "")
    survey = [{"type": "begin group", "name": "g", **labels}, row, {"type": "end group", **end}]
    result = compile_form(markdown(survey, choices, settings), "form.md")
    return result, [warning.message for warning in result.warnings if "English" in warning.message]


def test_or_other_speaks_our_languages_without_a_warning() -> None:
    result, warnings = other_labels("en", "ru", "kk")
    assert question(result.definition, "q_other").label["kk"] == "Басқасын көрсетіңіз."
    assert warnings == []


def test_or_other_in_another_language_is_english_and_says_so() -> None:
    result, warnings = other_labels("ar", "fr")
    assert question(result.definition, "q_other").label == {"ar": "Specify other.", "fr": "Specify other."}
    assert result.definition.choices["yn"][-1].label == {"ar": "Other", "fr": "Autre"}
    assert warnings == [
        "'Other' stands in English: there is no text of ours in ar.",
        "'Specify other.' stands in English: there is no text of ours in ar, fr.",
    ]


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


def test_a_disabled_row_and_a_row_of_notes_ask_nothing() -> None:
    rows = [
        {"type": "text", "name": "q"},
        {"type": "text", "name": "old", "disabled": "yes"},
        {"label": "", "relevant": "the next part is about voters"},
    ]
    assert [one.id for _, _, one in compiled(rows).questions()] == ["q"]

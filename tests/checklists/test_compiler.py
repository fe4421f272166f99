"""Forms that compile: what each part of a spreadsheet becomes."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from steppe.checklists.definition import Definition, Question, Repeat, definition_bytes, definition_hash
from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import compile_checklist, compile_form
from tests.checklists.forms import SETTINGS, YES_NO, compiled, group, markdown, repeat

PACK = Path(__file__).parents[2] / "backend/steppe/packs/kazakhstan_2021/checklists"


def question(definition: Definition, name: str) -> Question:
    return next(question for _, _, question in definition.questions() if question.id == name)


def test_top_level_groups_become_sections_and_deeper_ones_dissolve_into_relevance() -> None:
    inner = group("inner", {"type": "text", "name": "why", "relevant": "${n} > 1"}, relevant="${ok} = 'no'")
    definition = compiled(
        [
            {"type": "integer", "name": "n"},
            *group("one", {"type": "select_one yn", "name": "ok"}, *inner, relevant="${n} > 0"),
            {"type": "text", "name": "after"},
        ]
    )
    assert [[node.id for node in section.nodes] for section in definition.sections] == [["n"], ["ok", "why"], ["after"]]
    assert definition.sections[1].relevant == [">", ["ref", "n"], ["n", 0]]
    assert question(definition, "why").relevant == [
        "and",
        ["=", ["ref", "ok"], ["s", "no"]],
        [">", ["ref", "n"], ["n", 1]],
    ]


def test_a_repeat_keeps_its_relevance_and_its_questions_only_their_own() -> None:
    rows = repeat("r", *group("g", {"type": "text", "name": "x"}, relevant="${n} = 2"), relevant="${n} > 1")
    definition = compiled([*group("s", {"type": "integer", "name": "n"}, *rows)])
    held = definition.sections[0].nodes[1]
    assert isinstance(held, Repeat)
    assert held.relevant == [">", ["ref", "n"], ["n", 1]]
    assert held.questions[0].relevant == ["=", ["ref", "n"], ["n", 2]]


def test_order_puts_every_question_after_what_it_reads() -> None:
    definition = compiled(
        [
            {"type": "calculate", "name": "last", "calculation": "${middle} + 1"},
            {"type": "calculate", "name": "middle", "calculation": "${n} * 2"},
            {"type": "integer", "name": "n", "constraint": "${last} < 100"},
        ]
    )
    assert definition.order == ("middle", "last")
    assert definition.dependants["n"] == ("middle", "last")


def test_a_constraint_may_look_back_at_what_depends_on_it() -> None:
    definition = compiled(
        [
            {"type": "integer", "name": "a", "constraint": ". < 5 or ${b} != ''"},
            {"type": "text", "name": "b", "relevant": "${a} > 3"},
        ]
    )
    assert definition.dependants == {"a": ("b",), "b": ("a",)}


def test_each_language_of_the_columns_has_its_text() -> None:
    definition = compiled(
        [{"type": "text", "name": "q", "label::English (en)": "Why?", "label::Russian (ru)": "Почему?"}],
        [],
        {**SETTINGS, "default_language": "Russian (ru)", "form_title::Russian (ru)": "Форма"},
    )
    assert definition.languages == ("ru", "en")
    assert question(definition, "q").label == {"ru": "Почему?", "en": "Why?"}
    assert definition.title == {"ru": "Форма", "en": "A form"}


def test_the_columns_of_steppe_reach_the_definition() -> None:
    row = {
        "type": "select_one yn",
        "name": "q",
        "theme": "camp",
        "negative": "no:2 any:1 fail:3",
        "soft": ". = 'yes'",
        "soft_message": "Really?",
        "sealed": "yes",
        "short_form": "yes",
        "required": "yes",
    }
    held = question(compiled([row]), "q")
    assert (held.theme, held.negative, held.sealed, held.short_form) == (
        "camp",
        {"no": 2, "any": 1, "fail": 3},
        True,
        True,
    )
    assert held.soft == ["=", ["self"], ["s", "yes"]]
    assert held.soft_message == {"en": "Really?"}
    assert held.required == ["b", True]


LEVELS = [{"list_name": "levels", "name": name, "label": name} for name in ("exact", "locality", "district", "region")]


def test_a_form_says_which_question_tells_how_fine_a_place_and_which_one_sets_the_bounds() -> None:
    rows = [
        {"type": "text", "name": "village", "precision": "locality"},
        {"type": "select_one levels", "name": "where"},
    ]
    definition = compiled(rows, LEVELS, {**SETTINGS, "precision": "where"})
    assert definition.precision == "where"
    assert (question(definition, "village").precision, question(definition, "where").precision) == ("locality", None)


@pytest.mark.parametrize(
    ("row", "settings", "column", "message"),
    [
        ({"precision": "village"}, {}, "precision", "'village' does not say how fine a place is."),
        (
            {"type": "calculate", "calculation": "${where}", "precision": "exact"},
            {},
            "precision",
            "A calculated value is as fine a place as what it reads.",
        ),
        ({}, {"precision": "village"}, "precision", "'village' does not ask how fine a place may be."),
        ({}, {"precision": "nothing"}, "precision", "'nothing' does not ask how fine a place may be."),
    ],
)
def test_a_precision_that_could_not_be_kept_is_a_problem_at_its_cell(
    row: dict[str, str], settings: dict[str, str], column: str, message: str
) -> None:
    rows = [{"type": "text", "name": "village", **row}, {"type": "select_one levels", "name": "where"}]
    with pytest.raises(ChecklistProblems) as raised:
        compiled(rows, LEVELS, {**SETTINGS, **settings})
    assert [(each.column, each.message) for each in raised.value.problems] == [(column, message)]


def test_the_finest_place_asked_for_places_the_submission() -> None:
    definition = compiled(
        [
            {"type": "text", "name": "where", "location": "region"},
            {"type": "text", "name": "station", "location": "station"},
        ]
    )
    assert definition.location == "station"
    named = compiled(
        [
            {"type": "text", "name": "where", "location": "region"},
            {"type": "text", "name": "station", "location": "station"},
        ],
        settings={**SETTINGS, "location": "where"},
    )
    assert named.location == "where"


@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        ("date", "2021-01-10 00:00:00", ["s", "2021-01-10"]),
        ("integer", "5", ["s", "5"]),
        ("date", "2021-01-10", ["s", "2021-01-10"]),
        ("date", "today()", ["call", "today"]),
        ("integer", "${n} + 1", ["+", ["ref", "n"], ["n", 1]]),
        ("select_one yn", "yes", ["s", "yes"]),
    ],
)
def test_a_default_is_a_text_or_an_expression(kind: str, written: str, expected: list[object]) -> None:
    definition = compiled([{"type": "integer", "name": "n"}, {"type": kind, "name": "q", "default": written}])
    assert question(definition, "q").default == expected


def test_metadata_is_kept_for_expressions() -> None:
    rows = [{"type": "start", "name": "begun"}, {"type": "date", "name": "q", "constraint": ". <= ${begun}"}]
    held = question(compiled(rows), "begun")
    assert (held.type, held.metadata) == ("metadata", "start")


def test_an_audit_log_is_left_out() -> None:
    definition = compiled([{"type": "audit", "name": "audit"}, {"type": "text", "name": "q"}])
    assert [held.id for _, _, held in definition.questions()] == ["q"]


def test_canonical_bytes_read_back_to_the_same_definition() -> None:
    definition = compiled([*group("s", {"type": "select_one yn", "name": "q", "constraint": ". != ''"})])
    again = Definition.model_validate_json(definition_bytes(definition))
    assert again == definition
    assert definition_bytes(again) == definition_bytes(definition)
    assert b"null" not in definition_bytes(definition)
    assert definition_hash(again) == definition_hash(definition)


def test_excel_and_markdown_give_the_same_definition() -> None:
    survey = [{"type": "select_one yn", "name": "q", "label": "Q?", "relevant": "1 < 2 or 2 > 1"}]
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in {"survey": survey, "choices": YES_NO, "settings": [SETTINGS]}.items():
        sheet = book.create_sheet(name)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
    file = BytesIO()
    book.save(file)
    from_excel = compile_checklist(file.getvalue(), "a_form.xlsx")
    assert definition_bytes(from_excel) == definition_bytes(compile_checklist(markdown(survey), "a_form.md"))


def test_a_form_without_a_version_is_named_by_its_content() -> None:
    first = compiled([{"type": "text", "name": "q"}], settings={"form_id": "f"})
    second = compiled([{"type": "text", "name": "other"}], settings={"form_id": "f"})
    assert first.version != second.version


@pytest.mark.parametrize("path", sorted(PACK.glob("[!_]*.md")), ids=lambda path: path.stem)
def test_every_checklist_of_the_pack_publishes(path: Path) -> None:
    definition = compile_checklist(path)
    assert definition.id == path.stem
    assert definition.languages == ("en", "ru", "kk")


@pytest.mark.parametrize("path", sorted(PACK.glob("[!_]*.md")), ids=lambda path: path.stem)
def test_the_pack_publishes_without_a_warning(path: Path) -> None:
    assert [str(warning) for warning in compile_form(path).warnings] == []

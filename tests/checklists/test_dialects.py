"""Forms written for other tools: what has a twin is taken, what has none is told once for the whole form."""

import pytest

from steppe.checklists.problems import ChecklistProblems
from steppe.checklists.xlsform.compiler import Compiled, compile_form
from steppe.checklists.xlsform.dialects import EMPTY, TWINS, UNKNOWN
from tests.checklists.forms import markdown

LEAVE_OUT = "Nobody is watched while observing; leave them out."
Q = {"type": "text", "name": "q"}


def form(*rows: dict[str, str]) -> Compiled:
    return compile_form(markdown([Q, *rows]), "f.md")


def calculated(expression: str) -> object:
    compiled = form({"type": "calculate", "name": "c", "calculation": expression})
    return next(question.calculation for _, _, question in compiled.definition.questions() if question.id == "c")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("trim(${q})", "normalize-space(${q})"),
        (
            "concat(trim(${q}), '-', trim('a (b), c'))",
            "concat(normalize-space(${q}), '-', normalize-space('a (b), c'))",
        ),
        ("trim(trim(${q}))", "normalize-space(normalize-space(${q}))"),
        ("index()", "position(..)"),
        ("date-time(${q})", "string(${q})"),
        ("empty(${q}) or 1 = 2", "string(${q}) = '' or 1 = 2"),
        ("item-at(' ', ${q}, 0)", "selected-at(${q}, 0)"),
        ("count-items(' ', ${q})", "count-selected(${q})"),
        ("device-info()", "''"),
    ],
)
def test_a_function_with_a_twin_is_that_twin(theirs: str, ours: str) -> None:
    assert calculated(theirs) == calculated(ours)


def test_what_was_translated_is_told_once_with_its_rows() -> None:
    rows = [{"type": "calculate", "name": f"c{n}", "calculation": "concat(trim(${q}), duration())"} for n in range(2)]
    assert [str(warning) for warning in form(*rows).warnings] == [
        "sheet survey: SurveyCTO's functions are taken as their twins: trim() (rows 3, 4).",
        f"sheet survey: SurveyCTO's functions that are always empty here: duration() (rows 3, 4). {LEAVE_OUT}",
    ]


def test_functions_without_a_twin_are_named_in_one_list() -> None:
    with pytest.raises(ChecklistProblems) as found:
        form(
            {"type": "calculate", "name": "a", "calculation": "hash(${q}) + rank-value(${q}, 1)"},
            {"type": "calculate", "name": "b", "calculation": "hash(${q})"},
        )
    [problem] = found.value.problems
    assert problem.message == "SurveyCTO's functions that have no twin here: hash() (rows 3, 4); rank-value() (row 3)."


def test_an_unknown_function_and_the_wrong_number_of_arguments_are_told_at_their_cell() -> None:
    with pytest.raises(ChecklistProblems, match=r"row 3, column calculation, character 1: There is no function trim"):
        form({"type": "calculate", "name": "a", "calculation": "trim(${q}, 1)"})


def test_a_fault_beside_a_translated_call_names_its_cell_but_no_place_in_it() -> None:
    with pytest.raises(ChecklistProblems) as found:
        form({"type": "calculate", "name": "a", "calculation": "concat(trim(${q}), ${nobody})"})
    assert [(one.row, one.column, one.position) for one in found.value.problems] == [(3, "calculation", 0)]


def test_a_function_stands_in_one_list_only() -> None:
    assert not TWINS.keys() & (EMPTY | UNKNOWN)
    assert not EMPTY & UNKNOWN


def test_rows_that_watch_the_observer_are_left_out_and_the_others_stay() -> None:
    compiled = form(
        {"type": "text audit", "name": "audit"},
        {"type": "sensor_stream light", "name": "light"},
        {"type": "speed violations count", "name": "fast"},
        {"type": "caseid", "name": "caseid"},
        {"type": "calculate_here", "name": "now_here", "calculation": "string(now())"},
    )
    kinds = {question.id: question.type for _, _, question in compiled.definition.questions()}
    assert kinds == {"q": "text", "caseid": "metadata", "now_here": "calculate"}
    assert [warning.row for warning in compiled.warnings] == [3, 4, 5]


@pytest.mark.parametrize(
    ("kind", "message", "suggestion"),
    [
        ("db:person", "'db:person' is a record of the Community Health Toolkit's database", "select_one_from_file"),
        ("begin_kobomatrix", "KoboToolbox's matrix", "repeat"),
        ("signature", "no type of its own", "appearance signature"),
    ],
)
def test_a_type_of_another_tool_is_explained(kind: str, message: str, suggestion: str) -> None:
    with pytest.raises(ChecklistProblems) as found:
        form({"type": kind, "name": "p"})
    [problem] = found.value.problems
    assert (problem.row, problem.column) == (3, "type")
    assert message in problem.message
    assert suggestion in problem.suggestion


def test_a_name_that_xforms_keeps_is_to_be_changed() -> None:
    with pytest.raises(ChecklistProblems) as found:
        form({"type": "begin_group", "name": "meta"}, {"type": "text", "name": "t"}, {"type": "end_group"})
    [problem] = found.value.problems
    assert (problem.row, problem.column) == (3, "name")
    assert "Rename the row" in problem.suggestion


def test_two_rows_of_a_name_that_is_referred_to_are_told_apart() -> None:
    with pytest.raises(ChecklistProblems, match=r"'n' is the name of rows 4, 7\. Rename all but one"):
        form(
            {"type": "begin_group", "name": "a"},
            {"type": "text", "name": "n"},
            {"type": "end_group"},
            {"type": "begin_group", "name": "b"},
            {"type": "text", "name": "n"},
            {"type": "end_group"},
            {"type": "note", "name": "said", "label": "You said ${n}"},
        )


@pytest.mark.parametrize(("sheet", "settings"), [("survey", {}), ("settings", {"sms_allow_medias": "yes"})])
def test_a_column_that_nobody_reads_refuses_no_form(sheet: str, settings: dict[str, str]) -> None:
    rows = [{**Q, "hintt": "x"}] if sheet == "survey" else [Q]
    compiled = compile_form(markdown(rows, settings={"form_id": "f", "version": "1", **settings}), "f.md")
    [warning] = compiled.warnings
    assert (warning.sheet, warning.row) == (sheet, 1)
    assert "left aside" in warning.message

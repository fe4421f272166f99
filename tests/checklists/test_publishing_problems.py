"""Forms that cannot be published: every fault is named by sheet, row and column, all in one pass."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.checklists.definition import definition_bytes
from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.checklists.xlsform.compiler import compile_checklist, compile_form
from tests.checklists.forms import SETTINGS, YES_NO, Rows, compiled, group, markdown, repeat


def problems(survey: Rows, choices: Rows = YES_NO, settings: dict[str, str] | None = None) -> list[CellProblem]:
    with pytest.raises(ChecklistProblems) as raised:
        compiled(survey, choices, settings or SETTINGS)
    return raised.value.problems


def only(survey: Rows, choices: Rows = YES_NO, settings: dict[str, str] | None = None) -> CellProblem:
    found = problems(survey, choices, settings)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


@pytest.mark.parametrize(
    ("cells", "column", "message", "suggestion"),
    [
        ({"relevant": "${nn} > 1"}, "relevant", "no question 'nn'", "${n}"),
        ({"relevant": "slected(${n}, 'x')"}, "relevant", "no function slected()", "selected()"),
        ({"constraint": "selected(.)"}, "constraint", "takes 2 arguments, not 1", "selected(${question}, 'choice')"),
        ({"constraint": ". > "}, "constraint", "ends too early", ""),
        ({"constraint": "(. > 1"}, "constraint", "never closed", ")"),
        ({"constraint": ". == 1"}, "constraint", "nothing to compare", "="),
        ({"constraint": ". > 1 && . < 2"}, "constraint", "'&'", "and"),
        ({"constraint": ". = ‘it’s’"}, "constraint", "Curly quotes", "straight"),
        ({"constraint": "//n > 1"}, "constraint", "whole form", "${question}"),
        ({"constraint": "../n/following::x"}, "constraint", "Axes", "${question}"),
        ({"constraint": "${n} | . > 1"}, "constraint", "joins answers only inside", "or"),
        ({"constraint": ". = instance('lst')/root/item[name = 'a']/label"}, "constraint", "'lst.csv'", "beside"),
        ({"constraint": ". = instance('yn')/root/item[foo"}, "constraint", "never closed", "]"),
        ({"constraint": ". = pulldata('towns', 'code', ${n}, 1)"}, "constraint", "a file, two of its columns", ""),
        ({"constraint": ". = pulldata('towns', 'code', 'name', ${n})"}, "constraint", "'towns.csv' is not", "beside"),
        ({"constraint": "jr:itext('x') = ''"}, "constraint", "not supported", "label"),
        ({"constraint": "indexed-repeat(1, 2, 3) = 1"}, "constraint", "a repeat and a row number", ""),
        ({"constraint": "regex(., '(?=a)')"}, "constraint", "looking ahead", ""),
        ({"constraint": "regex(., ${n})"}, "constraint", "text in quotes", ""),
        ({"relevant": "and n"}, "relevant", "nothing on its left", "Compare"),
        ({"relevant": ". > 1"}, "relevant", "its own result", ""),
        ({"constraint": "${n}[. > 1] = 1"}, "constraint", "rows of a repeat", "${repeat}[condition]/question"),
        ({"negative": "yes:2"}, "negative", "no choice", ""),
        ({"negative": "fail:2"}, "negative", "soft check", ""),
        ({"negative": ">0"}, "negative", "no negative indicator", "no:2"),
        ({"location": "town"}, "location", "no kind of place", "region"),
        ({"sealed": "perhaps"}, "sealed", "neither yes nor no", "yes"),
        ({"type": "rank"}, "type", "names no choice list", "rank list_name"),
        (
            {"constraint": ". = pulldata(${n}, 'code', 'name', ${n})"},
            "constraint",
            "No file with the columns",
            "Attach every file",
        ),
        ({"type": "select_one ${n}"}, "type", "no question of a repeat", "rows answer"),
        ({"type": "select_one_from_file towns.csv"}, "type", "'towns.csv' is not attached", "beside the form"),
        ({"type": "select_one_external towns"}, "type", "external_choices sheet", ""),
        ({"type": "select_one yn", "appearance": "search('towns')"}, "appearance", "'towns.csv' is not", ""),
        ({"type": "txt"}, "type", "no question type 'txt'", "text"),
        ({"type": "select_one yesno"}, "type", "no choice list 'yesno'", ""),
        ({"type": "select_one yn or_else"}, "type", "after the list's name", ""),
        ({"type": "range", "parameters": "start=1 end=1"}, "parameters", "No step fits", "start=0"),
        ({"type": "text", "parameters": "row=3"}, "parameters", "no parameter 'row'", "rows"),
        ({"trigger": "${nn}"}, "trigger", "no question 'nn'", "${n}"),
        ({"image": "map.png"}, "image", "'map.png' is not attached", "beside the form"),
        ({"constraint": "cht:age(.) > 1"}, "constraint", "no function cht:age()", "docs/checklists.md"),
        ({"constraint": ". > 1)"}, "constraint", "closes nothing", "Remove"),
        ({"constraint": ". > 1 ^ 2"}, "constraint", "'^'", "quotes"),
        ({"type": "select_one zz"}, "type", "no choice list 'zz'", "choices sheet"),
        ({"relevant": "${entirely_different} = 1"}, "relevant", "no question", "survey sheet"),
        ({"name": "9lives"}, "name", "no valid name", ""),
        ({"name": "", "label": "Q"}, "name", "no name", ""),
        ({"name": "n"}, "name", "another row in row 2", "unique"),
        ({"label": ""}, "label", "no label", ""),
        ({"label": "Hello ${nn}"}, "label", "no question 'nn'", "${n}"),
    ],
)
def test_a_fault_is_named_at_its_cell(cells: dict[str, str], column: str, message: str, suggestion: str) -> None:
    problem = only([{"type": "integer", "name": "n"}, {"type": "integer", "name": "q", **cells}])
    assert (problem.sheet, problem.row, problem.column) == ("survey", 3, column)
    assert message in problem.message
    assert suggestion in problem.suggestion
    assert problem.suggestion, "a fault says what to write instead"


def test_all_faults_come_in_one_pass_sorted_by_place() -> None:
    survey = [
        {"type": "text", "name": "a", "relevant": "${b", "constraint": "foo()"},
        {"type": "texte", "name": "b"},
        {"type": "select_one yn", "name": "c", "negative": "maybe:1 yes:7"},
    ]
    choices = [*YES_NO, {"list_name": "yn", "name": "no", "label": "No"}]
    found = problems(survey, choices, {**SETTINGS, "kind": "meating"})
    assert [(problem.sheet, problem.row, problem.column) for problem in found] == [
        ("settings", 2, "kind"),
        ("survey", 2, "constraint"),
        ("survey", 2, "relevant"),
        ("survey", 3, "type"),
        ("survey", 4, "negative"),
        ("survey", 4, "negative"),
        ("choices", 4, "name"),
    ]


def test_a_position_points_into_the_expression() -> None:
    assert only([{"type": "integer", "name": "q", "constraint": ". > 1 and foo(.)"}]).position == 11


def test_a_circle_is_told_with_its_path() -> None:
    problem = only(
        [
            {"type": "calculate", "name": "a", "calculation": "${b} + 1"},
            {"type": "integer", "name": "b", "relevant": "${c} > 1"},
            {"type": "calculate", "name": "c", "calculation": "${a} + 1"},
        ]
    )
    assert "a → b → c → a" in problem.message
    assert (problem.row, problem.column) == (2, "calculation")


def test_relevance_of_a_section_counts_in_a_circle() -> None:
    inside = group("s", {"type": "integer", "name": "n"}, relevant="${after} > 1")
    problem = only([*inside, {"type": "calculate", "name": "after", "calculation": "${n} + 1"}])
    assert "circle" in problem.message
    assert (problem.row, problem.column) == (2, "relevant")


def test_a_misspelt_column_is_asked_about() -> None:
    [warning] = compile_form(markdown([{"type": "text", "name": "a", "relevent": "1 = 2"}]), "f.md").warnings
    assert (warning.row, warning.column, warning.suggestion) == (1, "relevent", "Did you mean 'relevant'?")


def test_the_authors_own_columns_are_left_alone() -> None:
    assert compiled([{"type": "text", "name": "a", "remark for the team": "ask twice"}]).id == "a_form"


def test_an_open_group_and_a_stray_end_are_named() -> None:
    open_group = [{"type": "begin group", "name": "g"}, {"type": "text", "name": "a"}]
    assert "never ended" in only(open_group).message
    stray = [{"type": "text", "name": "a"}, {"type": "end repeat", "name": "r"}]
    assert "not open here" in only(stray).message


def test_a_repeat_that_asks_nothing_is_refused() -> None:
    problem = only(repeat("outer", {"type": "text", "name": "y"}, *repeat("inner")))
    assert (problem.row, problem.column) == (4, "type")


def test_what_pyxform_refuses_is_refused_at_its_place() -> None:
    problem = only([{"type": "text", "name": "a"}], settings={**SETTINGS, "instance_name": "${nobody}"})
    assert "nobody" in problem.message


@pytest.mark.parametrize("name", ["form.docx", "form.xls", "form.xlsx", "form.md"])
def test_a_file_that_is_no_form_is_one_clear_problem(name: str) -> None:
    with pytest.raises(ChecklistProblems) as raised:
        compile_checklist(b"this is no form", name)
    assert len(raised.value.problems) == 1


def test_a_form_on_which_pyxform_itself_stumbles_has_its_problems_told() -> None:
    rows = [{"type": "text", "name": "a"}, {"type": "select_one ${a}", "name": "q", "appearance": "search('t')"}]
    assert "no question of a repeat" in only(rows).message


def test_an_empty_form_is_refused() -> None:
    with pytest.raises(ChecklistProblems):
        compile_checklist(markdown([]), "a_form.md")


def test_quotes_are_told_as_curly_only_when_straight_ones_would_do() -> None:
    row = {"type": "text", "name": "q", "relevant": "time(‘a’) = 1"}
    assert "There is no function time()" in only([row]).message
    assert "Curly quotes" in only([{**row, "relevant": "‘it’s’ = 1"}]).message


CELLS: dict[str, tuple[str, ...]] = {
    "type": (
        *("text", "integer", "select_one yn", "begin group", "end group", "begin repeat", "end repeat", "calculate"),
        *(
            "select_one yn or_other",
            "select_one_from_file t.csv",
            "select_one_external e",
            "image",
            "hidden",
            "csv-external",
        ),
        *("end loop", "select_multiple yn", "username", "range", "acknowledge", "background-audio"),
        *(
            "select_one",
            "begin loop over yn",
            "xml-external",
            "osm",
            "range",
            "audit",
            "rank yn",
            "select_one ${a}",
            "",
        ),
    ),
    "name": ("a", "b", "c", "a b", "", "data", "meta", "9", "é", "__x"),
    "label": ("L", "", "${a}", "${zz", "x|y"),
    "label::Russian (ru)": ("", "Р"),
    "relevant": ("", "${a} = '1'", "${a", "${data} = 1", "instance('x')/root/item"),
    "calculation": (
        *("", "1", "${b} + 1", "pulldata('x', 'y', 'z', 'q')", "../a", "../../b", "/data/a/b", "../a[2]/b", "once(.)"),
        *(
            "position(../..)",
            "indexed-repeat(${a}, ${b}, 1)",
            "${last-saved#a}",
            "instance('yn')/root/item[name=${a}]/x",
        ),
        *("count(${a} | ${b})", "current()/.", "jr:choice-name(${a}, '${a}')", "${a}/../b", "${a}[1]/b"),
    ),
    "trigger": ("", "${a}", "${a}, ${c}", "a", "${zz}"),
    "appearance": ("", "minimal", "search('t')", "search('t', 'matches', 'name', ${a})", "ex:a.b(c='d')", "w1 lable"),
    "disabled": ("", "yes"),
    "read_only": ("", "yes", "${a} = 1"),
    "default": ("", "1", "${a}", "today()", "x y"),
    "parameters": ("", "start=1", "a", "start=1 end=1", "randomize=true seed=${a}", "value=name label=x", "rows=2"),
    "repeat_count": ("", "3", "${a}"),
    "choice_filter": ("", "x=${a}", "name = current()/../b", ". = 1", "position() = 2", "label::Russian != ''"),
    "negative": ("", "yes:1", "a", ":", "a:"),
    "media::image": ("", "x.png"),
    "bind::x": ("", "y"),
}


@given(st.integers(0, 2**32))
def test_any_table_is_compiled_or_refused(seed: int) -> None:
    random = Random(seed)
    columns = ["type", "name", *random.sample(sorted(CELLS), random.randint(0, 8))]
    survey = [
        {column: random.choice(CELLS[column]) for column in columns if random.random() < 0.8}
        for _ in range(random.randint(1, 7))
    ]
    try:
        held = compile_form(markdown(survey), "a_form.md", {"t.csv": b"name,label\na,b\n", "x.png": b"x"})
    except ChecklistProblems as refused:
        assert refused.problems  # noqa: PT017 - either outcome is right, silence is not
        assert all(problem.sheet for problem in refused.problems)  # noqa: PT017 - and every problem has a place
    else:
        assert held.definition.sections
        assert definition_bytes(held.definition)


def test_a_bar_in_a_cell_is_told_with_its_line_and_how_to_write_it() -> None:
    rows = b"| survey |\n| | type | name | label | constraint |\n| | text | t | T | regex(., '^(a|b)+$') |\n"
    with pytest.raises(ChecklistProblems) as raised:
        compile_checklist(rows, "a_form.md")
    (problem,) = raised.value.problems
    assert (problem.row, problem.message) == (2, "Line 3 has 5 cells, its header 4.")
    assert problem.suggestion == "Write \\| for a | inside a cell."


def test_a_pattern_outside_the_language_is_refused_with_a_way_out() -> None:
    problem = only([{"type": "text", "name": "t", "constraint": "regex(., '^(?=.*[0-9]).{4,}$')"}])
    assert "looking ahead" in problem.message
    assert "regex(., '.*[0-9].*') and" in problem.suggestion

"""Questions that the team's own reports answer: figures counted on the phone, and references to entries."""

import pytest

from steppe.checklists.evaluation.answers import check_answers
from steppe.checklists.problems import CellProblem, ChecklistProblems
from steppe.checklists.xlsform.own_columns import FIGURES
from tests.checklists.forms import YES_NO, compiled

PHONE_SUPPLIES = {"type": "select_multiple yn", "name": "seen", "reference": "entry"}


def only(cells: dict[str, str]) -> CellProblem:
    with pytest.raises(ChecklistProblems) as raised:
        compiled([cells], YES_NO)
    assert len(raised.value.problems) == 1
    return raised.value.problems[0]


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_fits_one_kind_of_question_and_is_kept_in_the_definition(figure: str) -> None:
    kind = min(FIGURES[figure])
    definition = compiled([{"type": kind, "name": "q", "figure": figure}])
    assert [question.figure for _, _, question in definition.questions()] == [figure]
    problem = only({"type": "geopoint", "name": "q", "figure": figure})
    assert (problem.column, problem.row) == ("figure", 2)
    assert problem.suggestion == f"Make it {' or '.join(sorted(FIGURES[figure]))}."


def test_a_figure_that_does_not_exist_is_asked_about() -> None:
    problem = only({"type": "integer", "name": "q", "figure": "meeting"})
    assert (problem.message, problem.suggestion) == ("There is no figure 'meeting'.", "Did you mean 'meetings'?")


def test_only_choices_of_several_refer_to_entries() -> None:
    assert only({"type": "text", "name": "q", "reference": "entry"}).column == "reference"
    assert "entri" in only({**PHONE_SUPPLIES, "reference": "entri"}).message


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (["LTO05-A017", "LTO05-B002"], None),
        (["yes", "LTO05-A017"], None),
        (["LTO05-A017", "LTO05-A017"], "repeated"),
        (["what the chair said"], "wrong_type"),
        ("LTO05-A017", "wrong_type"),
    ],
)
def test_entries_are_taken_by_their_codes_which_no_list_of_the_form_holds(answer: object, fault: str | None) -> None:
    problems = check_answers(compiled([PHONE_SUPPLIES]), {"seen": answer})
    assert [problem.fault for problem in problems] == ([fault] if fault else [])

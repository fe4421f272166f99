"""Functions whose answer depends on when, where or by what chance they are asked."""

import pytest

from steppe.checklists.evaluation.volatile import GIVEN, MOMENTARY, is_given, is_momentary
from steppe.checklists.problems import ChecklistProblems
from tests.checklists.forms import compiled


@pytest.mark.parametrize("expression", ["random() > 0.5", "uuid() != ''", "property('deviceid') = 'd1'"])
@pytest.mark.parametrize("column", ["relevant", "constraint", "required", "soft"])
def test_only_calculations_and_defaults_ask_what_only_a_phone_can_answer(column: str, expression: str) -> None:
    with pytest.raises(ChecklistProblems) as raised:
        compiled([{"type": "text", "name": "q", column: expression}])
    assert [(problem.column, problem.row) for problem in raised.value.problems] == [(column, 2)]
    compiled([{"type": "text", "name": "q", "default": expression}])
    compiled([{"type": "calculate", "name": "q", "calculation": expression}])


def test_each_function_is_either_given_or_of_the_moment() -> None:
    assert not GIVEN & MOMENTARY


@pytest.mark.parametrize(
    ("cells", "given", "momentary"),
    [
        ({"calculation": "concat('a', uuid())"}, True, False),
        ({"calculation": "if(today() > '2021-01-01', 1, 2)"}, False, True),
        ({"calculation": "once(1)"}, False, True),
        ({"calculation": "1 + 1"}, False, False),
        ({"calculation": "1 + 1", "trigger": "${t}"}, True, False),
        ({"calculation": "count(instance('yn')/root/item[label = today()])"}, False, True),
    ],
)
def test_what_a_calculation_calls_is_found_wherever_it_stands(
    cells: dict[str, str], *, given: bool, momentary: bool
) -> None:
    definition = compiled([{"type": "text", "name": "t"}, {"type": "calculate", "name": "q", **cells}])
    question = next(question for _, _, question in definition.questions() if question.id == "q")
    assert (is_given(question), is_momentary(question)) == (given, momentary)

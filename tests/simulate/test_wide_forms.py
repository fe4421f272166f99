"""Reports on a form with everything an XLSForm may ask for."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.answers import check_answers
from steppe.checklists.evaluation.evaluation import evaluate
from steppe.checklists.xlsform.compiler import compile_checklist
from steppe.simulate.answers import fill
from tests.simulate.test_answers import scene

FORM = """
| survey |
| | type | name | label | choice_filter | repeat_count | relevant | required | parameters | calculation |
| | start | start | | | | | | | |
| | end | end | | | | | | | |
| | begin_group | all | All | | | | | | |
| | select_one region | region | Region | | | | yes | | |
| | select_one town | town | Town | region = ${region} | | | yes | | |
| | select_multiple town | towns | Towns | region = ${region} | | | | | |
| | select_one_from_file schools.csv | school | School | town = ${town} | | | yes | | |
| | rank region | order | Order of importance | | | | yes | | |
| | range | mark | Mark | | | | yes | start=2 end=5 step=0.5 | |
| | barcode | seal | Seal | | | | yes | | |
| | geotrace | way | Way | | | | yes | | |
| | geoshape | yard | Yard | | | | yes | | |
| | file | paper | Paper | | | | | | |
| | integer | boxes | Boxes | | | | yes | | |
| | end_group | | | | | | | | |
| | begin_group | rows | Rows | | | | | | |
| | begin_repeat | box | Box | | ${boxes} mod 4 | | | | |
| | text | box_code | Code | | | | yes | | |
| | begin_repeat | box_seal | Seal | | | | | | |
| | barcode | seal_code | Seal code | | | | yes | | |
| | select_one yn | seal_broken | Broken | | | | yes | | |
| | text | seal_why | Why | | | ${seal_broken} = 'yes' | yes | | |
| | end_repeat | | | | | | | | |
| | calculate | box_seals | Seals | | | | | | count(${box_seal}) |
| | end_repeat | | | | | | | | |
| | end_group | | | | | | | | |

| choices |
| | list_name | name | label | region |
| | region | north | North | |
| | region | south | South | |
| | region | west | West | |
| | town | n1 | N1 | north |
| | town | n2 | N2 | north |
| | town | s1 | S1 | south |
| | town | w1 | W1 | west |
| | town | w2 | W2 | west |
| | yn | yes | Yes | |
| | yn | no | No | |

| settings |
| | form_id | version | form_title |
| | wide | 1 | Wide |
"""
TOWNS = {"north": {"n1", "n2"}, "south": {"s1"}, "west": {"w1", "w2"}}


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Definition:
    folder = tmp_path_factory.mktemp("wide")
    rows = [
        f"{town}-{number},School {number} of {town},{town}"
        for towns in TOWNS.values()
        for town in towns
        for number in (1, 2)
    ]
    (folder / "schools.csv").write_text("\n".join(["name,label,town", *rows]))
    (folder / "wide.md").write_text(FORM)
    return compile_checklist(folder / "wide.md")


def report(wide: Definition, seed: int, *, is_thorough: bool) -> Mapping[str, object]:
    observed = replace(scene(seed), photo=lambda: "0" * 64)
    answers = fill(wide, observed, Random(seed), is_thorough=is_thorough)
    evaluation = evaluate(wide, answers, observed.context)
    assert check_answers(wide, answers) == []
    assert evaluation.gaps() == []
    assert evaluation.values == answers
    return answers


@given(seed=st.integers(0, 2**32), is_thorough=st.booleans())
@settings(max_examples=40)
def test_a_report_of_every_kind_of_question_can_be_finished_as_it_is(
    wide: Definition, seed: int, is_thorough: bool
) -> None:
    answers = report(wide, seed, is_thorough=is_thorough)
    assert {"start", "end", "order", "mark", "seal", "way", "yard"} <= answers.keys()


@given(seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_what_is_chosen_was_offered(wide: Definition, seed: int) -> None:
    answers = report(wide, seed, is_thorough=True)
    offered = TOWNS[str(answers["region"])]
    assert answers["town"] in offered
    assert set(answers["towns"]) <= offered  # type: ignore[call-overload]  # a list, says the question
    assert str(answers["school"]).partition("-")[0] == answers["town"]


@given(seed=st.integers(0, 2**32))
@settings(max_examples=40)
def test_a_counted_repeat_has_the_rows_the_form_counts_and_rows_have_rows(wide: Definition, seed: int) -> None:
    answers = report(wide, seed, is_thorough=True)
    boxes = answers.get("box", [])
    assert len(boxes) == int(answers["boxes"]) % 4  # type: ignore[arg-type, call-overload]  # a list and a number
    for box in boxes:  # type: ignore[attr-defined]  # a list of row ids
        assert answers[f"box/{box}/box_seals"] == len(answers[f"box/{box}/box_seal"])  # type: ignore[arg-type]  # a list

"""Whole-form evaluation: what counts, what is missing, and that nothing makes it fail."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.checklists.definition import Ast
from steppe.checklists.evaluation.evaluation import default_answers, evaluate
from steppe.checklists.evaluation.flags import flags
from steppe.checklists.expressions.arithmetic.powers import power
from steppe.checklists.expressions.dates import Context
from tests.checklists.forms import compiled, group, repeat
from tests.checklists.generated_forms import random_answers, random_form
from tests.checklists.test_parser import ASTS
from tests.checklists.vector_scope import run

CLOCK = Context(datetime(2021, 1, 10, 8, tzinfo=UTC), "Asia/Almaty")
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=5,
)
FORM = random_form(Random("a form with everything"))
PATHS = st.sampled_from(
    [*[q.id for _, _, q in FORM.questions()], *[r.id for _, r in FORM.repeats()], "x", "r0/a/q2", "//"]
)


@given(ASTS, st.dictionaries(st.text(max_size=4), JSON, max_size=4), JSON)
def test_an_expression_never_raises(ast: Ast, answers: dict[str, object], own: object) -> None:
    run(ast, {"answers": answers, "self": own, "now": "2021-01-10T08:05:06Z", "zone": "Asia/Almaty"})


@given(st.dictionaries(PATHS, JSON, max_size=12))
def test_a_form_never_raises_whatever_the_answers_hold(answers: dict[str, Any]) -> None:
    evaluation = evaluate(FORM, answers, CLOCK)
    evaluation.gaps()
    flags(FORM, answers, CLOCK)


@given(st.integers(0, 2**32))
def test_no_irrelevant_answer_is_among_the_values(seed: int) -> None:
    random = Random(seed)
    definition = random_form(random)
    answers = random_answers(random, definition)
    evaluation = evaluate(definition, answers, CLOCK)
    assert not evaluation.irrelevant & set(evaluation.values)


@given(st.integers(0, 2**32))
def test_the_cleaned_answers_evaluate_to_themselves(seed: int) -> None:
    """What a finished report carries tells the server the same as the draft told the phone."""
    random = Random(seed)
    definition = random_form(random)
    answers = random_answers(random, definition)
    first = evaluate(definition, answers, CLOCK)
    assert evaluate(definition, first.values, CLOCK).values == first.values


def test_required_answers_and_broken_constraints_block_in_document_order() -> None:
    definition = compiled(
        [
            {"type": "integer", "name": "n", "constraint": ". > 5", "constraint_message": "Too few."},
            {"type": "text", "name": "why", "required": "yes", "relevant": "${n} > 1"},
            {"type": "text", "name": "hidden", "required": "yes", "relevant": "${n} > 100"},
            *repeat("r", {"type": "text", "name": "x", "required": "position(..) > 1"}),
        ]
    )
    gaps = evaluate(definition, {"n": 3, "r": ["a", "b"]}, CLOCK).gaps()
    assert [(gap.path, gap.kind) for gap in gaps] == [("n", "constraint"), ("why", "required"), ("r/b/x", "required")]
    assert gaps[0].message == {"en": "Too few."}


def test_once_keeps_its_first_value() -> None:
    definition = compiled([{"type": "calculate", "name": "c", "calculation": "once(now())"}])
    begun = evaluate(definition, {}, CLOCK).values
    later = Context(datetime(2021, 1, 11, tzinfo=UTC), "Asia/Almaty")
    assert evaluate(definition, begun, later).values == begun


def test_defaults_see_those_before_them() -> None:
    definition = compiled(
        [
            {"type": "date", "name": "day", "default": "today()"},
            {"type": "integer", "name": "n", "default": "7"},
            {"type": "integer", "name": "m", "default": "${n} * 2"},
            {"type": "select_one yn", "name": "q", "default": "no"},
            *repeat("r", {"type": "integer", "name": "in_row", "default": "1"}),
        ]
    )
    assert default_answers(definition, CLOCK) == {"day": "2021-01-10", "n": 7, "m": 14, "q": "no"}


@pytest.mark.parametrize(
    ("kind", "expression", "answer"),
    [
        ("integer", "2.9", 2),
        ("integer", "'x'", None),
        ("decimal", "1 div 0", None),
        ("decimal", "'2.5'", 2.5),
        ("text", "2.5", "2.5"),
        ("calculate", "0 div 0", None),
        ("calculate", "1 = 1", "true"),
        ("calculate", "''", None),
        ("select_multiple yn", "'no yes no other'", ["yes", "no"]),
    ],
)
def test_a_calculation_becomes_an_answer_of_its_type(kind: str, expression: str, answer: object) -> None:
    definition = compiled([{"type": kind, "name": "q", "calculation": expression}])
    assert evaluate(definition, {}, CLOCK).values.get("q") == answer


def test_choice_names_come_in_the_default_language() -> None:
    definition = compiled(
        [
            {"type": "select_one yn", "name": "q"},
            {"type": "calculate", "name": "named", "calculation": "jr:choice-name(${q}, '${q}')"},
        ]
    )
    assert evaluate(definition, {"q": "no"}, CLOCK).values["named"] == "No"


def test_a_hidden_section_takes_its_rows_out_of_sums() -> None:
    rows = repeat("r", {"type": "integer", "name": "votes"})
    definition = compiled(
        [
            {"type": "select_one yn", "name": "q"},
            *group("s", *rows, relevant="${q} = 'yes'"),
            {"type": "calculate", "name": "total", "calculation": "sum(${votes}) + 10 * count(${r})"},
        ]
    )
    answers = {"r": ["a", "b"], "r/a/votes": 3, "r/b/votes": 4}
    assert evaluate(definition, {"q": "yes", **answers}, CLOCK).values["total"] == 27
    assert evaluate(definition, {"q": "no", **answers}, CLOCK).values == {"q": "no", "total": 0}


@given(st.floats(0.001, 1000), st.floats(-20, 20))
def test_powers_are_right_to_twelve_digits(base: float, exponent: float) -> None:
    assert power(base, exponent) == pytest.approx(base**exponent, rel=1e-12)

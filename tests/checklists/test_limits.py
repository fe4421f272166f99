"""Somebody else's program has a budget, counted alike on phone and server; beyond it a report is stored and flagged."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from steppe.checklists.evaluation.evaluation import evaluate
from steppe.checklists.evaluation.flags import Flag, flags
from steppe.checklists.expressions import limits
from steppe.checklists.expressions.chains import size_of
from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.env import Env
from steppe.checklists.expressions.expressions import compile_value
from steppe.checklists.expressions.limits import OverBudget
from steppe.checklists.expressions.parser import parse
from tests.checklists.forms import compiled, repeat
from tests.checklists.vector_scope import VectorPlaces, env_of

ROOT = Path(__file__).parents[2]
CASES: list[dict[str, Any]] = json.loads((ROOT / "tests/vectors/limits.json").read_text())
NOON = Context(datetime(2021, 1, 10, 6, tzinfo=UTC), "Asia/Almaty")
HOSTILE = "regex(., '((a?){900})*b')"


def test_phone_and_server_have_the_same_limits() -> None:
    written = (ROOT / "pwa/src/engine/functions/limits.ts").read_text()
    numbers = {
        name: int(number.replace("_", "")) for name, number in re.findall(r"const ([A-Z_]+) = ([0-9_]+);", written)
    }
    assert numbers == {name: getattr(limits, name) for name in numbers}
    of_reports = {"SIGNED_BYTES", "PUSH_BYTES", "PATCH_PATHS", "ATTACHMENTS"}
    assert {"TEXT_BYTES", "EXPRESSION_OPERATIONS", "REPORT_OPERATIONS"} | of_reports == numbers.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_operations_are_counted_as_the_shared_vectors_say(case: dict[str, Any]) -> None:
    assert parse(case["expr"]).ast == case["ast"]
    env: Env = env_of(case["context"])
    closure = compile_value(case["ast"], VectorPlaces(case["context"].get("rows", {})))
    if case["spent"] is None:
        with pytest.raises(OverBudget):
            closure(env)
    else:
        closure(env)
        assert env.spent == case["spent"]


def test_the_size_of_a_chain_is_the_same_in_both_shapes() -> None:
    assert size_of(["+", ["+", ["n", 1], ["n", 2]], ["n", 3]]) == size_of(["+", ["n", 1], ["n", 2], ["n", 3]]) == 3


def test_a_soft_check_beyond_its_budget_is_flagged_and_the_others_are_evaluated() -> None:
    form = compiled(
        (
            {"type": "text", "name": "long", "soft": HOSTILE},
            {"type": "text", "name": "short", "soft": "regex(., '[0-9]+')"},
        )
    )
    assert flags(form, {"long": "a" * 10_000, "short": "x"}, NOON) == [
        Flag("short", "short", "soft", 0),
        Flag("long", "long", "unevaluated", 1),
    ]


def test_doubling_a_text_32_times_leaves_what_is_too_long_without_an_answer() -> None:
    rows = [{"type": "text", "name": "x0"}]
    rows += [
        {"type": "calculate", "name": f"x{at}", "calculation": f"concat(${{x{at - 1}}}, ${{x{at - 1}}})"}
        for at in range(1, 33)
    ]
    done = evaluate(compiled(rows), {"x0": "0123456789"}, NOON)
    assert done.values["x12"] == "0123456789" * 4096
    assert "x13" not in done.values
    assert done.env.unevaluated == {"x13": "x13"}


def test_a_condition_beyond_its_budget_leaves_its_question_and_section_in() -> None:
    form = compiled(
        (
            {"type": "text", "name": "long"},
            {"type": "text", "name": "hidden", "relevant": HOSTILE.replace(".", "${long}", 1)},
        )
    )
    done = evaluate(form, {"long": "a" * 10_000, "hidden": "kept"}, NOON)
    assert done.values["hidden"] == "kept"
    assert [flag.question for flag in flags(form, {"long": "a" * 10_000}, NOON)] == ["hidden"]


def test_many_rows_share_the_budget_of_the_report_and_raise_one_flag() -> None:
    form = compiled(repeat("rep", {"type": "text", "name": "long", "soft": HOSTILE}))
    rows = [f"row{number}" for number in range(50)]
    answers: dict[str, Any] = {"rep": rows, **{f"rep/{row}/long": "a" * 500 for row in rows}}
    assert [(flag.question, flag.kind) for flag in flags(form, answers, NOON)].count(("long", "unevaluated")) == 1


def test_a_text_answer_beyond_64_kb_is_kept_and_flagged() -> None:
    form = compiled(({"type": "text", "name": "long"},))
    answers: dict[str, Any] = {"long": "қ" * 32_769}
    assert evaluate(form, answers, NOON).values == answers
    assert flags(form, answers, NOON) == [Flag("long", "long", "unevaluated", 1)]
    assert flags(form, {"long": "қ" * 32_768}, NOON) == []

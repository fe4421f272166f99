"""Small forms as authors write them come to the right end, on the server as on the phone (formCases.test.ts)."""

from pathlib import Path
from typing import Any

import pytest

from steppe.checklists.evaluation.evaluation import evaluate
from steppe.checklists.evaluation.flags import flags
from tests.checklists.form_cases import clock_of, compiled_case, filled, form_cases, placed
from tests.checklists.generated_forms import as_json

CASES = form_cases()


def _named(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_a_form_compiles_to_what_the_phone_is_tested_with(case: dict[str, Any], tmp_path: Path) -> None:
    compiled = compiled_case(case, tmp_path)
    assert as_json(compiled.definition) == case["definition"], "python -m tests.checklists.form_cases"
    said = " ".join(f"{warning.message} {warning.suggestion}" for warning in compiled.warnings)
    for words in case.get("warns", ()):
        assert words in said


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_a_form_comes_to_the_right_end(case: dict[str, Any], tmp_path: Path) -> None:
    definition = compiled_case(case, tmp_path).definition
    answers = filled(case, definition)
    for moment in case.get("looked_at", [None]):
        clock = clock_of(case, moment)
        evaluation = evaluate(definition, answers, clock)
        got = {path: evaluation.values.get(placed(answers, path)) for path in case["values"]}
        assert got == case["values"]
        assert sorted(case.get("irrelevant", ())) == sorted(evaluation.irrelevant & {*case.get("irrelevant", ())})
        for path in case.get("relevant", ()):
            assert evaluation.is_relevant(placed(answers, path))
        assert sorted([gap.path, gap.kind] for gap in evaluation.gaps()) == case.get("gaps", [])
        raised = flags(definition, answers, clock)
        assert [[flag.path, flag.kind, flag.severity] for flag in raised] == case.get("flags", [])


def test_at_least_forty_sentences_of_the_specification_have_a_case_of_their_own() -> None:
    """Each names where the specification says it; its rule is the sentence in our words."""
    specified = [case for case in CASES if str(case["name"]).startswith("odk-")]
    assert len(specified) >= 40
    assert all(str(case.get("source", "")).startswith("ODK XForms, ") for case in specified)
    assert len({case["rule"] for case in specified}) == len(specified)
    assert all(
        case["values"] or case.get("gaps") or case.get("choices") or case.get("irrelevant") for case in specified
    )

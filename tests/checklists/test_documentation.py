"""docs/checklists.md says what the code does."""

import re
import tomllib
from pathlib import Path
from typing import get_args

from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

from scripts.support_tables import BEGIN, DOCUMENT, ELSEWHERE, END, own_verdict, written
from steppe.checklists.definition import Definition, Question, QuestionType, Repeat
from steppe.checklists.expressions.functions import SIGNATURES
from steppe.checklists.xlsform.question_types import ENTRIES, SELECT_ENTRIES, UNREAD_PARAMETERS

DOCS = DOCUMENT.read_text()


def test_every_function_is_listed_and_no_other() -> None:
    listed = re.search(r"^Functions: (.*?)\. An unknown", DOCS, re.DOTALL | re.MULTILINE)
    assert listed is not None
    assert re.findall(r"`([^`]+)`", listed[1]) == sorted(SIGNATURES)


def test_the_tables_of_what_is_supported_are_those_of_the_code() -> None:
    assert BEGIN in DOCS
    assert END in DOCS
    assert written(DOCS) == DOCS, "run make fmt"


def test_every_field_and_type_of_a_definition_is_described() -> None:
    described = DOCS[: DOCS.index("## 2.")]
    fields = {*Definition.model_fields, *Question.model_fields, *Repeat.model_fields}
    assert not {name for name in fields if not re.search(rf"\b{name}\??:", described)}
    assert not {name for name in get_args(QuestionType) if f'"{name}"' not in described}


def test_every_type_that_pyxform_knows_has_a_verdict() -> None:
    # Names of questions that pyxform keeps for itself: no row of a spreadsheet reaches them.
    internal = {"q select", "q select1"}
    assert {name.lower() for name in QUESTION_TYPE_DICT} - internal <= ENTRIES.keys() | SELECT_ENTRIES.keys()


def test_what_others_say_is_said_of_features_that_the_compiler_judges() -> None:
    facts = tomllib.loads(ELSEWHERE.read_text())
    sources = facts.pop("sources")
    assert all(one["version"] for one in sources.values())
    for title, features in facts.items():
        for name, verdicts in features.items():
            assert own_verdict(title, name) in {"yes", "differently", "no"}
            assert verdicts.keys() == sources.keys()
            assert {*verdicts.values()} <= {"yes", "no", "unsaid"}


def test_a_parameter_changes_something_unless_it_is_listed_as_unread() -> None:
    apps = Path(__file__).parents[2] / "pwa/src"
    code = "".join(
        path.read_text()
        for path in sorted(apps.rglob("*"))
        if path.suffix in {".ts", ".svelte"} and ".test." not in path.name
    )
    # value and label name columns: they become fields of the question.
    parameters = {name for entry in [*ENTRIES.values(), *SELECT_ENTRIES.values()] for name in entry.parameters}
    read = {
        name
        for name in parameters
        if re.search(rf"""parameters\b[^;\n]*\b{name}\b|\b{name}\b[^;\n]*\bparameters\b|given\("{name}\"""", code)
    }
    assert parameters - {"value", "label"} - read == UNREAD_PARAMETERS

"""docs/checklists.md says what the code does."""

import re
from typing import get_args

from pyxform.question_type_dictionary import QUESTION_TYPE_DICT

from scripts.support_tables import BEGIN, DOCUMENT, END, written
from steppe.checklists.definition import Definition, Question, QuestionType, Repeat
from steppe.checklists.expressions.functions import SIGNATURES
from steppe.checklists.xlsform.question_types import ENTRIES, SELECT_ENTRIES

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

"""Answers: which values fit their question, and their nested shape."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.checklists.evaluation.answers import check_answers, flat, nested
from tests.checklists.forms import compiled, repeat
from tests.checklists.generated_forms import random_answers, random_form

TYPES = (
    *("text", "integer", "decimal", "date", "time", "datetime", "note", "image", "geopoint", "acknowledge"),
    *("audio", "video", "file", "barcode", "geotrace", "geoshape", "hidden", "deviceid"),
)
FORM = compiled(
    [
        *[{"type": kind, "name": kind} for kind in TYPES],
        {"type": "calculate", "name": "calculate", "calculation": "1"},
        {"type": "select_one yn", "name": "one"},
        {"type": "select_multiple yn", "name": "many"},
        {"type": "rank yn", "name": "rank"},
        {"type": "range", "name": "range", "parameters": "start=0 end=10 step=2"},
        {"type": "range", "name": "share", "parameters": "start=0 end=1 step=0.1"},
        *repeat("r", {"type": "integer", "name": "inside"}, *repeat("rr", {"type": "integer", "name": "deep"})),
    ]
)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("text", "x"),
        ("text", ""),
        ("integer", 5),
        ("integer", 5.0),
        ("integer", -(2**53) + 1),
        ("decimal", 0.5),
        ("date", "2021-01-10"),
        ("time", "14:05"),
        ("datetime", "2021-01-10T14:05+06:00"),
        ("image", "a" * 64),
        ("geopoint", "43.2 76.9 0 5.5"),
        ("geopoint", "-43.2 -76.9"),
        ("acknowledge", "OK"),
        ("calculate", 5),
        ("calculate", "x"),
        ("one", "yes"),
        ("many", ["no"]),
        ("many", []),
        ("r", ["0190-a", "b"]),
        ("r/b/inside", 3),
        ("r/b/rr", ["c"]),
        ("r/b/rr/c/deep", 3),
        ("rank", ["no", "yes"]),
        ("range", 4),
        ("share", 0.5),
        ("audio", "a" * 64),
        ("video", "a" * 64),
        ("file", "a" * 64),
        ("barcode", "4870001"),
        ("geotrace", "43 76 0 5; 43.1 76 0 5"),
        ("geoshape", "43 76;43.1 76;43.1 77;43 76;"),
        ("hidden", 5),
        ("deviceid", "d1"),
        ("text", None),
        ("r", None),
    ],
)
def test_what_fits(path: str, answer: object) -> None:
    assert check_answers(FORM, {path: answer}) == []


@pytest.mark.parametrize(
    ("path", "answer", "fault"),
    [
        ("text", 5, "wrong_type"),
        ("integer", 5.5, "wrong_type"),
        ("integer", "5", "wrong_type"),
        ("integer", True, "wrong_type"),
        ("integer", 2**53, "wrong_type"),
        ("decimal", "0.5", "wrong_type"),
        ("decimal", 10**400, "wrong_type"),
        ("date", "2021-02-30", "wrong_type"),
        ("date", "2021-01-10T10:00", "wrong_type"),
        ("time", "25:00", "wrong_type"),
        ("datetime", "2021-01-10", "wrong_type"),
        ("note", "x", "unknown_path"),
        ("image", "photo.jpg", "wrong_type"),
        ("geopoint", "143 76", "wrong_type"),
        ("geopoint", "43", "wrong_type"),
        ("acknowledge", "yes", "wrong_type"),
        ("one", "maybe", "not_in_list"),
        ("one", ["yes"], "wrong_type"),
        ("many", ["yes", "maybe"], "not_in_list"),
        ("many", "yes", "wrong_type"),
        ("many", ["yes", "yes"], "repeated"),
        ("many", [{}], "wrong_type"),
        ("r", "a", "wrong_type"),
        ("r", ["a", "a"], "repeated"),
        ("r", ["a/b"], "wrong_type"),
        ("nobody", 1, "unknown_path"),
        ("inside", 1, "unknown_path"),
        ("r/b/text", "x", "unknown_path"),
        ("r//inside", 1, "unknown_path"),
        ("r/b/inside/deep", 1, "unknown_path"),
        ("r/b/inside", "x", "wrong_type"),
        ("rr", ["c"], "unknown_path"),
        ("rr/c/deep", 3, "unknown_path"),
        ("r/b/rr/deep", 3, "unknown_path"),
        ("r/b/rr/c/inside", 3, "unknown_path"),
        ("r/b", 3, "unknown_path"),
        ("rank", ["no"], "wrong_type"),
        ("rank", ["no", "no"], "repeated"),
        ("range", 12, "wrong_type"),
        ("range", 1.5, "wrong_type"),
        ("share", 1.5, "wrong_type"),
        ("file", "report.pdf", "wrong_type"),
        ("geotrace", "43 76", "wrong_type"),
        ("geotrace", "43 76; 143 76", "wrong_type"),
        ("geoshape", "43 76;43.1 76;43.1 77", "wrong_type"),
        ("barcode", 5, "wrong_type"),
        ("deviceid", 5, "wrong_type"),
    ],
)
def test_what_does_not_fit_is_named(path: str, answer: object, fault: str) -> None:
    problems = check_answers(FORM, {"text": "x", path: answer})
    assert [(problem.path, problem.fault) for problem in problems] == [(path, fault)]
    assert problems[0].expected


@given(
    st.dictionaries(
        st.sampled_from([*TYPES, "one", "many", "r", "r/a/inside"]),
        st.recursive(
            st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
            max_leaves=3,
        ),
    )
)
def test_checking_never_raises(patch: dict[str, Any]) -> None:
    check_answers(FORM, patch)


@given(st.integers(0, 2**32))
def test_nested_answers_go_back_to_the_same_flat_ones(seed: int) -> None:
    random = Random(seed)
    definition = random_form(random)
    answers = random_answers(random, definition)
    assert flat(definition, nested(definition, answers)) == answers

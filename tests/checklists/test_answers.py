"""Answers: which values fit their question, and their nested shape."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.checklists.answers import check_answers, flat, nested
from tests.checklists.forms import compiled, repeat
from tests.checklists.generated_forms import random_edits, random_form

TYPES = ("text", "integer", "decimal", "date", "time", "datetime", "note", "image", "geopoint", "acknowledge")
FORM = compiled(
    [
        *[{"type": kind, "name": kind} for kind in TYPES],
        {"type": "calculate", "name": "calculate", "calculation": "1"},
        {"type": "select_one yn", "name": "one"},
        {"type": "select_multiple yn", "name": "many"},
        *repeat("r", {"type": "integer", "name": "inside"}),
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
    _, answers = random_edits(random, definition, 20)
    assert flat(definition, nested(definition, answers)) == answers

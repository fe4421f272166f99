"""The patterns of regex(): the language, its limits, its speed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.checklists.expressions.pattern_reader import PatternError
from steppe.checklists.expressions.patterns import compile_pattern, matches

ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "\\d", "\\w", "\\.", "c"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@given(PATTERNS, st.text("abc.1 ", max_size=8))
def test_it_agrees_with_pythons_engine_where_both_speak(pattern: str, text: str) -> None:
    assert matches(text, pattern) == (re.fullmatch(pattern, text, re.ASCII) is not None)


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)",
        "(?<n>a)",
        "a++",
        "a**",
        "\\b",
        "\\p{L}",
        "\\1",
        "[b-a]",
        "[]",
        "[",
        "(",
        ")",
        "a{2,1}",
        "a{1000}",
        "{2}",
        "^*",
        "\\",
        "[a-\\d]",
        "[\\D]",
    ],
)
def test_what_is_outside_the_language_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)
    assert not matches("a", pattern)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a*)*b", "a*a*a*a*a*a*b", "((a{0,50}){0,30})"])
def test_no_pattern_makes_matching_slow(pattern: str) -> None:
    assert not matches("a" * 3000 + "c", pattern)


@pytest.mark.parametrize("pattern", ["(((a{999}){999}){999})", "(((){999}){999}){999}", "(" * 5000])
def test_a_pattern_cannot_grow_without_limit(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)

"""The strict JSON door: what is not exactly one meaning does not come in, and nothing makes it fall over."""

import gzip
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.kit.strict_json import BadJson, TooLarge, read_json, unzip

plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), inner, max_size=4
    ),
    max_leaves=20,
)  # fmt: skip


@given(plain_json)
def test_json_comes_through_unchanged(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b'{"a":1,"a":2}', "'a' appears twice"),
        (b'{"x":[{"b":1,"b":1}]}', "'b' appears twice"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"[" * 33 + b"]" * 33, "nested deeper"),
        (b"\xff", "UTF-8"),
        (b'"\\ud800"', "broken character"),
        (b"12345678901234567890123", "64 bits"),
        (b'"\\u0000"', "U.0000"),
        (b"", "Expecting value"),
        (b"{", "Expecting"),
    ],
)
def test_what_has_two_meanings_is_refused_with_the_reason(raw: bytes, says: str) -> None:
    with pytest.raises(BadJson, match=says):
        read_json(raw)


def test_six_typed_characters_are_not_the_character_they_name() -> None:
    assert read_json(json.dumps("\\u0000").encode()) == "\\u0000"


def test_32_levels_are_deep_enough() -> None:
    assert read_json(b"[" * 32 + b"]" * 32)
    assert read_json(b'"' + b"[" * 500 + b'"') == "[" * 500


@given(st.binary(max_size=300))
def test_no_bytes_break_the_door(raw: bytes) -> None:
    try:
        value = read_json(raw)
    except BadJson:
        return
    assert not (isinstance(value, float) and math.isnan(value))


def test_a_gzip_bomb_stops_at_the_limit() -> None:
    with pytest.raises(TooLarge):
        unzip(gzip.compress(b"0" * 10_000_000), 1_000)


@given(st.binary(max_size=200))
def test_damaged_gzip_is_told_as_such(raw: bytes) -> None:
    with pytest.raises(BadJson):
        unzip(b"\x1f\x8b" + raw, 1_000)

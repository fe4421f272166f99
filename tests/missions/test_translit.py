"""Search keys: one name, one key, in whatever script and romanisation it is typed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steppe.missions.translit import fold

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "translit.json").read_text(encoding="utf-8"))
LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіabcdefghijklmnopqrstuvwxyzçşğıöü0123456789'’-., №"


@pytest.mark.parametrize("group", VECTORS["same"], ids=lambda group: group["key"])
def test_all_spellings_of_a_name_have_one_key(group: dict[str, Any]) -> None:
    assert {fold(text) for text in group["texts"]} == {group["key"]}


@pytest.mark.parametrize(("text", "key"), VECTORS["fold"])
def test_the_key_of_a_text_is_the_one_both_languages_agreed_on(text: str, key: str) -> None:
    assert fold(text) == key


@given(st.text(alphabet=LETTERS) | st.text())
def test_folding_a_key_changes_nothing(text: str) -> None:
    key = fold(text)
    assert fold(key) == key
    assert set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")


@given(st.text(alphabet=LETTERS))
def test_capitals_do_not_matter(text: str) -> None:
    assert fold(text.upper()) == fold(text)


@given(st.text(alphabet=LETTERS), st.text(alphabet=LETTERS))
def test_words_are_folded_one_by_one(first: str, second: str) -> None:
    assert fold(f"{first} {second}").split() == [*fold(first).split(), *fold(second).split()]

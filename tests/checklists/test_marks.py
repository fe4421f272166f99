"""Styling in the texts of a form: the server tells the words that the phone draws (marks.test.ts)."""

import json
from typing import Any

import pytest

from steppe.checklists.marks import plain, plain_text
from tests.house.files import ROOT

CASES: list[dict[str, Any]] = json.loads((ROOT / "tests/vectors/marks.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["rule"] for case in CASES])
def test_the_words_are_those_of_the_phone(case: dict[str, Any]) -> None:
    drawn = "\n".join("".join(run["text"] for run in line["runs"]) for line in case["lines"])
    assert plain_text(case["text"]) == case["plain"]
    assert case["plain"].strip() == drawn.strip()


def test_the_words_are_told_in_every_language() -> None:
    assert plain({"en": "**Name**", "kk": "_Аты_"}) == {"en": "Name", "kk": "Аты"}

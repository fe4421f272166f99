"""docs/checklists.md says what the code does."""

import re
from pathlib import Path

from steppe.checklists.functions import SIGNATURES

DOCS = (Path(__file__).parents[2] / "docs/checklists.md").read_text()


def test_every_function_is_listed_and_no_other() -> None:
    listed = re.search(r"^Functions: (.*?)\. An unknown", DOCS, re.DOTALL | re.MULTILINE)
    assert listed is not None
    assert re.findall(r"`([^`]+)`", listed[1]) == sorted(SIGNATURES)

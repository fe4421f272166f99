"""The register of answers: its rules by name, and random revisions against a model that says them plainly."""

from __future__ import annotations

import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steppe.submissions.register import Patch, ancestry, merge
from tests.submissions.naive_register import canonical, naive_merge
from tests.submissions.register_graphs import REPEATS, graph

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "register.json").read_text())


def merged(patches: list[Patch]) -> dict[str, Any]:
    """Return what the register makes of revisions, as its vectors write it."""
    found: dict[str, Any] = json.loads(canonical(asdict(merge(patches, REPEATS))))
    return found


@pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["rule"] for case in VECTORS["cases"]])
def test_a_rule_of_the_register(case: dict[str, Any]) -> None:
    found = merged([Patch(**patch) for patch in case["patches"]])
    assert {name: found[name] for name in case["merged"]} == case["merged"]


def test_recorded_graphs_come_to_the_recorded_bytes() -> None:
    for case in VECTORS["graphs"]:
        patches = [Patch(**patch) for patch in case["patches"]]
        assert canonical(asdict(merge(patches, REPEATS))) == canonical(case["merged"])


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False))
def test_random_revisions_in_any_order_come_to_what_the_plain_model_says(draw: random.Random) -> None:
    patches = graph(draw)
    found = canonical(asdict(merge(patches, REPEATS)))
    assert found == canonical(naive_merge(patches, REPEATS))
    draw.shuffle(patches)
    assert canonical(asdict(merge(patches + patches[:2], REPEATS))) == found


def test_the_ancestry_of_a_revision_is_what_it_was_made_from_and_itself() -> None:
    patches = [Patch(name, base, {}) for name, base in (("d", ["b", "c"]), ("a", []), ("b", ["a"]), ("c", ["a"]))]
    assert {patch.revision for patch in ancestry(patches, ["b"])} == {"a", "b"}
    assert {patch.revision for patch in ancestry(patches, ["d"])} == {"a", "b", "c", "d"}
    assert ancestry(patches, ["gone"]) == []

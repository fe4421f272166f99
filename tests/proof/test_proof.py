"""The promises of docs/proof.md under drawn faults, and that the proof finds what breaks them."""

import os
import re

import pytest

from tests.proof.__main__ import ROOT, told
from tests.proof.conftest import Play
from tests.proof.server_bugs import BUGS

PHONE_BUGS = re.findall(r'^    name: "(.+)"', (ROOT / "pwa/proof/sownBugs.js").read_text(), re.MULTILINE)
SCHEDULES = int(os.environ.get("PROOF_SCHEDULES", "60"))
"""As many as fit into the time that a change may take; `make proof` plays more (docs/proof.md)."""
# Which seed finds which bug first. Should a change of the proof make other schedules of them, the next ones find the
# bug all the same, and the test takes longer.
SEEDS = {
    "acknowledge before commit": 18,
    "numbers of a sequence": 4,
    "poison item fails batch": 18,
    "safe before the copy": 52,
    "attachment complete without bytes": 2,
    "counted twice": 2,
    "cursor of what was not read": 2,
    "known report taken for a new one": 2,
    "revoked is dropped": 14,
    "delete on send": 2,
    "trust HTTP 200": 2,
    "trust an unsigned duplicate": 2,
    "receipt of another id": 2,
    "photo not waited for": 2,
    "file's receipt not verified": 2,
    "double finish": 2,
    "draft gone before the report waits": 2,
    "number of a report not compared": 2,
    "handed over is gone": 14,
    "last write wins": 2,
    "same epoch after a restore": 15,
    "numbers given again after a restore": 44,
    "photo of a report kept aside dropped": 14,
    "drop held copy at receipt": 15,
    "ignore epoch": 15,
}


def test_every_promise_is_kept_under_every_fault(play: Play) -> None:
    result = play(SCHEDULES)
    assert result["broken"] == [], told(result, "sqlite")


def test_on_postgresql_too(play_on_postgresql: Play) -> None:
    result = play_on_postgresql(max(SCHEDULES // 12, 1))
    assert result["broken"] == [], told(result, "postgresql")


def test_a_seed_is_always_the_same_schedule(play: Play) -> None:
    first, second = (play(1, seed=7, isTold=True) for _ in range(2))
    assert first["trace"] == second["trace"]
    assert len(first["trace"]) > 20


@pytest.mark.parametrize("bug", [*BUGS, *PHONE_BUGS])
def test_a_sown_bug_is_found(play: Play, bug: str) -> None:
    result = play(150, bug=bug, seed=SEEDS.get(bug, 1), shorten=0)
    assert result["broken"] != [], f"{bug}: {result['schedules']} schedules found nothing"


def test_a_failing_schedule_is_made_short_and_plays_again(play: Play) -> None:
    found = play(10, bug="delete on send", shorten=30)
    again = play(1, bug="delete on send", seed=found["seed"], script=found["script"], shorten=0)
    assert again["broken"] != []
    assert len(again["trace"]) < 60


def test_every_bug_is_described_in_the_documentation() -> None:
    page = " ".join((ROOT / "docs/proof.md").read_text().split())
    assert [bug for bug in [*BUGS, *PHONE_BUGS] if bug not in page] == []

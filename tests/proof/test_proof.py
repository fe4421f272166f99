"""The promises of docs/proof.md under drawn faults, and that the proof finds what breaks them."""

import os
import re

import pytest

from tests.proof.__main__ import ROOT, told
from tests.proof.conftest import Play
from tests.proof.server_bugs import BUGS

PHONE_BUGS = re.findall(r'^    name: "(.+)"', (ROOT / "pwa/proof/sownBugs.js").read_text(), re.MULTILINE)
SCHEDULES = int(os.environ.get("PROOF_SCHEDULES", "120"))
"""As many as fit into the time that a change may take; `make proof` plays more (docs/proof.md)."""
PARTS = 4
"""For as many processes as there are."""
# Which seed finds which bug first. Should a change of the proof make other schedules of them, the next ones find the
# bug all the same, and the test takes longer.
SEEDS = {
    "acknowledge before commit": 3,
    "numbers of a sequence": 2,
    "poison item fails batch": 62,
    "cursor of what was not read": 5,
    "trust an unsigned duplicate": 5,
    "file's receipt not verified": 8,
    "double finish": 2,
    "handed over is gone": 8,
    "drop held copy at receipt": 8,
    "ignore epoch": 8,
    "purge on scope loss": 65,
    "team read at rebuild time": 7,
    "same epoch after a restore": 98,
    "numbers given again after a restore": 98,
    "known report taken for a new one": 2,
    "revoked is dropped": 36,
    "photo of a report kept aside dropped": 36,
    "no receipt for what was there": 2,
    "safe before the copy": 126,
    "photos are not offered again": 169,
    "backup without photos": 217,
    "cursor before rows": 259,
    "safe without a copy": 43,
}


# What its schedules all have, where most have not what a bug needs to show itself.
FOCUS = {
    "backup without photos": "backups",
    "safe without a copy": "backups",
    "cursor before rows": "kills",
}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_promise_is_kept_under_every_fault(play: Play, part: int) -> None:
    each = SCHEDULES // PARTS
    result = play(each, seed=1 + part * each)
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
    result = play(150, bug=bug, seed=SEEDS.get(bug, 1), shorten=0, focus=FOCUS.get(bug))
    assert result["broken"] != [], f"{bug}: {result['schedules']} schedules found nothing"


def test_a_failing_schedule_is_made_short_and_plays_again(play: Play) -> None:
    found = play(10, bug="delete on send", shorten=30)
    again = play(1, bug="delete on send", seed=found["seed"], script=found["script"], shorten=0)
    assert again["broken"] != []
    assert len(again["trace"]) < 60


def test_every_bug_is_described_in_the_documentation() -> None:
    page = " ".join((ROOT / "docs/proof.md").read_text().split())
    assert [bug for bug in [*BUGS, *PHONE_BUGS] if bug not in page] == []

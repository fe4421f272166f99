"""Forms written by others publish: those that pyxform's own tests carry.

`STEPPE_SDIST_REPORT=1 pytest tests/checklists/test_sample_forms.py -s` prints the shares and every refusal.
`STEPPE_SDIST_REPORT=every` does so for every release that carries forms; it fetches forty distributions once (110 MB).
"""

import os
import sys

import pytest

from tests.checklists.sample_forms import Outcome, distribution, every_sample, publish, samples

REPORT = os.environ.get("STEPPE_SDIST_REPORT", "")


@pytest.fixture(scope="module")
def outcomes() -> tuple[Outcome, Outcome]:
    files, written = every_sample() if REPORT == "every" else samples(distribution())
    return publish(files), publish(written)


def checked(outcome: Outcome, title: str) -> None:
    report = outcome.report(title)
    if REPORT:
        sys.stdout.write(f"\n{report}\n")
    assert outcome.share >= 0.97, report
    assert not outcome.taken, "these were thought to be no forms"


def test_nearly_every_form_of_a_file_publishes(outcomes: tuple[Outcome, Outcome]) -> None:
    files, _ = outcomes
    assert files.count >= 40
    checked(files, "forms in files")


def test_nearly_every_form_publishes_those_written_for_one_odd_thing_included(
    outcomes: tuple[Outcome, Outcome],
) -> None:
    """The tests write forms that hold one corner of pyxform each, also some that no XPath engine takes."""
    files, written = outcomes
    assert written.count >= 200
    checked(files + written, "all forms")

"""Forms written by others publish: those that pyxform's own tests carry.

`STEPPE_SDIST_REPORT=1 pytest tests/checklists/test_sample_forms.py -s` prints the shares and every refusal.
"""

import os
import sys

import pytest

from tests.checklists.sample_forms import Outcome, Sample, Unreachable, distribution, publish, samples


@pytest.fixture(scope="module")
def forms() -> tuple[list[Sample], list[Sample]]:
    try:
        return samples(distribution())
    except Unreachable as reason:
        pytest.skip(f"the sample forms are not kept in var/ and the package index cannot be reached: {reason}")


def checked(outcome: Outcome, title: str, least: float) -> None:
    report = outcome.report(title)
    if os.environ.get("STEPPE_SDIST_REPORT"):
        sys.stdout.write(f"\n{report}\n")
    assert outcome.share >= least, report


def test_nearly_every_form_of_a_file_publishes(forms: tuple[list[Sample], list[Sample]]) -> None:
    assert len(forms[0]) >= 40
    checked(publish(forms[0]), "forms in files", 0.95)


def test_nearly_every_form_publishes_those_written_for_one_odd_thing_included(
    forms: tuple[list[Sample], list[Sample]],
) -> None:
    """The tests write forms that hold one corner of pyxform each, also some that no XPath engine takes."""
    assert len(forms[1]) >= 200
    checked(publish([*forms[0], *forms[1]]), "all forms", 0.95)

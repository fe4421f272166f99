"""Receipt files that the server's check and the app's page judge alike: each comes to what the vectors say."""

from typing import Any

import pytest

from steppe.backup.receipts.receipt_check import MOST_BYTES, BadReceiptFile, ReceiptFault, check_receipt_file
from tests.backup.receipt_cases import Case, made_cases, read_cases

CASES = read_cases()


@pytest.mark.parametrize(("case", "outcome"), CASES, ids=[case.name for case, _ in CASES])
def test_a_file_comes_to_what_the_vectors_say(case: Case, outcome: dict[str, Any]) -> None:
    assert case.outcome() == outcome


def test_cases_that_are_made_anew_come_to_the_same() -> None:
    """What a case is called is what it is, whatever chance its signatures hold; flips fall on other bytes each time."""
    anew = {case.name: case.outcome().get("fault") for case in made_cases() if not case.flips}
    assert anew == {case.name: outcome.get("fault") for case, outcome in CASES if not case.flips}


def test_every_fault_has_its_case() -> None:
    """All but that of a file too large, which would be most of the vectors."""
    found = {outcome["fault"] for _, outcome in CASES if "fault" in outcome}
    assert found | {ReceiptFault.TOO_LARGE} == set(ReceiptFault)
    with pytest.raises(BadReceiptFile) as caught:
        check_receipt_file(b" " * (MOST_BYTES + 1), "")
    assert caught.value.fault is ReceiptFault.TOO_LARGE

"""Negative indicators: which answers of a question speak of something wrong, and how grave it is."""

import re
from difflib import get_close_matches
from typing import Final

from steppe.checklists.definition import QuestionType, Severity
from steppe.checklists.xlsform.cells import Cells

_NEGATIVE: Final = re.compile(r"(?P<answer>\S+?):(?P<severity>[0-9]+)")
_SEVERITIES: Final[dict[str, Severity]] = {"1": 1, "2": 2, "3": 3}


def negatives_of(
    cells: Cells, kind: QuestionType, choices: frozenset[str], *, has_soft: bool
) -> dict[str, Severity] | None:
    """The negative indicators of a question, each key checked against what can be answered; None without any."""
    found: dict[str, Severity] = {}
    for part in cells.text("negative").split():
        match = _NEGATIVE.fullmatch(part)
        if match is None or match["severity"] not in _SEVERITIES:
            cells.fault("negative", f"'{part}' is no negative indicator.", "Write answer:severity, such as no:2 yes:3.")
            continue
        answer = match["answer"]
        fault = _fault(answer, kind, choices, has_soft=has_soft)
        if fault is None:
            found[answer] = _SEVERITIES[match["severity"]]
        else:
            cells.fault("negative", *fault)
    return found or None


def _fault(answer: str, kind: QuestionType, choices: frozenset[str], *, has_soft: bool) -> tuple[str, str] | None:
    if answer == "fail":
        return None if has_soft else ("'fail' needs a soft check in this row.", "Fill the soft column or remove fail.")
    if answer == ">0":
        if kind in {"integer", "decimal", "range", "calculate"}:
            return None
        return ("'>0' counts numbers, this question has none.", "Name an answer, such as no:2.")
    if kind not in {"select_one", "select_multiple"}:
        return (
            f"'{answer}' is no choice: this question has no list.",
            "Use fail with a soft check, or make it a select.",
        )
    if answer == "any" or answer in choices:
        return None
    near = get_close_matches(answer, choices, n=1)
    return (f"'{answer}' is not in the list.", f"Did you mean '{near[0]}'?" if near else "Write one of its choices.")

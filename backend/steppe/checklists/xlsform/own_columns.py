"""Columns of Steppe's own that a phone acts on: figures, references to entries, negative indicators.

A figure is what a report about the team's own reports fills in by itself (docs/checklists.md §8);
`pwa/src/submissions/figures.ts` counts, here only the names are known. A negative indicator says which answers speak of
something wrong, and how grave it is.
"""

import re
from difflib import get_close_matches
from typing import Final, Literal, cast

from steppe.checklists.definition import QuestionType, Severity
from steppe.checklists.xlsform.cells import Cells
from steppe.checklists.xlsform.support import WRITTEN_NUMBERS

_TEXTS: Final = frozenset({"text"})
_DAYS: Final = frozenset({"date"})
FIGURES: Final[dict[str, frozenset[str]]] = {
    "from": _DAYS,
    "to": _DAYS,
    "meetings": WRITTEN_NUMBERS,
    "campaign_events": WRITTEN_NUMBERS,
    "commissions": WRITTEN_NUMBERS,
    "complaints": WRITTEN_NUMBERS,
    "flash_reports": WRITTEN_NUMBERS,
    "districts": WRITTEN_NUMBERS,
    "kilometres": WRITTEN_NUMBERS,
    "meetings_by_category": _TEXTS,
    "meetings_by_gender": _TEXTS,
    "not_met": _TEXTS,
    "allegations_open": _TEXTS,
}
"""Name of a figure → the types of question that can hold it. `from` and `to` are the days the others count over."""

REFERENCES: Final = frozenset({"entry"})
"""Choices the phone supplies: `entry` is one of the team's own reports, answered by its code."""
_NEGATIVE: Final = re.compile(r"(?P<answer>\S+?):(?P<severity>[0-9]+)")
_SEVERITIES: Final[dict[str, Severity]] = {"1": 1, "2": 2, "3": 3}


def figure_of(cells: Cells, kind: QuestionType) -> str | None:
    """The figure a row asks for; None when it asks for none, or for one that does not exist."""
    written = cells.text("figure")
    if written == "":
        return None
    if written not in FIGURES:
        near = cells.nearest(written, FIGURES)
        cells.fault(
            "figure", f"There is no figure '{written}'.", f"Did you mean '{near}'?" if near else "Leave the cell empty."
        )
        return None
    if kind not in FIGURES[written]:
        types = " or ".join(sorted(FIGURES[written]))
        cells.fault("figure", f"A question of type {kind} cannot hold this figure.", f"Make it {types}.")
    return written


def reference_of(cells: Cells, kind: QuestionType) -> Literal["entry"] | None:
    """Whose entries a select offers beside its list; None when only those of its list."""
    written = cells.text("reference")
    if written == "":
        return None
    if written not in REFERENCES:
        cells.fault("reference", f"There is no reference list '{written}'.", "Write entry, or leave it empty.")
        return None
    if kind != "select_multiple":
        cells.fault("reference", "Only a select_multiple refers to entries.", "Make it a select_multiple.")
    return cast("Literal['entry']", written)


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

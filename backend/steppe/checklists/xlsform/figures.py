"""What a report about the team's own reports fills in by itself, and which questions hold it (docs/checklists.md §8).

`pwa/src/submissions/figures.ts` counts; here only the names are known.
"""

from typing import Final, Literal, cast

from steppe.checklists.definition import QuestionType
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

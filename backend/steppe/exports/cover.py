"""The first page of every export: what it is, how far its numbers reach, who made it, what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from steppe.exports.cells import Cell
from steppe.exports.counts_table import text_in
from steppe.summaries.claims import ViewFrame

WITHDRAWN_NOTE: Final = "Reports that their teams withdrew are counted nowhere and listed only where asked for."


@dataclass(frozen=True, slots=True)
class Cover:
    """Facts of one export, already in the reader's language and the mission's zone, with the counts it opens with.

    `frame` chooses the sentence on top; makers note in it the reports they add, which may be more than are counted.
    """

    frame: ViewFrame
    language: str
    note: str
    mission: str
    region: str
    made_at: str
    made_by: str
    counted: int
    has_answers: bool
    counts: list[list[Cell]]
    small_cell: int | None = None
    restricted_not_counted: bool = False
    form: str = ""
    """The one checklist it is of; empty: every one."""
    origin: str = ""
    """The one origin of teams it is of; empty: every one."""
    status: str = ""
    """What the reports it is of stand at in review; empty: whatever that is."""
    guests: Mapping[str, int] = field(default_factory=dict)
    """How many of the reports counted are guests', by origin."""

    def rows(self, reports: int) -> list[list[Cell]]:
        """Return the page's rows, the frame first. `reports` is how many are on the other pages one by one."""
        left_out = (
            "Left out: confidential and sealed reports, answers that may identify a source, positions, files."
            if self.has_answers
            else "Counts only. Reports and their texts are read by the core team."
        )
        sentence = text_in(self.frame.sentence() or {}, self.language)
        page: list[list[Cell]] = [[sentence], []] if sentence else []
        page += [
            [self.note],
            ["For work inside the mission. Not for publication."],
            [],
            ["Mission", self.mission],
            ["Region", self.region],
            ["Checklist", self.form or "all"],
            ["Origin of teams", self.origin or "all"],
            ["State of review", self.status.replace("_", " ") or "all"],
            ["Made at", self.made_at],
            ["Made by", self.made_by],
            ["Reports counted", self.counted],
        ]
        page += [[f"of them by {origin} observers", n] for origin, n in self.guests.items()]
        if self.has_answers:
            page.append(["Reports on the next pages", reports])
        if self.small_cell is not None:
            page += [[], [f"Fewer than {self.small_cell} reports: not broken down. Counts move when so many changed."]]
        if self.restricted_not_counted:
            page += [[], ["Restricted not counted."]]
        return [*page, [], [left_out], [WITHDRAWN_NOTE]]

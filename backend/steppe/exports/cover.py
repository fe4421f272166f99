"""The first page of every export: what it is, how far its numbers reach, who made it, what was left out."""

from __future__ import annotations

from dataclasses import dataclass

from steppe.exports.cells import Cell


@dataclass(frozen=True, slots=True)
class Cover:
    """Facts of one export, already in the reader's language and the mission's zone, with the counts it opens with."""

    frame: str
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

    def rows(self, reports: int) -> list[list[Cell]]:
        """Return the page's rows, the frame first. `reports` is how many are on the other pages one by one."""
        left_out = (
            "Left out: confidential and sealed reports, answers that may identify a source, positions, photos."
            if self.has_answers
            else "Counts only. Reports and their texts are read by the core team."
        )
        page: list[list[Cell]] = [[self.frame], []] if self.frame else []
        page += [
            [self.note],
            ["For work inside the mission. Not for publication."],
            [],
            ["Mission", self.mission],
            ["Region", self.region],
            ["Made at", self.made_at],
            ["Made by", self.made_by],
            ["Reports counted", self.counted],
        ]
        if self.has_answers:
            page.append(["Reports on the next pages", reports])
        if self.small_cell is not None:
            page += [[], [f"Fewer than {self.small_cell} reports: not broken down. Counts move when so many changed."]]
        if self.restricted_not_counted:
            page += [[], ["Restricted reports are not counted."]]
        return [*page, [], [left_out]]

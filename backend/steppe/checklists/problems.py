"""What is wrong with a checklist's spreadsheet, cell by cell."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Literal

from steppe.kit.problems import Problem


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One fault of an XLSForm, with its place.

    Attributes:
        sheet: `survey`, `choices`, `settings` or `external_choices`.
        row: 1-based row of the sheet as a spreadsheet shows it (the header is row 1); 0 for the sheet as a whole.
        column: the column's header as written in the file; empty for a whole row.
        message: what is wrong, in plain words.
        suggestion: what to write instead; empty when there is nothing to propose.
        position: 1-based character within the cell, for expressions; 0 otherwise.
        severity: a `problem` keeps the form from being published, a `warning` does not; `missing` is a file that
            has to be attached before: only forms compiled with stand-ins have it, and only while they are compiled.
    """

    sheet: str
    row: int
    column: str
    message: str
    suggestion: str = ""
    position: int = 0
    severity: Literal["problem", "warning", "missing"] = "problem"

    def __str__(self) -> str:
        place = [f"sheet {self.sheet}"]
        if self.row:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        if self.position:
            place.append(f"character {self.position}")
        return f"{', '.join(place)}: {self.message}{f' {self.suggestion}' if self.suggestion else ''}"


def place_of(problem: CellProblem) -> tuple[int, str, int, str, int, str]:
    """What problems are sorted by: sheet, row, column, character."""
    sheets = {"settings": 0, "survey": 1, "choices": 2}
    sheet = sheets.get(problem.sheet, 3)
    return sheet, problem.sheet, problem.row, problem.column, problem.position, problem.message


class ChecklistProblems(Problem):
    """A checklist that cannot be published; `problems` holds every fault found, sorted by place."""

    slug = "checklist-problems"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The checklist has problems"
    next = "Correct the cells named below and publish again. Nothing was changed."

    def __init__(self, problems: Iterable[CellProblem]) -> None:
        self.problems = sorted(set(problems), key=place_of)
        super().__init__(
            "\n".join(str(problem) for problem in self.problems),
            problems=[asdict(problem) for problem in self.problems],
        )

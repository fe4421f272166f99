"""What is wrong with a checklist's spreadsheet, cell by cell."""

from dataclasses import asdict, dataclass
from http import HTTPStatus

from steppe.kit.problems import Problem


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One fault of an XLSForm, with its place.

    Attributes:
        sheet: ``survey``, ``choices`` or ``settings``.
        row: 1-based row of the sheet as a spreadsheet shows it (the header is row 1); 0 for the sheet as a whole.
        column: the column's header as written in the file; empty for a whole row.
        message: what is wrong, in plain words.
        suggestion: what to write instead; empty when there is nothing to propose.
        position: 1-based character within the cell, for expressions; 0 otherwise.
    """

    sheet: str
    row: int
    column: str
    message: str
    suggestion: str = ""
    position: int = 0

    def __str__(self) -> str:
        place = [f"sheet {self.sheet}"]
        if self.row:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        if self.position:
            place.append(f"character {self.position}")
        return f"{', '.join(place)}: {self.message}{f' {self.suggestion}' if self.suggestion else ''}"


def _place(problem: CellProblem) -> tuple[int, str, int, str, int, str]:
    sheets = {"settings": 0, "survey": 1, "choices": 2}
    sheet = sheets.get(problem.sheet, 3)
    return sheet, problem.sheet, problem.row, problem.column, problem.position, problem.message


class ChecklistProblems(Problem):
    """A checklist that cannot be published; ``problems`` holds every fault found, sorted by place."""

    slug = "checklist-problems"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The checklist has problems"
    next = "Correct the cells named below and publish again. Nothing was changed."

    def __init__(self, problems: list[CellProblem]) -> None:
        self.problems = sorted(set(problems), key=_place)
        super().__init__(
            "\n".join(str(problem) for problem in self.problems),
            problems=[asdict(problem) for problem in self.problems],
        )

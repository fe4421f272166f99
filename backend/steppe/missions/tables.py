"""CSV tables of a mission pack: read with every problem named by file, line and column.

Rule of the house: a pack is checked whole before anything is written, so nothing here stops at the first problem.
A cell that cannot be used is recorded in the pack's list of problems and replaced by a harmless value, so that
checking goes on; the caller never uses a pack that has problems.
"""

import csv
import difflib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from steppe.missions.names import Names, mixed_script_word


@dataclass(frozen=True, slots=True)
class PackProblem:
    """One thing to repair in a pack. `line` counts from 1 as editors do; `column` is the header's word,
    in mission.toml the dotted key.
    """

    file: str
    line: int | None
    column: str | None
    what: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        if self.column is not None:
            place = f"{place}, {'key' if self.file.endswith('.toml') else 'column'} {self.column}"
        return f"{place}: {self.what}. {self.remedy}"


class PackProblems(ValueError):
    """A pack cannot be loaded; carries every problem found, in file and line order."""

    def __init__(self, problems: Iterable[PackProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; its readers record what is wrong in `problems` and go on."""

    file: str
    line: int
    cells: dict[str, str]
    problems: list[PackProblem]

    def report(self, column: str | None, what: str, remedy: str) -> None:
        """Record a problem of this line."""
        self.problems.append(PackProblem(self.file, self.line, column, what, remedy))

    def optional(self, column: str) -> str:
        """The cell's text, "" if empty."""
        return self.cells.get(column, "")

    def text(self, column: str) -> str:
        """The cell's text, which must not be empty."""
        text = self.optional(column)
        if not text:
            self.report(column, "the cell is empty", "Fill it in")
        return text

    def one_of(self, column: str, allowed: Iterable[str], what: str) -> str:
        """A cell that must be one of `allowed`; `what` names the kind of thing ("region", "role")."""
        text = self.text(column)
        if text:
            self.check_known(column, text, allowed, what)
        return text

    def many_of(self, column: str, allowed: Iterable[str], what: str) -> tuple[str, ...]:
        """Words separated by `;`, each one of `allowed` and none twice; an empty cell is an empty tuple."""
        known = tuple(allowed)
        words = tuple(word.strip() for word in self.optional(column).split(";") if word.strip())
        for i, word in enumerate(words):
            self.check_known(column, word, known, what)
            if word in words[:i]:
                self.report(column, f"{what} {word!r} is named twice", "Delete one of them")
        return words

    def check_known(self, column: str, word: str, allowed: Iterable[str], what: str) -> None:
        """Record a problem unless `word` is one of `allowed`; suggests the nearest."""
        known = tuple(allowed)
        if word not in known:
            self.report(column, f"unknown {what} {word!r}", suggestion(word, known))

    def number(self, column: str, low: float, high: float) -> float:
        """A decimal number with a point, between `low` and `high` inclusive."""
        text = self.text(column)
        try:
            value = float(text) if text else low
        except ValueError:
            self.report(column, f"{text!r} is not a number", "Write digits with a decimal point, like 51.43")
            return low
        if not low <= value <= high:
            self.report(column, f"{text} is out of range", f"Give a number from {low:g} to {high:g}")
            return low
        return value

    def whole(self, column: str, low: int, high: int) -> int:
        """A whole number between `low` and `high` inclusive."""
        text = self.text(column)
        if text and not (text.isascii() and text.isdigit()):
            self.report(column, f"{text!r} is not a whole number", "Write digits only, like 1204")
            return low
        return int(self.number(column, low, high))

    def optional_day(self, column: str) -> date | None:
        """A calendar day as YYYY-MM-DD, None if empty."""
        text = self.optional(column)
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.report(column, f"{text!r} is not a date", "Write the day as YYYY-MM-DD, like 2021-01-10")
            return None

    def names(self, prefix: str, languages: Sequence[str]) -> Names:
        """The columns `prefix_<language>`; each must be filled in and written in one script per word."""
        texts = {language: self.text(f"{prefix}_{language}") for language in languages}
        for language, text in texts.items():
            if word := mixed_script_word(text):
                remedy = "Type the word again in one alphabet, or a search will never find it"
                self.report(f"{prefix}_{language}", f"the word {word!r} mixes Latin and Cyrillic letters", remedy)
        return texts


def suggestion(word: str, known: Sequence[str]) -> str:
    """What to write instead of an unknown word."""
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    if 0 < len(known) <= 20:
        return f"Use one of: {', '.join(known)}"
    return "Add it to its own table first, or correct it here"


def read_text(path: Path, problems: list[PackProblem]) -> str | None:
    """A UTF-8 text file, with or without byte order mark; None and a problem if it cannot be read."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        remedy = "Add it: packs/kazakhstan_2021/README.md says what a pack holds"
        problems.append(PackProblem(path.name, None, None, "the file is missing", remedy))
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problems.append(PackProblem(path.name, None, None, f"the file cannot be read ({reason})", "Check its rights"))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = "the file is not UTF-8 text"
        remedy = "Save it as UTF-8 (in a spreadsheet program: “CSV UTF-8”)"
        problems.append(PackProblem(path.name, line, None, what, remedy))
        return None


def read_table(
    path: Path, columns: Sequence[str], problems: list[PackProblem], *, optional: Sequence[str] = ()
) -> list[Row] | None:
    """The rows of a comma-separated file whose header has exactly `columns`, in any order, and perhaps `optional` ones.

    Lines that begin with `#` are notes. None if the file or its header is unusable, so that a caller
    can leave out checks against a table that never was; rows of a wrong length are reported and left out.
    """
    text = read_text(path, problems)
    if text is None:
        return None
    lines = _records(path.name, text, problems)
    line, header = next(lines, (1, []))
    if not _check_header(path.name, line, header, columns, problems, optional):
        return None
    rows = []
    for line, cells in lines:
        row = Row(path.name, line, dict(zip(header, cells, strict=False)), problems)
        if len(cells) == len(header):
            rows.append(row)
        else:
            what = f"the line has {len(cells)} cells, the header has {len(header)}"
            row.report(None, what, "Put a text that contains a comma in double quotes")
    return rows


def _records(file: str, text: str, problems: list[PackProblem]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            what = f"the line is not valid CSV ({error})"
            problems.append(PackProblem(file, line, None, what, "Look for a double quote that is not closed"))
            return
        if any(cells) and not cells[0].startswith("#"):
            yield line, cells


def _check_header(
    file: str,
    line: int,
    header: list[str],
    columns: Sequence[str],
    problems: list[PackProblem],
    optional: Sequence[str],
) -> bool:
    before = len(problems)
    if not header:
        problems.append(PackProblem(file, None, None, "the file is empty", f"Begin it with: {','.join(columns)}"))
        return False
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in header[0]:
            what = f"cells are separated by {name}"
            problems.append(PackProblem(file, line, None, what, "Separate them by commas: save as “CSV UTF-8 (comma)”"))
            return False
    for i, column in enumerate(header):
        if column in header[:i]:
            problems.append(PackProblem(file, line, column, "the column occurs twice", "Delete one of them"))
        elif column not in columns and column not in optional:
            missing = [name for name in (*columns, *optional) if name not in header]
            problems.append(PackProblem(file, line, column, "unknown column", suggestion(column, missing or columns)))
    problems.extend(
        PackProblem(file, line, column, "the column is missing", "Add it to the header")
        for column in columns
        if column not in header
    )
    return len(problems) == before

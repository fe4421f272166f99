"""`[[due]]` of a pack's mission.toml: which team owes a report of which form, and by when."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from steppe.missions.places import is_zone
from steppe.missions.tables import PackProblem, PackProblems, suggestion

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KEYS: Final = ("form", "teams", "day", "time", "zone")
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_HEADER: Final = re.compile(r"\s*\[\[\s*due\s*\]\]")
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Due:
    """A report that is due. `day` is a weekday (then every week) or one day (`2021-01-10`).

    `time` is `HH:MM` of `zone`; `teams` are codes, none of them: every team. `line` is where it stands in the file.
    """

    form: str
    teams: tuple[str, ...]
    day: str
    time: str
    zone: str
    line: int | None

    def facts(self) -> dict[str, Any]:
        """Return what phones are told (docs/protocol.md §2)."""
        return {"form": self.form, "teams": list(self.teams), "day": self.day, "time": self.time, "zone": self.zone}


class _Entry:
    """One `[[due]]` table; what is wrong in it goes to `problems`, with the line of its key."""

    def __init__(self, file: str, lines: Sequence[str], begin: int, table: Any, problems: list[PackProblem]) -> None:
        self._file = file
        self._begin = begin
        self._lines = lines
        self._problems = problems
        self._table = table if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            self.report("", f"{table!r} is not a table", "Write [[due]] on a line of its own, its keys below")

    def report(self, key: str, what: str, remedy: str) -> None:
        line = next((at for at in self._own() if re.match(rf"\s*{re.escape(key)}\s*=", self._lines[at - 1])), None)
        self._problems.append(
            PackProblem(self._file, line or self._begin or None, f"due.{key}" if key else "due", what, remedy)
        )

    def _own(self) -> Iterator[int]:
        """Numbers of the lines from the header to the next table."""
        for at in range(self._begin + 1, len(self._lines) + 1):
            if self._lines[at - 1].lstrip().startswith("["):
                return
            yield at

    def read(self, mission_zone: str) -> Due:
        for key in self._table:
            if key not in _KEYS:
                self.report(key, "unknown key", suggestion(key, _KEYS))
        zone = self._text("zone", "") if "zone" in self._table else mission_zone
        if zone and not is_zone(zone):
            self.report("zone", f"unknown time zone {zone!r}", "Use an IANA name, like Asia/Almaty")
        return Due(
            self._text("form", "the id of a checklist"), self._teams(), self._day(), self._time(), zone, self._begin
        )

    def _text(self, key: str, meaning: str) -> str:
        value = self._table.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        what = "the key is missing" if value is None else f"{value!r} is not a text"
        self.report(key, what, f"Write {meaning or 'a text'} in double quotes")
        return ""

    def _teams(self) -> tuple[str, ...]:
        value = self._table.get("teams", [])
        if isinstance(value, list) and all(isinstance(code, str) and code for code in value):
            return tuple(dict.fromkeys(value))
        self.report(
            "teams", f"{value!r} is not a list of teams", 'Write a list like ["LTO01"], or leave it out for all'
        )
        return ()

    def _day(self) -> str:
        value = self._table.get("day")
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, str) and value.lower() in WEEKDAYS:
            return value.lower()
        what = "the key is missing" if value is None else f"{value!r} is not a day"
        remedy = 'Write a day of the week in English, like "sunday", or one day without quotes as YYYY-MM-DD'
        self.report("day", what, remedy)
        return ""

    def _time(self) -> str:
        value = self._table.get("time")
        if isinstance(value, time) and (value.second, value.microsecond) == (0, 0):
            return value.strftime("%H:%M")
        if isinstance(value, str) and _CLOCK.fullmatch(value):
            return value
        what = "the key is missing" if value is None else f"{str(value)!r} is not a time of day"
        self.report("time", what, 'Write hours and minutes like "18:00"')
        return ""


def read_due(file: str, text: str, tables: object, zone: str, problems: list[PackProblem]) -> tuple[Due, ...]:
    """Return the entries of `[[due]]`, `tables` as TOML gives them. What is wrong goes to `problems`."""
    if tables is None:
        return ()
    if not isinstance(tables, list) or len(tables) > MOST:
        what = (
            f"there are more than {MOST} entries" if isinstance(tables, list) else f"{tables!r} is not a list of tables"
        )
        problems.append(PackProblem(file, None, "due", what, "Write one [[due]] for each report that is due"))
        return ()
    lines = text.splitlines()
    begins = [number for number, line in enumerate(lines, start=1) if _HEADER.match(line)]
    begins += [0] * (len(tables) - len(begins))
    return tuple(
        _Entry(file, lines, begin, table, problems).read(zone) for begin, table in zip(begins, tables, strict=False)
    )


def check_due_teams(file: str, due: Sequence[Due], teams: Collection[str], problems: list[PackProblem]) -> None:
    """Report entries that name a team the pack does not have."""
    for entry in due:
        for code in entry.teams:
            if code not in teams:
                remedy = suggestion(code, sorted(teams))
                problems.append(PackProblem(file, entry.line, "due.teams", f"unknown team {code!r}", remedy))


def check_due_forms(file: str, due: Sequence[Due], forms: Collection[str]) -> None:
    """Raise PackProblems for entries whose form is no checklist of the pack, which only compiling them tells."""
    problems = [
        PackProblem(
            file, entry.line, "due.form", f"unknown checklist {entry.form!r}", suggestion(entry.form, sorted(forms))
        )
        for entry in due
        if entry.form not in forms
    ]
    if problems:
        raise PackProblems(problems)

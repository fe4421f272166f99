"""mission.toml of a pack: what the mission is, when it works and how its phones behave."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from steppe.missions.due import Due, read_due
from steppe.missions.names import Names
from steppe.missions.places import is_zone
from steppe.missions.tables import PackProblem, read_text, suggestion

FILE = "mission.toml"
MISSION_TYPES = ("NAM", "EOM", "LEOM", "EAM", "EET", "ROM", "LROM", "SEAM")
LOCAL_COPY_POLICIES = ("keep", "remove")
QUERY_POLICIES = ("release", "at_once")
SMALL_CELLS = range(2, 101)
LOCK_OUT_DAYS = range(3, 366)
_TABLES: Mapping[str, tuple[str, ...]] = {
    "": ("code", "type", "host", "languages", "default_language", "zone", "name", "dates", "policy", "due"),
    "dates": ("opens_on", "deploys_on", "election_on", "closes_on"),
    "policy": ("local_copy", "small_cell", "lock_out_days", "queries"),
}


@dataclass(frozen=True, slots=True)
class MissionFacts:
    """One deployment. `zone` is the IANA zone of headquarters; `local_copy` is `keep` or `remove`.

    `small_cell`: fewer reports than this are not broken down for those who read no reports; None: the usual three.
    `lock_out_days`: after so many days without contact a phone wipes itself; None: never. `queries`: what experts ask
    goes to phones after the co-ordinator's `release`, or `at_once`.
    """

    code: str
    type: str
    host: str
    names: Names
    languages: tuple[str, ...]
    default_language: str
    zone: str
    opens_on: date
    deploys_on: date
    election_on: date
    closes_on: date
    local_copy: str
    small_cell: int | None = None
    lock_out_days: int | None = None
    queries: str = "release"
    due: tuple[Due, ...] = ()


class _Reader:
    """Typed reading of the TOML tree; a wrong value is recorded and replaced by an empty one."""

    def __init__(self, text: str, tree: dict[str, object], problems: list[PackProblem]) -> None:
        self._lines = text.splitlines()
        self._tree = tree
        self._problems = problems

    def report(self, key: str, what: str, remedy: str) -> None:
        self._problems.append(PackProblem(FILE, self._line_of(key), key, what, remedy))

    def _line_of(self, key: str) -> int | None:
        """The TOML reader forgets lines: find the key's own, or its table's."""
        word = key.rsplit(".", maxsplit=1)[-1]
        for start in (rf"{re.escape(word)}\s*=", rf"\[{re.escape(key)}\]"):
            for number, line in enumerate(self._lines, start=1):
                if re.match(rf"\s*{start}", line):
                    return number
        return None

    def value(self, key: str) -> object:
        """The value at a dotted key; None and a problem if it is missing."""
        node: object = self._tree
        for word in key.split("."):
            node = node.get(word) if isinstance(node, dict) else None
        if node is None:
            self.report(key, "the key is missing", "Add it; the demo pack shows how")
        return node

    def text(self, key: str, allowed: tuple[str, ...] = ()) -> str:
        value = self.value(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.report(key, f"{value!r} is not a text", "Write a text in double quotes")
            return ""
        if allowed and value not in allowed:
            self.report(key, f"unknown value {value!r}", suggestion(value, allowed))
        return value.strip()

    def day(self, key: str) -> date:
        value = self.value(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if value is not None:
            self.report(key, f"{value!r} is not a date", "Write the day without quotes as YYYY-MM-DD")
        return date.min

    def policy_number(self, name: str, allowed: range, of: str) -> int | None:
        """A whole number that the policy may leave out; `of`: what it counts."""
        if name not in self._table("policy"):
            return None
        value = self.value(f"policy.{name}")
        if isinstance(value, int) and not isinstance(value, bool) and value in allowed:
            return value
        remedy = f"Write a whole number from {allowed[0]} to {allowed[-1]}"
        self.report(f"policy.{name}", f"{value!r} is not a number of {of}", remedy)
        return None

    def policy_word(self, name: str, allowed: tuple[str, ...]) -> str:
        """One of these words; the first where the policy leaves it out."""
        return self.text(f"policy.{name}", allowed) if name in self._table("policy") else allowed[0]

    def _table(self, key: str) -> dict[str, object]:
        node = self._tree.get(key)
        return node if isinstance(node, dict) else {}

    def languages(self) -> tuple[str, ...]:
        value = self.value("languages")
        if value is None:
            return ()
        if isinstance(value, list) and value and all(isinstance(word, str) and word for word in value):
            return tuple(dict.fromkeys(str(word) for word in value))
        self.report("languages", f"{value!r} is not a list of languages", 'Write a list like ["en", "ru"]')
        return ()

    def check_keys(self) -> None:
        for table, known in _TABLES.items():
            node = self._tree if not table else self._tree.get(table)
            for key in node if isinstance(node, dict) else ():
                if key not in known:
                    self.report(f"{table}.{key}" if table else key, "unknown key", suggestion(key, known))


def read_mission(folder: Path, problems: list[PackProblem]) -> MissionFacts | None:
    """mission.toml; None if the file cannot be read at all. Wrong values are in `problems`."""
    text = read_text(folder / FILE, problems)
    if text is None:
        return None
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        what = f"the file is not valid TOML ({error})"
        problems.append(PackProblem(FILE, int(at[1]) if at else None, None, what, "Correct the line"))
        return None
    reader = _Reader(text, tree, problems)
    reader.check_keys()
    languages = reader.languages()
    zone = reader.text("zone")
    facts = MissionFacts(
        code=reader.text("code"),
        type=reader.text("type", MISSION_TYPES),
        host=reader.text("host"),
        names={language: reader.text(f"name.{language}") for language in languages},
        languages=languages,
        default_language=reader.text("default_language", languages),
        zone=zone,
        opens_on=reader.day("dates.opens_on"),
        deploys_on=reader.day("dates.deploys_on"),
        election_on=reader.day("dates.election_on"),
        closes_on=reader.day("dates.closes_on"),
        local_copy=reader.text("policy.local_copy", LOCAL_COPY_POLICIES),
        small_cell=reader.policy_number("small_cell", SMALL_CELLS, "reports"),
        lock_out_days=reader.policy_number("lock_out_days", LOCK_OUT_DAYS, "days"),
        queries=reader.policy_word("queries", QUERY_POLICIES),
        due=read_due(FILE, text, tree.get("due"), zone, problems),
    )
    if facts.zone and not is_zone(facts.zone):
        reader.report("zone", f"unknown time zone {facts.zone!r}", "Use an IANA name, like Asia/Almaty")
    _check_order(facts, reader)
    return facts


def _check_order(facts: MissionFacts, reader: _Reader) -> None:
    days = [(key, getattr(facts, key)) for key in _TABLES["dates"]]
    known = [(key, day) for key, day in days if day != date.min]
    for (earlier, first), (later, second) in pairwise(known):
        if second < first:
            what = f"{later} ({second}) comes before {earlier} ({first})"
            reader.report(f"dates.{later}", what, "Correct one of the two dates")

"""ISO dates, date-times and times as day numbers, and back (ODK XForms rules, docs/checklists.md §3).

Day numbers count from 1970-01-01 in the mission's wall clock. A date-time with an offset is moved into the mission's
zone first, by the offset that was in force there at that moment, so that a date and a date-time of the same day compare
as an observer expects, whenever the report is looked at. Two date-times are compared and subtracted as the moments they
are. Everything is integer milliseconds until the last division: Python and TypeScript agree to the last bit.
"""

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

DAY_MS: Final = 86_400_000
_LAST_DAY: Final = 2_932_896  # 9999-12-31
_FIRST_DAY: Final = -719_528  # 0000-01-01
_LAST_MOMENT: Final = (_LAST_DAY - 1) * DAY_MS

_DATE: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))?)?"
)
_TIME: Final = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK: Final = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_FIELD: Final = re.compile(r"%([YymnbdeaHhMS3])")


@dataclass(frozen=True, slots=True)
class Context:
    """The clock an evaluation goes by: an aware `now` and the mission's IANA `zone`.

    Another moment has the offset the zone had then: a report means the same after the clocks have changed.
    """

    now: datetime
    zone: str
    now_ms: int = field(init=False)
    offset: int = field(init=False)
    """Minutes east of Greenwich."""

    def __post_init__(self) -> None:
        since = self.now - datetime(1970, 1, 1, tzinfo=UTC)
        object.__setattr__(self, "now_ms", (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000)
        object.__setattr__(self, "offset", self.offset_at(self.now_ms))

    def offset_at(self, moment: int) -> int:
        """Minutes east of Greenwich at a moment in epoch milliseconds.

        Moments before 1970 have the offset of its first: what zones were before, time zone files disagree about.
        """
        seconds = min(max(moment, 0), _LAST_MOMENT) // 1000
        delta = datetime.fromtimestamp(seconds, ZoneInfo(self.zone)).utcoffset()
        return 0 if delta is None else int(delta.total_seconds() / 60)

    def offset_on(self, wall: int) -> int:
        """The offset when the mission's clocks show `wall` (milliseconds since 1970-01-01T00:00 there)."""
        return self.offset_at(wall - self.offset_at(wall) * 60_000)


def day_of(year: int, month: int, day: int) -> int | None:
    """Days since 1970-01-01 of a Gregorian date, or None for a date that does not exist."""
    if not 1 <= month <= 12 or not 1 <= day <= _length_of(year, month):
        return None
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _length_of(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {4, 6, 9, 11} else 31


def date_of(day: int) -> tuple[int, int, int]:
    """The Gregorian (year, month, day) of a day number."""
    shifted = day + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    return (
        year + era * 400 + (month >= 10),
        month + (3 if month < 10 else -9),
        of_year - (153 * month + 2) // 5 + 1,
    )


def day_number(text: str, context: Context | None) -> float:
    """The day number of an ISO date, date-time or time; NaN for any other text.

    `context` matters only for date-times that carry an offset: they are moved into its zone. None stands for Greenwich.
    """
    if text[4:5] == "-":
        return _day_number_of_date(text, context)
    if text[2:3] == ":":
        return _fraction_of_time(text)
    return math.nan


def moment_of(text: str) -> int | None:
    """The moment of a date-time that carries its offset, in epoch milliseconds; None for any other text."""
    match = _DATE.fullmatch(text) if text[10:11] == "T" else None
    if match is None or (match[8] is None and match[9] is None):
        return None
    wall = _day_number_of_date(text, None)
    return None if math.isnan(wall) else math.floor(wall * DAY_MS + 0.5)


def _day_number_of_date(text: str, context: Context | None) -> float:
    match = _DATE.fullmatch(text)
    if match is None:
        return math.nan
    year, month, day, hour, minute, second, fraction, utc, sign, off_hour, off_minute = match.groups()
    number = day_of(int(year), int(month), int(day))
    if number is None:
        return math.nan
    if hour is None:
        return float(number)
    clock = _clock_ms(hour, minute, second, fraction)
    if clock is None:
        return math.nan
    total = number * DAY_MS + clock
    if sign is not None:
        own = int(off_hour) * 60 + int(off_minute)
        if own > 14 * 60 or int(off_minute) > 59:
            return math.nan
        total -= (own if sign == "+" else -own) * 60_000
    if (utc is not None or sign is not None) and context is not None:
        total += context.offset_at(total) * 60_000
    return total / DAY_MS


def _fraction_of_time(text: str) -> float:
    match = _TIME.fullmatch(text)
    if match is None:
        return math.nan
    clock = _clock_ms(match[1], match[2], match[3], match[4])
    return math.nan if clock is None else clock / DAY_MS


def _clock_ms(hour: str, minute: str, second: str | None, fraction: str | None) -> int | None:
    seconds = 0 if second is None else int(second)
    if int(hour) > 23 or int(minute) > 59 or seconds > 59:
        return None
    return int(hour) * 3_600_000 + int(minute) * 60_000 + seconds * 1000 + int(((fraction or "") + "000")[:3])


def iso_date(number: float) -> str:
    """The ISO date of a day number; the empty string outside the years 0 to 9999."""
    if not _FIRST_DAY <= number < _LAST_DAY + 1:
        return ""
    year, month, day = date_of(math.floor(number))
    return f"{year:04d}-{month:02d}-{day:02d}"


def iso_today(context: Context) -> str:
    """Today's date in the mission's zone."""
    return iso_date(float((context.now_ms + context.offset * 60_000) // DAY_MS))


def iso_now(context: Context) -> str:
    """The present moment with milliseconds and the mission's offset, as ODK's `now()` writes it."""
    return _iso_moment(context.now_ms + context.offset * 60_000, context.offset)


def _iso_moment(wall: int, offset: int) -> str:
    clock = wall % DAY_MS
    sign = "-" if offset < 0 else "+"
    east = abs(offset)
    return (
        f"{iso_date(float(wall // DAY_MS))}T{clock // 3_600_000:02d}:{clock // 60_000 % 60:02d}"
        f":{clock // 1000 % 60:02d}.{clock % 1000:03d}{sign}{east // 60:02d}:{east % 60:02d}"
    )


def in_kind(kind: str, text: str, number: float, context: Context) -> str:
    """A value as a `date`, `time` or `datetime`: its text where that is one already, else what its day number says.

    `text` and `number` are the same value both ways. What is no moment, and a time of day where a day is asked, stays
    the text it is.
    """
    fits = {"date": _DAY, "time": _CLOCK, "datetime": _MOMENT}[kind]
    if fits.fullmatch(text) or not _FIRST_DAY <= number < _LAST_DAY + 1 or (text[2:3] == ":" and kind != "time"):
        return text
    if kind == "date":
        return iso_date(number)
    wall = math.floor(number * DAY_MS + 0.5)
    if kind == "datetime":
        return _iso_moment(wall, context.offset_on(wall))
    clock = wall % DAY_MS
    return f"{clock // 3_600_000:02d}:{clock // 60_000 % 60:02d}"


def format_day_number(number: float, pattern: str) -> str:
    """`format-date` and `format-date-time`: percent fields of the ODK XForms specification.

    Month and day names are English in every language: a stored answer must not depend on who looks at it.
    """
    if not _FIRST_DAY <= number < _LAST_DAY + 1:
        return ""
    total = math.floor(number * DAY_MS + 0.5)
    whole = total // DAY_MS
    clock = total - whole * DAY_MS
    year, month, day = date_of(whole)
    fields = {
        "Y": f"{year:04d}",
        "y": f"{year % 100:02d}",
        "m": f"{month:02d}",
        "n": str(month),
        "b": _MONTHS[month - 1],
        "d": f"{day:02d}",
        "e": str(day),
        "a": _WEEKDAYS[(whole + 4) % 7],
        "H": f"{clock // 3_600_000:02d}",
        "h": str(clock // 3_600_000),
        "M": f"{clock // 60_000 % 60:02d}",
        "S": f"{clock // 1000 % 60:02d}",
        "3": f"{clock % 1000:03d}",
    }
    return _FIELD.sub(lambda found: fields[found[1]], pattern)

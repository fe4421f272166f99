"""The question types of XLSForm with all their names, and what each becomes; docs/checklists.md §9 shows them."""

from dataclasses import dataclass
from typing import Final

from steppe.checklists.definition import QuestionType
from steppe.checklists.xlsform.support import SUPPORTED, Support


@dataclass(frozen=True, slots=True)
class TypeEntry:
    """A type as XLSForm documents it.

    Attributes:
        becomes: the type in the definition; None for a row that asks nothing, or is refused.
        support: the verdict; `no` rows are refused, or left out when they record something by themselves.
        aliases: other names, those of pyxform included.
        metadata: what the phone fills in, for type `metadata`.
        constraint: holds when the row has none of its own, as pyxform's ready-made types do.
        parameters: names the parameters column may give.
    """

    becomes: QuestionType | None
    support: Support = SUPPORTED
    aliases: tuple[str, ...] = ()
    metadata: str = ""
    constraint: str = ""
    parameters: frozenset[str] = frozenset()


_GEO_PARAMETERS: Final = frozenset(
    {"allow-mock-accuracy", "capture-accuracy", "warning-accuracy", "incremental", "reference-geometry"}
)
_RANGE_PARAMETERS: Final = frozenset({"start", "end", "step", "tick_interval", "tick_labelset", "placeholder"})
UNREAD_PARAMETERS: Final = frozenset(
    {"allow-mock-accuracy", "incremental", "reference-geometry", "tick_interval", "tick_labelset", "placeholder", "app"}
)
"""Parameters that are taken and change nothing."""
_CHOOSING: Final = frozenset({"randomize", "seed", "value", "label"})
_EMPTY: Final = Support("as", "always empty: a browser does not tell")
_SIM: Final = ("sim id", "get sim id", "uri:simserial")
_SUBSCRIBER: Final = ("subscriber id", "get subscriber id", "uri:subscriberid")

_WATCHING: Final = (
    *("text audit", "audio audit", "sensor_statistic", "sensor_stream"),
    *("speed violations count", "speed violations list", "speed violations audit"),
)
TYPES: Final[dict[str, TypeEntry]] = {
    "text": TypeEntry("text", aliases=("string", "q string", "add text prompt"), parameters=frozenset({"rows"})),
    "integer": TypeEntry("integer", aliases=("int", "q int", "add integer prompt")),
    "decimal": TypeEntry("decimal", aliases=("q decimal", "add decimal prompt")),
    "range": TypeEntry("range", parameters=_RANGE_PARAMETERS),
    "date": TypeEntry("date", aliases=("q date", "add date prompt")),
    "time": TypeEntry("time"),
    "datetime": TypeEntry(
        "datetime",
        aliases=("dateTime", "date time", "q date time", "q dateTime", "add date time prompt", "add dateTime prompt"),
    ),
    "note": TypeEntry("note", aliases=("q note", "add note prompt")),
    "acknowledge": TypeEntry("acknowledge", aliases=("trigger", "q acknowledge", "add acknowledge prompt")),
    "image": TypeEntry(
        "photo",
        aliases=("photo", "q picture", "q image", "add image prompt", "add photo prompt"),
        parameters=frozenset({"max-pixels", "app"}),
    ),
    "audio": TypeEntry("audio", aliases=("q audio", "add audio prompt"), parameters=frozenset({"quality"})),
    "video": TypeEntry("video", aliases=("q video", "add video prompt")),
    "file": TypeEntry("file", aliases=("add file prompt",)),
    "barcode": TypeEntry("barcode", aliases=("q barcode", "add barcode prompt")),
    "geopoint": TypeEntry(
        "geopoint",
        aliases=("location", "gps", "q location", "q geopoint", "add location prompt"),
        parameters=_GEO_PARAMETERS,
    ),
    "geotrace": TypeEntry("geotrace", aliases=("q geotrace",), parameters=_GEO_PARAMETERS),
    "geoshape": TypeEntry("geoshape", aliases=("q geoshape",), parameters=_GEO_PARAMETERS),
    "calculate": TypeEntry("calculate", aliases=("q calculate", "add calculate prompt", "calculate_here")),
    "hidden": TypeEntry("hidden"),
    "phone number": TypeEntry("text", constraint="regex(., '[0-9]*')"),
    "percentage": TypeEntry("integer", constraint="0 <= . and . <= 100"),
    "number of days in last month": TypeEntry("integer", constraint="0 <= . and . <= 31"),
    "number of days in last six months": TypeEntry("integer", constraint="0 <= . and . <= 183"),
    "number of days in last year": TypeEntry("integer", constraint="0 <= . and . <= 365"),
    "start": TypeEntry("metadata", metadata="start", aliases=("start time", "get start time")),
    "end": TypeEntry("metadata", metadata="end", aliases=("end time", "get end time")),
    "today": TypeEntry("metadata", metadata="today", aliases=("get today",)),
    "deviceid": TypeEntry(
        "metadata",
        Support("as", "the id of the enrolled phone"),
        metadata="deviceid",
        aliases=("device id", "get device id", "imei", "uri:deviceid"),
    ),
    "username": TypeEntry("metadata", Support("as", "the team's code"), metadata="username", aliases=("uri:username",)),
    "phonenumber": TypeEntry(
        "metadata", _EMPTY, metadata="phonenumber", aliases=("get phone number", "uri:phonenumber")
    ),
    "email": TypeEntry("metadata", _EMPTY, metadata="email", aliases=("uri:email",)),
    "simserial": TypeEntry("metadata", _EMPTY, metadata="simserial", aliases=_SIM),
    "subscriberid": TypeEntry("metadata", _EMPTY, metadata="subscriberid", aliases=_SUBSCRIBER),
    "start-geopoint": TypeEntry(
        "metadata", Support("as", "always empty: positions are taken knowingly"), metadata="start-geopoint"
    ),
    "background-geopoint": TypeEntry(
        "metadata", Support("as", "always empty: positions are taken knowingly"), metadata="background-geopoint"
    ),
    "caseid": TypeEntry(
        "metadata", Support("as", "of SurveyCTO; always empty: Steppe keeps no cases"), metadata="caseid"
    ),
    **dict.fromkeys(_WATCHING, TypeEntry(None, Support("no", "Of SurveyCTO: nobody is watched while observing."))),
    "comments": TypeEntry(None, Support("no", "Of SurveyCTO: write text.")),
    "audit": TypeEntry(None, Support("no", "Every report carries its own history, sealed.")),
    "background-audio": TypeEntry(None, Support("no", "Nobody is recorded without knowing: use audio.")),
    "csv-external": TypeEntry(None, Support("yes", "attaches name.csv for lookups")),
    "xml-external": TypeEntry(None, Support("yes", "attaches name.xml for lookups")),
    "osm": TypeEntry(None, Support("no", "OpenStreetMap is edited in another app: use geopoint or geoshape.")),
}
"""Types without a choice list, by their first name."""

SELECTS: Final[dict[str, TypeEntry]] = {
    "select_one": TypeEntry(
        "select_one",
        Support("yes", "also with `or_other`; `select_one ${question}` offers what the rows of a repeat answered"),
        aliases=("select one", "select one from", "select1", "add select one prompt using", "select one using"),
        parameters=_CHOOSING,
    ),
    "select_multiple": TypeEntry(
        "select_multiple",
        Support("yes", "also with `or_other`"),
        aliases=(
            *("select all that apply", "select all that apply from", "add select multiple prompt using"),
            *("select multiple from", "select multiple using"),
        ),
        parameters=_CHOOSING,
    ),
    "rank": TypeEntry("rank", parameters=_CHOOSING),
    "select_one_from_file": TypeEntry(
        "select_one",
        Support("yes", "`.csv`, `.xml`, `.geojson`; parameters value and label name the columns"),
        aliases=("select one from file",),
        parameters=_CHOOSING,
    ),
    "select_multiple_from_file": TypeEntry(
        "select_multiple",
        Support("yes", "as select_one_from_file"),
        aliases=("select multiple from file",),
        parameters=_CHOOSING,
    ),
    "select_one_external": TypeEntry(
        "select_one", Support("yes", "from the external_choices sheet"), aliases=("select one external",)
    ),
}
"""Types that take a choice list or a file, by their first name."""

CONTROLS: Final[dict[str, Support]] = {
    "begin group … end group": Support("yes", "top-level groups are sections, deeper ones headings"),
    "begin repeat … end repeat": Support("yes", "in any depth"),
    "begin loop over list … end loop": Support("as", "written out: a group for every choice"),
    "include": Support("yes", "of Steppe, see §4"),
}
"""Rows that open and close."""

ENTRIES: Final[dict[str, TypeEntry]] = {
    name.lower(): entry for first, entry in TYPES.items() for name in (first, *entry.aliases)
}
"""Every written name of `TYPES` in small letters → its entry."""
SELECT_ENTRIES: Final[dict[str, TypeEntry]] = {
    name: entry for first, entry in SELECTS.items() for name in (first, *entry.aliases)
}
FROM_FILE: Final = frozenset(
    {"select_one_from_file", "select one from file", "select_multiple_from_file", "select multiple from file"}
)
EXTERNAL: Final = frozenset({"select_one_external", "select one external"})
_PYXFORM_TYPES: Final = {
    "calculate_here": "calculate",
    **dict.fromkeys(["caseid", "comments", *_WATCHING], "hidden"),
}
_OPEN_ENDED: Final = ("osm", "sensor_statistic", "sensor_stream")
"""Types after whose name more may follow."""


def entry_of(written: str) -> TypeEntry | None:
    """The entry of a type without a list, in small letters; None for one that does not exist."""
    return ENTRIES.get(_first(written))


def pyxform_type(written: str) -> str | None:
    """What pyxform judges a type of SurveyCTO as, which it does not know; None for every other."""
    return _PYXFORM_TYPES.get(_first(written))


def _first(written: str) -> str:
    return next((word for word in _OPEN_ENDED if written.startswith(f"{word} ")), written)

"""What Steppe supports of XLSForm: columns, settings and appearances, each with a verdict. The compiler reads this,
and docs/checklists.md §9 is written from it.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from steppe.checklists.definition import SELECT_TYPES
from steppe.checklists.xlsform.headers import column_of

Verdict: TypeAlias = Literal["yes", "as", "no"]
"""`yes`; `as`: taken, with the difference that the note tells; `no`: left aside or refused, with the reason."""


@dataclass(frozen=True, slots=True)
class Support:
    """A verdict, and what an author should know about it."""

    verdict: Verdict = "yes"
    note: str = ""


SUPPORTED: Final = Support()
"""Taken as XLSForm says, nothing to note."""
STEPPE_COLUMNS: Final = frozenset(
    {"theme", "negative", "soft", "soft_message", "sealed", "location", "short_form", "figure", "reference"}
    | {"precision"}
    | {"count", "sum", "narrative", "theme_from", "speech", "short_title"}
)
"""Columns of the survey sheet that Steppe adds to XLSForm."""
STEPPE_SETTINGS: Final = frozenset({"short_title", "kind", "location", "precision"})
"""Columns of the settings sheet that Steppe adds to XLSForm."""

_SMS: Final = Support("no", "Reports are not sent by SMS.")
_ENTITIES: Final = Support("no", "Entities are lists kept between forms; Steppe keeps none.")
COLUMNS: Final[dict[str, dict[str, Support]]] = {
    "survey": {
        "type": SUPPORTED,
        "name": Support("yes", "unique in its group; a name used again in another group becomes `group.name`"),
        "label": Support("yes", "per language, with `${question}` inside"),
        "hint": Support("yes", "per language, with `${question}` inside"),
        "guidance_hint": Support("yes", "per language"),
        "required": Support("yes", "yes, no or an expression"),
        "required_message": Support("yes", "per language"),
        "relevant": Support("yes", "also of groups and repeats"),
        "constraint": Support("as", "blocks finishing a report, never saving it"),
        "constraint_message": Support("yes", "per language"),
        "calculation": Support("yes", "of any question"),
        "trigger": Support("yes", "one question or several, separated by commas"),
        "default": Support("yes", "a value or an expression, also inside repeats; of pictures: no"),
        "read_only": Support("yes", "yes, no or a condition; while it holds nothing about the answer blocks finishing"),
        "appearance": Support("yes", "see the table of appearances"),
        "parameters": Support("yes", "see the types"),
        "choice_filter": Support("yes", "columns by their bare names"),
        "repeat_count": Support("yes", "a number, a question or an expression"),
        "image": Support("yes", "per language"),
        "big-image": Support("yes", "per language"),
        "audio": Support("yes", "per language"),
        "video": Support("yes", "per language"),
        "disabled": Support("yes", "the row is skipped"),
        "autoplay": Support("no", "Sounds and films play when they are tapped."),
        "no_app_error_string": Support("no", "No other app is called."),
        "intent": Support("no", "No other app is called."),
        "rows": Support("no", "Write rows=… into the parameters."),
        "save_to": _ENTITIES,
        "compact_tag": _SMS,
        "sms_field": _SMS,
        "sms_option": _SMS,
        **dict.fromkeys(STEPPE_COLUMNS, Support("yes", "of Steppe, see §1")),
    },
    "choices": {
        "list_name": SUPPORTED,
        "name": Support("yes", "without spaces for select_multiple and rank"),
        "label": Support("yes", "per language, with `${question}` inside; missing: the name is shown"),
        "image": Support("yes", "per language"),
        "big-image": Support("yes", "per language"),
        "audio": Support("yes", "per language"),
        "video": Support("yes", "per language"),
    },
    "settings": {
        "form_title": Support("yes", "per language"),
        "form_id": Support("yes", "missing: the file's name"),
        "version": Support("yes", "missing: made of the file's contents"),
        "default_language": SUPPORTED,
        "allow_choice_duplicates": SUPPORTED,
        "style": Support("as", "a section is a screen in every style"),
        "name": Support("as", "the root in paths such as `/data/question`"),
        "clean_text_values": SUPPORTED,
        "instance_name": Support("as", "reports are named by checklist, place and time; the expression is checked"),
        "public_key": Support("no", "Every report is sealed to the mission's key already."),
        "submission_url": Support("no", "Reports go to the mission's server."),
        "auto_send": Support("no", "Reports are sent as soon as there is a network."),
        "auto_delete": Support("no", "The mission decides what stays on a phone."),
        "instance_xmlns": Support("no", "There is no XForms instance."),
        "omit_instanceid": Support("no", "Every report has an id of its own."),
        "namespaces": Support("no", "There is no XForms instance."),
        "attribute": Support("no", "There is no XForms instance."),
        "flat": Support("no", "Answers are flat already."),
        "prefix": _SMS,
        "delimiter": _SMS,
        "sms_keyword": _SMS,
        "sms_separator": _SMS,
        "sms_allow_media": _SMS,
        "sms_date_format": _SMS,
        "sms_datetime_format": _SMS,
        "sms_response": _SMS,
        **dict.fromkeys(STEPPE_SETTINGS, Support("yes", "of Steppe, see §1")),
    },
}
"""Sheet → column → verdict. Other columns are the author's own notes."""


def is_note(header: str) -> bool:
    """Whether a column of the survey sheet is the author's own: neither XLSForm's nor Steppe's.

    pyxform looks for references even there, and would refuse a form for a remark about `${`.
    """
    return ":" not in header and column_of(header).name not in COLUMNS["survey"]


SHEETS: Final[dict[str, Support]] = {
    "survey": SUPPORTED,
    "choices": Support("yes", "further columns are for choice filters and lookups"),
    "settings": SUPPORTED,
    "external_choices": Support("yes", "for select_one_external"),
    "entities": _ENTITIES,
    "osm": Support("no", "OpenStreetMap is edited in another app."),
}
"""Sheet → verdict."""

_NOT_OPENED: Final = "words and address; nothing is opened by a touch, copy the address"
STYLES: Final[dict[str, Support]] = {
    "`*emphasis*`, `_emphasis_`, `**strong**`, `__strong__`": Support("yes", "within a line, not inside words for `_`"),
    "`# heading` … `###### heading`": Support("yes", "of its line; two sizes"),
    "links: words in `[ ]`, address in `( )`; `<a href>`": Support("as", _NOT_OPENED),
    "`\\*`, `\\_`, `\\#`, `\\\\`": Support("yes", "the character itself; also `\\[`, `\\<` and `\\&`"),
    "`<b>`, `<strong>`, `<i>`, `<em>`, `<u>`, `<s>`, `<small>`, `<big>`, `<sub>`, `<sup>`": SUPPORTED,
    "`<span style>`, `<font>`": Support(
        "as", "`color`, drawn as light or dark as the ground needs, and the five generic families of `font-family`"
    ),
    "`<p>`, `<div>`, `<center>`": Support("yes", "a line of its own; `text-align`"),
    "`<br>`, `<h1>` … `<h6>`, `<ul>`, `<ol>`, `<li>`, `&amp;`, `&lt;` …": SUPPORTED,
    "other tags": Support("no", "They stay as they are typed."),
    "marks in an answer shown by `${question}`": Support("no", "An answer stays as it was typed."),
}
"""How labels, hints, choices and messages may be styled → verdict (`checklists/marks.py`)."""

_ONE: Final = frozenset({"select_one"})
WRITTEN_NUMBERS: Final = frozenset({"integer", "decimal"})
"""Types of questions whose answer is a number somebody writes."""
_NUMBERS_AND_TEXT: Final = frozenset({"integer", "decimal", "text"})
_DATES: Final = frozenset({"date", "datetime"})
_CAMERA: Final = frozenset({"photo", "video", "audio", "file"})
_GEO: Final = frozenset({"geopoint", "geotrace", "geoshape"})
_SECTION: Final = frozenset({"group", "repeat"})
_CALENDAR: Final = Support("as", "all days are kept in the common calendar")
_NO_APPS: Final = Support("no", "No other app is called.")


@dataclass(frozen=True, slots=True)
class Appearance:
    """A word of the appearance column: the types it belongs to, and how it is drawn."""

    types: frozenset[str]
    support: Support = SUPPORTED


APPEARANCES: Final[dict[str, Appearance]] = {
    "field-list": Appearance(_SECTION, Support("as", "a section is one screen anyhow")),
    "table-list": Appearance(_SECTION, Support("yes", "selects over one list as one grid")),
    "multiline": Appearance(frozenset({"text"})),
    "comment": Appearance(frozenset({"text"}), Support("yes", "Steppe's own: here a critical answer is explained")),
    "numbers": Appearance(frozenset({"text"}), Support("yes", "the keys with digits")),
    "url": Appearance(frozenset({"text"}), Support("yes", "the keys of an address")),
    "masked": Appearance(frozenset({"text"}), Support("yes", "covered on the phone; `sealed` covers it at the desk")),
    "thousands-sep": Appearance(_NUMBERS_AND_TEXT, Support("yes", "a narrow space between thousands")),
    "bearing": Appearance(frozenset({"decimal"}), Support("as", "the number is typed")),
    "counter": Appearance(frozenset({"integer"}), Support("yes", "buttons beside the number")),
    "minimal": Appearance(SELECT_TYPES, Support("yes", "a sheet of choices")),
    "autocomplete": Appearance(SELECT_TYPES, Support("yes", "choices are searched")),
    "search": Appearance(SELECT_TYPES, Support("yes", "choices are searched; `search('file')` takes them from a file")),
    "quick": Appearance(_ONE, Support("yes", "a choice brings the next question")),
    "quickcompact": Appearance(_ONE, Support("yes", "as `quick columns-pack`")),
    "likert": Appearance(_ONE, Support("yes", "one scale, the names below the boxes")),
    "columns": Appearance(SELECT_TYPES, Support("yes", "`columns`, `columns-2` … `columns-10`")),
    "columns-pack": Appearance(SELECT_TYPES),
    "no-buttons": Appearance(SELECT_TYPES),
    "compact": Appearance(SELECT_TYPES, Support("yes", "as `columns-pack no-buttons`; also `compact-3`")),
    "horizontal": Appearance(SELECT_TYPES, Support("yes", "as `columns`")),
    "horizontal-compact": Appearance(SELECT_TYPES, Support("yes", "as `columns-pack`")),
    "label": Appearance(SELECT_TYPES, Support("yes", "the head of a grid")),
    "list-nolabel": Appearance(SELECT_TYPES, Support("yes", "a line of a grid")),
    "list": Appearance(SELECT_TYPES, Support("as", "drawn as a list")),
    "map": Appearance(_ONE, Support("as", "drawn as a list: there are no maps offline")),
    "image-map": Appearance(SELECT_TYPES, Support("as", "drawn as a list")),
    "randomized": Appearance(SELECT_TYPES, Support("no", "Write randomize=true into the parameters.")),
    "no-calendar": Appearance(_DATES, Support("as", "the phone's own date field")),
    "month-year": Appearance(_DATES, Support("yes", "kept as the first day of the month")),
    "year": Appearance(_DATES, Support("yes", "kept as the first day of the year")),
    "signature": Appearance(frozenset({"photo"})),
    "draw": Appearance(frozenset({"photo"})),
    "annotate": Appearance(frozenset({"photo"}), Support("yes", "drawing over a photo")),
    "new": Appearance(_CAMERA, Support("yes", "a photo is taken, none is chosen; elsewhere a file may be chosen")),
    "new-front": Appearance(_CAMERA, Support("yes", "the same with the front camera")),
    "front": Appearance(frozenset({"barcode"}), Support("as", "the phone chooses its camera")),
    "selfie": Appearance(_CAMERA, Support("yes", "the same with the front camera")),
    "hidden-answer": Appearance(frozenset({"barcode"}), Support("as", "the answer is shown")),
    "vertical": Appearance(frozenset({"range"}), Support("as", "drawn horizontally")),
    "picker": Appearance(frozenset({"range"}), Support("as", "drawn as a slider")),
    "rating": Appearance(frozenset({"range"}), Support("yes", "stars, up to ten; above as a slider")),
    "no-ticks": Appearance(frozenset({"range"}), Support("as", "drawn without labels on ticks")),
    "distress": Appearance(frozenset({"range"}), Support("as", "drawn as a slider")),
    "maps": Appearance(_GEO, Support("as", "the position is measured: there are no maps offline")),
    "placement-map": Appearance(_GEO, Support("as", "the position is measured: there are no maps offline")),
    "streets": Appearance(_GEO, Support("as", "the position is measured: there are no maps offline")),
    "hide-input": Appearance(_GEO, Support("as", "the figures are shown")),
    "printer": Appearance(frozenset({"text"}), _NO_APPS),
    "dynamic": Appearance(frozenset(), Support("no", "Not part of XLSForm.")),
    **{
        calendar: Appearance(_DATES, _CALENDAR)
        for calendar in ("ethiopian", "coptic", "islamic", "bikram-sambat", "myanmar", "persian", "buddhist")
    },
    **{
        f"w{width}": Appearance(frozenset(), Support("as", "a phone has one column of questions"))
        for width in range(1, 11)
    },
    "pages": Appearance(_SECTION, Support("as", "a section is one screen anyhow")),
    "ex": Appearance(frozenset(), _NO_APPS),
}
"""Words of the appearance column; `columns-2` and the like stand under `columns`, `ex:…` under `ex`."""

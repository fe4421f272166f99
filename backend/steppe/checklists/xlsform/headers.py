"""Column headers of an XLSForm: what each means, in which language, and which are a known one misspelt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

_ALIASES: Final = {
    "relevance": "relevant",
    "calculate": "calculation",
    "readonly": "read_only",
    "requiredmsg": "required_message",
    "jr:requiredmsg": "required_message",
    "constraining_message": "constraint_message",
    "jr:constraintmsg": "constraint_message",
    "constraint-msg": "constraint_message",
    "caption": "label",
    "command": "type",
    "tag": "name",
    "value": "name",
    "jr:count": "repeat_count",
    "set_form_title": "form_title",
    "title": "form_title",
    "set_form_id": "form_id",
    "id_string": "form_id",
    "noapperrorstring": "no_app_error_string",
    "jr:noapperrorstring": "no_app_error_string",
    "parameter": "parameters",
    "big_image": "big-image",
    "guidance": "guidance_hint",
}
_PREFIXES: Final = frozenset({"bind", "body", "control", "media"})
"""XForms names of the parts of a question: `bind::relevant` and `media::image` mean the column behind them."""
_RAW: Final = frozenset({"instance", "attribute"})
MEDIA: Final = ("image", "big-image", "audio", "video")
"""Columns that name a file beside a text."""
TRANSLATED: Final = frozenset(
    {"label", "hint", "guidance_hint", "constraint_message", "required_message", "soft_message"}
    | {"form_title", "short_title", *MEDIA}
)
"""Columns that hold one text or file per language."""
_CODE: Final = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Column:
    """A header understood: its meaning, its language code (empty when it names none) and how it was written."""

    name: str
    language: str
    header: str


def column_of(header: str) -> Column:
    """The meaning of a header, whatever its case, its aliases and the older single colons."""
    parts = [part.strip() for part in header.split("::")]
    if len(parts) == 1 and ":" in header and not header.lower().startswith("jr:"):
        parts = [part.strip() for part in re.split(r":(?<!jr:)", header)]
    name = parts[0].lower().replace(" ", "_")
    if name in _RAW:
        return Column(header, "", header)
    if name in _PREFIXES and len(parts) > 1:
        inner = parts[1].lower()
        known = _ALIASES.get(inner, inner)
        if known not in _INSIDE:
            return Column(header, "", header)
        name, parts = known, parts[1:]
    name = _ALIASES.get(name, name)
    return Column(name, language_code(parts[-1]) if len(parts) > 1 else "", header)


_INSIDE: Final = frozenset({"relevant", "required", "required_message", "constraint", "constraint_message"}) | {
    *("calculation", "read_only", "appearance", "repeat_count", "no_app_error_string", "default", *MEDIA)
}


def language_code(written: str) -> str:
    """The code of a language as XLSForm writes it: `Russian (ru)` → `ru`, `fr` → `fr`, `Manx` → `manx`."""
    match = _CODE.search(written)
    return match[1].lower() if match else re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-") or "default"


def misspelt(name: str, known: Iterable[str]) -> str:
    """The known column that an unknown header is most likely meant to be; the empty string for an author's note."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.8)), "")

"""What the server says in its own words: from its catalogue, and before it from the mission's own `texts.csv`.

The catalogue (`texts.toml`) is in English, Russian and Kazakh. A mission in other languages brings its own texts; where
it brings none, readers meet the English one, and `steppe mission load` says which.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from steppe.missions.names import Names
from steppe.missions.tables import PackProblem, read_table, suggestion

FILE: Final = "texts.csv"
FALLBACK: Final = "en"
_CATALOGUE: Final[dict[str, dict[str, str]]] = tomllib.loads(
    Path(__file__).with_name("texts.toml").read_text(encoding="utf-8")
)
KEYS: Final = tuple(_CATALOGUE)
PACK_KEYS: Final = ("all_regions", "no_region", "frame", "frame_with_guests", "reading_note")
"""What a mission may say in its own words. The others are texts of checklists, and stand in their sheets."""


def texts_of(key: str, own: Mapping[str, Names]) -> dict[str, str]:
    """Return a text by language: the catalogue's, and before it the mission's own (`Mission.texts`)."""
    return {**_CATALOGUE[key], **own.get(key, {})}


def catalogue_text(key: str, language: str) -> str | None:
    """Return the catalogue's text in exactly this language, None where there is none."""
    return _CATALOGUE[key].get(language)


def read_texts(folder: Path, languages: Sequence[str], problems: list[PackProblem]) -> dict[str, dict[str, str]]:
    """texts.csv, which a pack need not have: a line per text, a column per language of the mission.

    An empty cell leaves the catalogue's text.
    """
    if not (folder / FILE).exists():
        return {}
    own: dict[str, dict[str, str]] = {}
    for row in read_table(folder / FILE, ["key", *languages], problems) or ():
        key = row.text("key")
        if key in own:
            row.report("key", f"the text {key!r} occurs twice", "Delete one of the lines")
        elif key and key not in PACK_KEYS:
            row.report("key", f"unknown text {key!r}", suggestion(key, PACK_KEYS))
        own[key] = {language: text for language in languages if (text := row.optional(language))}
    return own


def shown_in_english(languages: Sequence[str], own: Mapping[str, Names]) -> Iterator[tuple[str, list[str]]]:
    """Yield each language of a mission in which some texts are missing, with their keys."""
    for language in languages:
        missing = [key for key in PACK_KEYS if language not in texts_of(key, own)]
        if missing:
            yield language, missing

"""Names in several languages, as a mission pack and the wire carry them."""

import re
from collections.abc import Mapping
from typing import TypeAlias

Names: TypeAlias = Mapping[str, str]
"""Language code → text, e.g. {"en": "Almaty Region", "ru": "Алматинская область"}."""

_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")


def mixed_script_word(text: str) -> str | None:
    """The first word that mixes Latin and Cyrillic letters, or None.

    A Latin "a" inside a Cyrillic word looks right, prints right and is never found by a search.
    """
    for match in _WORD.finditer(text):
        word = match.group()
        if _LATIN.search(word) and _CYRILLIC.search(word):
            return word
    return None

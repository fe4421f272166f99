"""Values inside the texts of a checklist: `You said ${age}`."""

import re
from collections.abc import Iterator
from typing import Final

from steppe.checklists.definition import Texts

OUTPUT: Final = re.compile(r"\$\{([^}]*)\}")
"""A value inside a text, its question in the first group."""


def outputs_of(texts: Texts | None) -> Iterator[str]:
    """The questions whose answers a text shows."""
    for text in (texts or {}).values():
        for match in OUTPUT.finditer(text):
            yield match[1].strip()

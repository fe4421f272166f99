"""The appearance column: words that are drawn, words that are drawn otherwise, words that do not exist."""

import re
from typing import Final

from steppe.checklists.definition import QuestionType
from steppe.checklists.xlsform.cells import Cells
from steppe.checklists.xlsform.support import APPEARANCES, Appearance

_COUNTED: Final = re.compile(r"(?P<word>columns|compact|quickcompact)-\d{1,2}")
_CALL: Final = re.compile(r"(?<![\w.:-])(?:ex:|printer:)?[\w.:-]+\s*\(.*\)\s*$", re.DOTALL)


def appearance_of(cells: Cells, kind: QuestionType | str) -> tuple[str, ...] | None:
    """The words of a row's appearance in small letters; None without any.

    `kind` is the question's type, `group` or `repeat`. Words that XLSForm does not know, or not for this type, or
    that Steppe leaves aside, become warnings.
    """
    written = cells.text("appearance")
    call = _CALL.search(written)
    if call is not None and not call[0].lower().startswith("search"):
        cells.warn("appearance", "No other app is called from a question.", APPEARANCES["ex"].support.note)
    words = (written[: call.start()] if call else written).lower().split()
    for word in words:
        counted = _COUNTED.fullmatch(word)
        known = APPEARANCES.get("ex" if word.startswith("ex:") else counted["word"] if counted else word)
        _check(cells, word, kind, known)
    return tuple(words) or None


def _check(cells: Cells, word: str, kind: str, known: Appearance | None) -> None:
    if known is None:
        near = cells.nearest(word, APPEARANCES)
        cells.warn(
            "appearance",
            f"There is no appearance '{word}'.",
            f"Did you mean '{near}'?" if near else "It is drawn as usual.",
        )
    elif known.support.verdict == "no":
        cells.warn("appearance", f"The appearance '{word}' is left aside.", known.support.note)
    elif known.types and kind not in known.types:
        cells.warn(
            "appearance",
            f"'{word}' has no meaning for the type {kind}.",
            f"It is for {', '.join(sorted(known.types))}.",
        )

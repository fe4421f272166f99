"""Adding tallies up: the only arithmetic of a region page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from steppe.checklists.question_reading import UNREAD, FormReading, Speech
from steppe.summaries.tally import DOCUMENT, FLAGS, SAID, SEEN

_BASIS_OF: Final[Mapping[Speech, str]] = {
    "observed": SEEN,
    "documented": DOCUMENT,
    "stated": SAID,
    "alleged": SAID,
    # What the team thinks of it rests on what the team saw.
    "assessment": SEEN,
}
Flags = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Flags of a tally: basis → question → severity → how many."""


def add(total: dict[str, Any], counts: Mapping[str, Any]) -> None:
    """Add `counts` into `total`, number by number, at any depth; both keep the tally's shape."""
    for key, value in counts.items():
        # Counts come from JSON. An isinstance with an ABC took most of a region's page.
        if value.__class__ is dict:
            held = total.get(key)
            if held is None:
                held = total[key] = {}
            add(held, value)
        else:
            total[key] = total.get(key, 0) + value


def flags_of_severity(flags: Mapping[str, Mapping[str, Mapping[str, int]]], severity: int) -> int:
    """Return how many flags of one severity (1–3) a tally's `flags` hold, over all bases and questions."""
    word = str(severity)
    return sum(by_severity.get(word, 0) for questions in flags.values() for by_severity in questions.values())


def flags_of_question(flags: Mapping[str, Mapping[str, Mapping[str, int]]], question: str) -> dict[str, int]:
    """Return a question's flags by severity, over all bases."""
    total: dict[str, int] = {}
    for questions in flags.values():
        add(total, questions.get(question, {}))
    return total


def readable_counts(counts: Mapping[str, Any], reading: FormReading, *, sees_protection: bool) -> dict[str, Any]:
    """Return the counts of a tally that somebody may read, with their flags.

    Tallies count every question; what is left out is decided here, at reading, so it holds for reports counted long
    ago. Questions the sheet marks `count: no` (levels of confidentiality, dissent, risk of retaliation) tell that
    somebody may need protection: one more of them beside one more report of a town can name a source. Only
    co-ordinator and head, who protect, see them (`sees_protection`).
    """
    kept = {name: count for name, count in counts.items() if name == FLAGS or _is_read(name, reading, sees_protection)}
    if FLAGS in kept:
        kept[FLAGS] = readable_flags(kept[FLAGS], reading, sees_protection=sees_protection)
    return kept


def readable_flags(flags: Flags, reading: FormReading, *, sees_protection: bool) -> Flags:
    """Return the flags of a tally that somebody may read (see `readable_counts`), by what they rest on.

    Where the sheet says whose knowledge a question's answers are (column `speech`), its flags rest on that: what was
    stated or alleged to the team is never shown as seen by it. Applied here, at reading, it holds for reports counted
    long ago and changes when the sheet is published again.
    """
    shown: dict[str, dict[str, dict[str, int]]] = {}
    for basis, questions in flags.items():
        for name, count in questions.items():
            if _is_read(name, reading, sees_protection):
                speech = reading.get(name, UNREAD).speech
                by_question = shown.setdefault(_BASIS_OF.get(speech, basis) if speech else basis, {})
                add(by_question.setdefault(name, {}), count)
    return shown


def _is_read(question: str, reading: FormReading, sees_protection: bool) -> bool:
    return sees_protection or reading.get(question, UNREAD).is_counted

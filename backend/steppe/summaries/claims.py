"""What a mission of a given type may say with its numbers.

A limited mission visits few places and not by sample: its numbers are counts for planning, and whatever leaves the desk
opens with a fixed sentence. No share, rate or mean is computed for any type yet; missions that observe systematically
will get theirs with the number of observations beside it.
"""

from __future__ import annotations

from typing import Final

from steppe.missions.models import LIMITED_TYPES

FRAME: Final[dict[str, str]] = {
    "en": "In the limited number of polling stations visited by IEOM observers, …",
    "ru": "На ограниченном числе избирательных участков, которые посетили наблюдатели ММНВ, …",
    "kk": "ХСБМ байқаушылары барған сайлау учаскелерінің шектеулі санында …",
}
READING_NOTE: Final[dict[str, str]] = {
    "en": "Counts describe the reports received. They say nothing about places that were not visited.",
    "ru": "Числа описывают только полученные отчёты и ничего не говорят о местах, где наблюдателей не было.",
    "kk": "Сандар тек түскен есептерді сипаттайды, байқаушылар бармаған жерлер туралы ештеңе айтпайды.",
}


def frame_of(mission_type: str) -> dict[str, str] | None:
    """Return the sentence every published view of this mission opens with, by language; None if it has none."""
    return FRAME if mission_type in LIMITED_TYPES else None

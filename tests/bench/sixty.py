"""Deterministic answers to the sixty questions of `sixty.md`: the same report for the same number, on every run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

FORM: Final = Path(__file__).with_name("sixty.md")
BYTES: Final = 1204
"""Size of one report's answers as JSON on average, the size other systems were measured with."""

_YNO: Final = ("yes", "yes", "yes", "yes", "yes", "no", "yes", "yes", "not_observed", "yes", "yes")
_PERSONS: Final = (["none"], ["police"], ["party", "media"], ["none"], ["official"], ["none"])
_WORDS: Final = (
    "voting", "calm", "commission", "answered", "questions", "short", "queue", "formed", "noon",
    "checks", "door", "proxies", "several", "parties", "sat", "clear", "view", "boxes", "room", "small",
    "booths", "stood", "close", "entrance", "list", "posted", "ramp", "missing", "members", "knew",
    "tasks", "voters", "waited", "outside", "ten", "minutes", "chair", "explained", "procedure",
    "observers", "asked", "secretary", "showed", "copy", "protocol", "police", "remained", "street",
    "journalists", "filmed", "briefly", "station", "opened", "time", "seals", "intact", "numbers",
    "recorded", "additional", "names", "added", "passports", "checked", "signatures", "compared",
    "help", "requested", "elderly", "person", "accompanied", "relative", "campaign", "poster",
    "removed", "wall", "morning", "heating", "failed", "candles", "power", "returned", "hour", "later",
    "complaint", "filed", "written", "answer", "promised", "evening", "mobile", "box", "left", "two",
    "returned",
)  # fmt: skip
_ODD: Final = 0x9E3779B97F4A7C15


def answers(number: int, district: str) -> dict[str, Any]:
    """Return the answers of report `number` in a district: 60 of them, about 1,204 bytes of JSON."""
    given: dict[str, Any] = {"q01": district}
    for question in range(2, 41):
        given[f"q{question:02d}"] = _YNO[_draw(number, question) % len(_YNO)]
    if given["q22"] == "not_observed":
        # Two questions hang on this one; all sixty are to be answered.
        given["q22"] = "yes"
    given["q41"] = 600 + _draw(number, 41) % 1900
    for question in range(42, 53):
        given[f"q{question}"] = _draw(number, question) % (600, 60, 12, 9)[question % 4]
    for question in range(53, 57):
        given[f"q{question}"] = list(_PERSONS[_draw(number, question) % len(_PERSONS)])
    for question in range(57, 61):
        words = [_WORDS[_draw(number, question * 100 + place) % len(_WORDS)] for place in range(15)]
        given[f"q{question}"] = " ".join(words).capitalize() + " (by us)."
    return given


def _draw(number: int, question: int) -> int:
    """Return 32 bits that depend on both numbers alone (the finaliser of splitmix64)."""
    mixed = (number * 100_003 + question + 1) * _ODD & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ mixed >> 31) & 0xFFFFFFFF

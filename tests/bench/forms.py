"""Checklists made for measuring: as long as asked, mixed as those of a mission are, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

_SECTION: Final = 14
"""Questions a section holds: what fits a few screens of a phone."""
_MIX: Final = (
    ("select_one yno", 50), ("integer", 14), ("select_multiple persons", 9), ("text", 10), ("time", 5), ("date", 3),
    ("decimal", 3), ("calculate", 6),
)  # fmt: skip
_COLUMNS: Final = (
    "type", "name", "label", "relevant", "constraint", "required", "calculation", "appearance", "soft", "soft_message",
    "negative",
)  # fmt: skip
_YNO: Final = ("yes", "no", "not_observed")
_PERSONS: Final = ("none", "police", "party", "official", "media", "other")

Row = dict[str, str]


def mixed(questions: int, seed: int = 1) -> str:
    """Return an XLSForm in Markdown of so many questions; a fifth have a condition, some hang on sums of others."""
    rng = Random(seed)
    rows: list[Row] = []
    numbers: list[str] = []
    answered: list[str] = []
    for place in range(questions):
        if place % _SECTION == 0:
            if place:
                rows.append({"type": "end_group"})
            rows.append({"type": "begin_group", "name": f"s{place // _SECTION}", "label": f"Section {place}"})
            answered = []
        rows.append(row := _question(place, rng, numbers, answered))
        if row["type"] == "integer":
            numbers.append(row["name"])
        if row["type"] == "select_one yno":
            answered.append(row["name"])
    rows.append({"type": "end_group"})
    return _form(f"mixed_{questions}", rows)


def _question(place: int, rng: Random, numbers: Sequence[str], answered: Sequence[str]) -> Row:
    kinds, weights = zip(*_MIX, strict=True)
    kind = "text" if place == 0 else "integer" if place in {1, 2} else rng.choices(kinds, weights)[0]
    row = {"type": kind, "name": f"q{place:04d}", "label": f"Question {place} of the checklist, as long as they are"}
    if kind == "calculate":
        several = rng.sample(numbers, min(3, len(numbers)))
        return row | {"calculation": " + ".join(f"coalesce(${{{one}}}, 0)" for one in several)}
    if kind == "integer":
        row |= {"constraint": ". >= 0 and . <= 9999"}
        if len(numbers) > 1 and rng.random() < 0.4:
            total = rng.choice(numbers)
            row |= {"soft": f"${{{total}}} = '' or . <= ${{{total}}}", "soft_message": "More than the whole."}
    if kind == "text" and rng.random() < 0.5:
        row |= {"appearance": "multiline"}
    if kind == "select_one yno" and rng.random() < 0.3:
        row |= {"negative": "no:2"}
    if kind == "select_one yno" and rng.random() < 0.15:
        row |= {"required": "yes"}
    elif answered and rng.random() < 0.25:
        row |= {"relevant": f"${{{rng.choice(answered)}}} != 'not_observed'"}
    return row


def hanging(expressions: int) -> str:
    """Return a form where so many calculations, conditions and checks read one number."""
    rows: list[Row] = [
        {"type": "begin_group", "name": "first", "label": "One number"},
        {"type": "integer", "name": "q", "label": "The number everything reads"},
        {"type": "end_group"},
        {"type": "begin_group", "name": "rest", "label": "What reads it"},
    ]
    for place in range(expressions):
        row = {"name": f"r{place:03d}", "label": f"Reader {place}"}
        match place % 3:
            case 0:
                row |= {"type": "calculate", "calculation": f"${{q}} * {place} + 1"}
            case 1:
                row |= {"type": "text", "relevant": f"${{q}} mod {place + 2} != 1"}
            case _:
                row |= {"type": "integer", "constraint": f". <= ${{q}} + {place}"}
        rows.append(row)
    rows.append({"type": "end_group"})
    return _form(f"hanging_{expressions}", rows)


def repeating() -> str:
    """Return a form with one repeat of six questions, summed up outside."""
    rows: list[Row] = [
        {"type": "begin_group", "name": "all", "label": "Rows"},
        {"type": "begin_repeat", "name": "item", "label": "Item"},
        {"type": "text", "name": "item_name", "label": "Name"},
        {"type": "integer", "name": "item_count", "label": "Count", "constraint": ". >= 0"},
        {"type": "select_one yno", "name": "item_seen", "label": "Seen", "negative": "no:1"},
        {"type": "select_multiple persons", "name": "item_persons", "label": "Persons"},
        {"type": "text", "name": "item_why", "label": "Why not", "relevant": "${item_seen} = 'no'"},
        {"type": "time", "name": "item_at", "label": "At"},
        {"type": "end_repeat"},
        {"type": "calculate", "name": "total", "label": "Total", "calculation": "sum(${item_count})"},
        {"type": "end_group"},
    ]
    return _form("repeating", rows)


def _form(form_id: str, rows: Sequence[Row]) -> str:
    lines = ["| survey |", *_table(_COLUMNS, [[row.get(column, "") for column in _COLUMNS] for row in rows]), ""]
    lists = [("yno", name) for name in _YNO] + [("persons", name) for name in _PERSONS]
    choices = [[of, name, name.replace("_", " ").capitalize()] for of, name in lists]
    lines += ["| choices |", *_table(("list_name", "name", "label"), choices), ""]
    title = form_id.replace("_", " ").capitalize()
    lines += ["| settings |", *_table(("form_title", "form_id", "version"), [[title, form_id, "1"]]), ""]
    return "\n".join(lines)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (columns, *rows):
        yield f"| | {' | '.join(row)} |"

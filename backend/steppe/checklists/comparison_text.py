"""A comparison of two versions in plain English, for the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from steppe.checklists.comparing import Change, Comparison, Detail

_PARTS: Final = {
    "label": "label",
    "hint": "hint",
    "guidance_hint": "guidance",
    "required_message": "message when it is missing",
    "constraint_message": "message when it is refused",
    "soft_message": "message of the soft check",
    "place": "place",
    "type": "type",
    "relevant": "condition for asking",
    "required": "condition for being required",
    "constraint": "what is accepted",
    "soft": "soft check",
    "calculation": "calculation",
    "default": "first value",
    "filter": "filter of the choices",
    "count": "number of rows",
    "choice_order": "order of the choices",
    "negative": "negative answers",
}


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """Yield the lines: a question with what happened to it, then each difference below it, at last what counts on."""
    for change in comparison.changes:
        yield _headline(change)
        for detail in change.details:
            if change.kind == "changed" or (detail.part == "place" and change.kind == "moved"):
                yield f"    {_sentence(detail)}"
    if not comparison.changes:
        yield "No question differs."
    broken = [change.id for change in comparison.changes if change.kind == "changed" and not change.is_comparable]
    yield f"{len(comparison.comparable)} questions are counted together over both versions."
    if broken:
        yield f"Counted for each version by itself: {', '.join(broken)}."


def _headline(change: Change) -> str:
    label = next(iter(change.label.values()), "")
    return f"{change.kind}: {change.id} ({label})" if label and label != change.id else f"{change.kind}: {change.id}"


def _sentence(detail: Detail) -> str:
    if detail.part == "choice":
        return _choice(detail)
    name = _PARTS.get(detail.part, detail.part.replace("_", " "))
    if detail.about:
        name = f"{name} ({detail.about})"
    if not detail.before:
        return f"{name}: now {detail.after}"
    if not detail.after:
        return f"{name}: no longer {detail.before}"
    if detail.before == detail.after:
        return f"{name}: in another order within {detail.after}"
    return f"{name}: {detail.before} → {detail.after}"


def _choice(detail: Detail) -> str:
    if not detail.before:
        return f"new choice {detail.about} ({detail.after})"
    if not detail.after:
        return f"choice {detail.about} ({detail.before}) is gone"
    return f"choice {detail.about}: {detail.before} → {detail.after}"

"""The columns that tell headquarters how to read a question (docs/checklists.md §1)."""

from typing import Final

from steppe.checklists.definition import Question, QuestionType
from steppe.checklists.expressions.reads import OUTPUT
from steppe.checklists.question_reading import SPEECHES, QuestionReading, Speech
from steppe.checklists.xlsform.cells import Cells
from steppe.checklists.xlsform.outline import Unresolved

READING_COLUMNS: Final = frozenset({"count", "sum", "narrative", "theme_from", "speech", "short_title"})
SUMMED: Final[frozenset[QuestionType]] = frozenset({"integer", "decimal", "range", "calculate"})
"""Types of question whose answers have a total."""
THEMES: Final[frozenset[QuestionType]] = frozenset({"select_one", "select_multiple"})
"""Types of question whose answer can be a theme."""


def reading_of(cells: Cells, question: Question) -> QuestionReading:
    """The reading of the row that asks this question; what cannot be is a fault at its cell."""
    kind, is_summed, is_quoted = question.type, cells.is_yes("sum"), cells.is_yes("narrative")
    if is_summed and kind not in SUMMED:
        cells.fault("sum", f"A question of type {kind} has no total.", "Only figures are summed: leave it empty.")
    if is_quoted and kind != "text":
        cells.fault("narrative", f"A question of type {kind} is no text.", "Only texts are quoted: leave it empty.")
    if is_quoted and question.sealed:
        cells.fault("narrative", "A sealed answer is never quoted.", "Leave one of the two empty.")
    return QuestionReading(
        is_counted=cells.text("count") == "" or cells.is_yes("count"),
        is_summed=is_summed,
        is_quoted=is_quoted,
        theme_from=_theme_from(cells),
        speech=_speech(cells),
        short_title=cells.texts("short_title"),
    )


def _speech(cells: Cells) -> Speech | None:
    written = cells.text("speech").lower()
    if written and written not in SPEECHES:
        near = cells.nearest(written, SPEECHES)
        cells.fault(
            "speech",
            f"'{written}' says of no answer whose knowledge it is.",
            f"Did you mean '{near}'?" if near else f"Write {', '.join(SPEECHES[:-1])} or {SPEECHES[-1]}.",
        )
        return None
    return written or None


def _theme_from(cells: Cells) -> str | None:
    """The id of the question named, as `mtg_t_theme` or `${mtg_t_theme}`: of the same row or of what is around."""
    written = cells.text("theme_from")
    if written == "":
        return None
    match = OUTPUT.fullmatch(written)
    try:
        place = cells.form.outline.named(match[1].strip() if match else written)
    except Unresolved as unresolved:
        cells.fault("theme_from", unresolved.message, unresolved.suggestion)
        return None
    if place.kind != "question" or any(repeat not in cells.place.repeats() for repeat in place.repeats()):
        cells.fault(
            "theme_from", f"'{place.name}' is not answered once for this answer.", "Name a question of the same row."
        )
        return None
    return place.id


def check_theme(cells: Cells, question: Question | None) -> None:
    """Note a fault where the question that `theme_from` names has no theme for an answer, or a sealed one."""
    if question is None or question.type not in THEMES or question.sealed:
        cells.fault("theme_from", "This question's answer is no theme.", "Name a select question that is not sealed.")

"""A question row of the survey sheet → a question of the definition."""

import re
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Final, cast, get_args

from pyxform.utils import default_is_dynamic

from steppe.checklists.definition import Ast, Precision, Question, QuestionType, Texts
from steppe.checklists.evaluation.answers import answer_of_value
from steppe.checklists.evaluation.fitting import check_of_type
from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.reads import OUTPUT
from steppe.checklists.expressions.values import tokens_of
from steppe.checklists.question_reading import UNREAD
from steppe.checklists.xlsform.appearances import appearance_of
from steppe.checklists.xlsform.cells import Cells
from steppe.checklists.xlsform.dialects import foreign_type
from steppe.checklists.xlsform.headers import MEDIA
from steppe.checklists.xlsform.outline import Unresolved
from steppe.checklists.xlsform.own_columns import figure_of, negatives_of, reference_of
from steppe.checklists.xlsform.parameters import parameters_of
from steppe.checklists.xlsform.question_types import ENTRIES, SELECTS, TypeEntry, entry_of
from steppe.checklists.xlsform.reading_columns import reading_of
from steppe.checklists.xlsform.selects import Selecting, selecting, spoken

_LOCATIONS: Final = ("region", "district", "station")
_PRECISIONS: Final[tuple[str, ...]] = get_args(Precision)
_SHOWN: Final = frozenset({"label", "hint", *MEDIA})
_UNLABELLED: Final = frozenset({"calculate", "hidden", "metadata"})
_MOMENTS: Final = frozenset({"date", "time", "datetime"})
_GREENWICH: Final = Context(datetime(1970, 1, 1, tzinfo=UTC), "UTC")
_BEGINNINGS: Final[dict[QuestionType, str]] = {
    "integer": "Write a whole number, such as 12.",
    "decimal": "Write a number, such as 1.5.",
    "date": "Write a day as 2021-01-10, or today().",
    "time": "Write a time as 08:30, or now().",
    "datetime": "Write a moment as 2021-01-10T08:30:00.000+06:00, or now().",
}
_NO_TYPE: Final = "Write one of the types that docs/checklists.md lists, such as text, integer or select_one list."
_ATTACHING: Final = {"csv-external": ".csv", "xml-external": ".xml"}


def questions_of(cells: Cells) -> list[Question]:
    """What a row asks: one question, none for a row that records or attaches, two with `or_other`."""
    select = selecting(cells)
    if select is not None:
        return _with_other(cells, select, _question(cells, select))
    written = cells.text("type").lower()
    entry = entry_of(written)
    if entry is None:
        _unknown_type(cells)
    elif written in _ATTACHING:
        name = cells.text("name")
        suffix = _ATTACHING[written]
        cells.attach("name", name if name.endswith(suffix) else f"{name}{suffix}")
    elif entry.becomes is None:
        cells.warn("type", f"The row '{written}' is left out.", entry.support.note)
    elif entry.becomes == "metadata":
        name = cells.place.id
        return [Question(id=name, type="metadata", label=cells.form.languages.same(name), metadata=entry.metadata)]
    else:
        return [_question(cells, Selecting(entry.becomes, entry))]
    return []


def _unknown_type(cells: Cells) -> None:
    written = cells.text("type")
    word = written.split(" ", 1)[0].lower()
    if word in SELECTS:
        cells.fault("type", f"'{written}' names no choice list.", f"Write '{word} list_name'.")
        return
    foreign = foreign_type(written)
    if foreign is not None:
        cells.fault("type", *foreign)
        return
    known = [*ENTRIES, *SELECTS, "begin_group", "end_group", "begin_repeat", "end_repeat", "include"]
    near = get_close_matches(written.lower(), known, n=1) or get_close_matches(word, known, n=1)
    cells.fault("type", f"There is no question type '{written}'.", f"Did you mean '{near[0]}'?" if near else _NO_TYPE)


def _question(cells: Cells, select: Selecting) -> Question:
    kind, entry = select.kind, select.entry
    calculation = _calculation(cells, kind)
    is_shown = kind == "note" and calculation is not None
    if is_shown:
        kind = "text"
    elif (calculation is not None or cells.text("trigger")) and not _SHOWN & cells.row.texts.keys():
        # Without a label XForms has no control for it: a value that is kept, not a question.
        kind = "calculate"
    soft = cells.expression("soft")
    read_only = cells.condition("read_only")
    location = cells.text("location").lower()
    if location and location not in _LOCATIONS:
        cells.fault("location", f"'{location}' is no kind of place.", "Write region, district or station.")
    media = cells.beside()
    label, hint = _label(cells, kind, has_media=media is not None)
    parts: dict[str, Any] = {
        **select.parts,
        "id": cells.place.id,
        "type": kind,
        "label": label,
        "hint": hint,
        "media": media,
        "appearance": appearance_of(cells, kind),
        "parameters": parameters_of(cells, kind, entry),
        "trigger": _trigger(cells),
        "relevant": cells.expression("relevant"),
        "required": cells.condition("required"),
        "constraint": _constraint(cells, entry),
        "soft": soft,
        "calculation": calculation,
        "read_only": True if is_shown or read_only == ["b", True] else None,
        "read_only_when": None if is_shown or read_only == ["b", True] else read_only,
        "theme": cells.text("theme") or None,
        "negative": negatives_of(cells, kind, select.names, has_soft=cells.text("soft") != ""),
        "sealed": True if cells.is_yes("sealed") else None,
        "location": location if location in _LOCATIONS else None,
        "precision": _precision(cells, is_calculated=calculation is not None and not cells.text("trigger")),
        "short_form": True if cells.is_yes("short_form") else None,
        "figure": figure_of(cells, kind),
        "reference": reference_of(cells, kind),
    }
    for texts in ("guidance_hint", "required_message", "constraint_message", "soft_message"):
        parts[texts] = cells.texts(texts)
    question = Question(**parts)
    if kind == "note" and question.required == ["b", True] and question.relevant is None:
        cells.warn(
            "required",
            "This note is required: while it is shown, no report can be finished.",
            "Give it a relevance, or leave required empty.",
        )
    reading = reading_of(cells, question)
    if reading != UNREAD:
        cells.form.readings[question.id] = reading
    return question.model_copy(update={"default": _default(cells, question, select.names)})


def _label(cells: Cells, kind: QuestionType, *, has_media: bool) -> tuple[Texts, Texts | None]:
    """Label and hint; a hint alone stands as the label, beside media the name does."""
    label, hint = cells.texts("label"), cells.texts("hint")
    if label is None and hint is not None:
        return hint, None
    if label is None and not has_media and kind not in _UNLABELLED:
        if "label" in cells.text("appearance").split():
            # The head of a grid, whose choices speak for themselves: authors leave its label out, as ODK lets them.
            cells.warn("label", "This question has no label: its name is shown.", "Write what the observer reads.")
        else:
            cells.fault("label", "This question has no label.", "Write what the observer reads.")
    return label or cells.form.languages.same(cells.place.name), hint


def _calculation(cells: Cells, kind: QuestionType) -> Ast | None:
    if cells.text("calculation") == ".":
        cells.warn("calculation", "'.' calculates nothing: what stands there is kept.", "Leave the cell empty.")
        return ["call", "once", ["self"]]
    calculation = cells.expression("calculation")
    if kind == "calculate" and not any(cells.text(column) for column in ("calculation", "default", "trigger")):
        cells.fault("calculation", "This calculate row has no calculation.", "Write its expression.")
    return calculation


def _precision(cells: Cells, *, is_calculated: bool) -> Precision | None:
    """How fine a place the answer tells; None leaves it to the kind of question (docs/checklists.md §10)."""
    written = cells.text("precision").lower()
    if written and written not in _PRECISIONS:
        known = ", ".join(_PRECISIONS)
        cells.fault("precision", f"'{written}' does not say how fine a place is.", f"Write one of: {known}.")
        return None
    if written and is_calculated:
        # Headquarters calculates it anew from what it reads: leaving out the result alone would keep nothing back.
        what = "A calculated value is as fine a place as what it reads."
        cells.fault("precision", what, "Say it of the questions that it reads.")
    return cast("Precision", written) if written else None


def _constraint(cells: Cells, entry: TypeEntry) -> Ast | None:
    if cells.text("constraint") == "" and entry.constraint:
        return cells.parsed("type", entry.constraint)
    return cells.expression("constraint")


def _trigger(cells: Cells) -> tuple[str, ...] | None:
    """The questions whose change runs the calculation: `${a}` or `${a}, ${b}`."""
    written = cells.text("trigger")
    if written == "":
        return None
    found: list[str] = []
    for match in OUTPUT.finditer(written):
        try:
            place = cells.form.outline.named(match[1].strip())
        except Unresolved as unresolved:
            cells.fault("trigger", unresolved.message, unresolved.suggestion)
            continue
        if place.kind == "question":
            found.append(place.id)
        else:
            cells.fault("trigger", f"'{place.name}' is no question.", "Name a question.")
    if re.sub(r"[\s,]", "", OUTPUT.sub("", written)):
        cells.fault("trigger", "A trigger names questions only.", "Write ${question}.")
    return tuple(found) or None


def _default(cells: Cells, question: Question, names: frozenset[str]) -> Ast | None:
    written = _without_midnight(cells.text("default"), question.type)
    if written == "":
        return None
    if question.type == "photo":
        cells.warn("default", "A picture cannot be filled in beforehand.", "Show it with the image column.")
        return None
    kind = "dateTime" if question.type == "datetime" else question.type
    if default_is_dynamic(written, kind):
        return cells.parsed("default", written)
    if question.type in {"select_one", "select_multiple", "rank"}:
        chosen = [written] if question.type == "select_one" else tokens_of(written)
        wrong = next((name for name in chosen if question.list is not None and name not in names), None)
        if wrong is not None:
            near = cells.nearest(wrong, names)
            advice = f"Did you mean '{near}'?" if near else f"Write one of its choices: {', '.join(sorted(names)[:8])}."
            cells.warn("default", f"'{wrong}' is no choice of this question: it begins empty.", advice)
            return None
        return ["s", written]
    answer = answer_of_value(question, written, {}, _GREENWICH)
    fits = answer is not None and check_of_type(question)(answer) is None
    if fits and (question.type not in _MOMENTS or answer == written):
        return ["s", written]
    # JavaRosa reads such a default as none.
    advice = _BEGINNINGS.get(question.type, "Leave the cell empty.")
    cells.warn("default", f"'{written}' is no answer to this question: it begins empty.", advice)
    return None


def _without_midnight(written: str, kind: QuestionType) -> str:
    """A day as spreadsheets hand it over, `2021-01-10 00:00:00`, as the day that is meant."""
    return written.removesuffix(" 00:00:00") if kind == "date" else written


def _with_other(cells: Cells, select: Selecting, question: Question) -> list[Question]:
    other = None
    if select.has_other and cells.place.parent is not None:
        other = cells.place.parent.children.get(f"{cells.place.name}_other")
    if other is None:
        return [question]
    labels = spoken(cells, "specify_other")
    chosen: Ast = ["call", "selected", ["ref", question.id], ["s", "other"]]
    return [question, Question(id=other.id, type="text", label=labels, relevant=chosen, sealed=question.sealed)]

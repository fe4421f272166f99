"""One fence around reading and compiling a stranger's spreadsheet: whatever raises inside becomes a problem."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from steppe.checklists.definition import Definition, Question, definition_bytes
from steppe.checklists.evaluation.flags import flags
from steppe.checklists.expressions.dates import Context
from steppe.checklists.expressions.limits import DEFINITION_BYTES
from steppe.checklists.problems import CellProblem, ChecklistProblems

_UNREADABLE: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What readers of spreadsheets raise over files that are none; XML entities, refused unread, are a ValueError."""
_ROWS: Final = ("a", "b")
_ANSWERS: Final[dict[str, object]] = {
    "integer": 1,
    "decimal": 1.5,
    "range": 1,
    "date": "2021-01-10",
    "datetime": "2021-01-10T06:00:00.000+00:00",
    "time": "06:00:00.000+00:00",
    "geopoint": "51 71 0 0",
    "geotrace": "51 71 0 0;51 72 0 0",
    "geoshape": "51 71 0 0;51 72 0 0;52 72 0 0;51 71 0 0",
}
_CLOCK: Final = Context(datetime(2021, 1, 10, 6, tzinfo=UTC), "UTC")


@contextmanager
def fenced() -> Iterator[None]:
    """Turn what reading or compiling raises into ChecklistProblems; a path that cannot be read stays an OSError."""
    try:
        yield
    except RecursionError as error:
        message = "The form is nested too deeply to be compiled."
        problem = CellProblem("survey", 0, "", message, "Take it apart: fewer groups one in the other.")
        raise ChecklistProblems([problem]) from error
    except MemoryError as error:
        message = "The form is too large to be compiled: it needs more memory than a form may have."
        suggestion = "Make it smaller; long lists of choices belong into a table beside it."
        raise ChecklistProblems([CellProblem("survey", 0, "", message, suggestion)]) from error
    except _UNREADABLE as error:
        message = f"The file cannot be read: {type(error).__name__}{f', {error}' if str(error) else ''}."
        problem = CellProblem("survey", 0, "", message[:500], "Open it in a spreadsheet and save it anew as .xlsx.")
        raise ChecklistProblems([problem]) from error


def check_reads_back(definition: Definition) -> None:
    """Prove that the bytes of a definition give the same definition, and that it can be evaluated, empty and full.

    Raises ChecklistProblems: a version that nobody can read back must never be kept, nor one that no phone could hold.
    """
    with fenced():
        content = definition_bytes(definition)
        if len(content) > DEFINITION_BYTES:
            message = f"The form comes to {len(content):,} bytes; a checklist may have {DEFINITION_BYTES:,}."
            suggestion = "Take it apart, or leave out rows of its lists and tables."
            raise ChecklistProblems([CellProblem("survey", 0, "", message, suggestion)])
        again = Definition.model_validate_json(content)
        if again != definition:
            problem = CellProblem("survey", 0, "", "The form does not read back as it was written.", "Ask for help.")
            raise ChecklistProblems([problem])
        flags(again, {}, _CLOCK)
        flags(again, filled(again), _CLOCK)


def filled(definition: Definition) -> dict[str, object]:
    """Return an answer to every question, two rows of every repeat: what makes every expression read something."""
    places: dict[str, tuple[str, ...]] = {}
    answers: dict[str, object] = {}
    for _, repeat in definition.repeats():
        around = places[repeat.inside] if repeat.inside else ("",)
        answers |= {f"{prefix}{repeat.id}": list(_ROWS) for prefix in around}
        places[repeat.id] = tuple(f"{prefix}{repeat.id}/{row}/" for prefix in around for row in _ROWS)
    for _, within, question in definition.questions():
        answer = _answer(definition, question)
        answers |= {f"{prefix}{question.id}": answer for prefix in (places[within.id] if within else ("",))}
    return answers


def _answer(definition: Definition, question: Question) -> object:
    named = [choice.name for choice in definition.choices.get(question.list or "", ())]
    if question.type in {"select_multiple", "rank"}:
        return named
    return next(iter(named), _ANSWERS.get(question.type, "1"))

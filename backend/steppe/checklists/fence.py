"""One fence around reading and compiling a stranger's spreadsheet: whatever raises inside becomes a problem."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from steppe.checklists.definition import Definition, definition_bytes
from steppe.checklists.evaluation.flags import flags
from steppe.checklists.expressions.dates import Context
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
_CLOCK: Final = Context(datetime(2021, 1, 10, 6, tzinfo=UTC), "UTC")


@contextmanager
def fenced() -> Iterator[None]:
    """Turn what reading or compiling raises into ChecklistProblems; a path that cannot be read stays an OSError."""
    try:
        yield
    except (RecursionError, MemoryError) as error:
        message = "The form is nested too deeply, or too large, to be compiled."
        problem = CellProblem("survey", 0, "", message, "Take it apart: fewer groups one in the other.")
        raise ChecklistProblems([problem]) from error
    except _UNREADABLE as error:
        message = f"The file cannot be read: {type(error).__name__}{f', {error}' if str(error) else ''}."
        problem = CellProblem("survey", 0, "", message[:500], "Open it in a spreadsheet and save it anew as .xlsx.")
        raise ChecklistProblems([problem]) from error


def check_reads_back(definition: Definition) -> None:
    """Prove that the bytes of a definition give the same definition, and that it can be evaluated, empty and full.

    Raises ChecklistProblems: a version that nobody can read back must never be kept.
    """
    with fenced():
        again = Definition.model_validate_json(definition_bytes(definition))
        if again != definition:
            problem = CellProblem("survey", 0, "", "The form does not read back as it was written.", "Ask for help.")
            raise ChecklistProblems([problem])
        flags(again, {}, _CLOCK)
        flags(again, {question.id: "1" for _, repeat, question in again.questions() if repeat is None}, _CLOCK)

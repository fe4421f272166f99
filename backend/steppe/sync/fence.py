"""Keep what one pushed item raises from the other items of its push.

An item is somebody else's content met by somebody else's checklist: opening it, checking it, deriving its submission
and counting it run code that may meet what nobody foresaw. Whatever it is then, the item is kept for a person
(`cannot_project`) and the rest of the push is stored and receipted; without the fence one such report would stop the
outbox of its phone, and of every phone whose push waits in the same transaction, for ever.
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Final, Literal, Self

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from steppe.kit.db import is_passing

Step = Literal["open", "check", "derive", "store"]
_ITEMS_FAULTS: Final = ("22", "23", "54")
"""Classes of SQLSTATE that speak of the values sent: data exception, integrity, limit of the program exceeded."""

log = logging.getLogger("steppe")


class StalePush(Exception):
    """A submission changed between reading a push and storing it: the push has to be read again."""


def is_items_fault(error: BaseException) -> bool:
    """Say whether an error comes from what an item holds, and would come again whenever it is pushed.

    What stops the process or the request is not an item's, nor is the state of database, disk or network: those pass,
    and an item set aside for them would be set aside for nothing.
    """
    if is_passing(error) or isinstance(error, StalePush):
        return False
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        return isinstance(error, (DataError, IntegrityError)) or state.startswith(_ITEMS_FAULTS)
    if isinstance(error, SQLAlchemyError):
        # A value no column takes fails before the driver sees it.
        return isinstance(error, StatementError)
    return isinstance(error, Exception) and not isinstance(error, OSError)


class Fence:
    """A `with` block around one step of one item: afterwards `error` is what the item raised there, or None.

    Errors that are not the item's go through. This is the one place that takes any error: a list of expected ones
    would be a list of the faults already found. The log gets the type and the place of the error, never its message,
    which may quote an answer.
    """

    def __init__(self, step: Step) -> None:
        """Name the step for the log."""
        self._step = step
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        """Begin the step."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        """Keep an error that is the item's; let every other go on."""
        if error is None or not is_items_fault(error):
            return False
        self.error = error
        facts = {"step": self._step}
        log.warning(
            "item cannot be projected", exc_info=(type(error), error, error.__traceback__), extra={"facts": facts}
        )
        return True

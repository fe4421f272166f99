"""Calculations that come out differently when they are run again: what the phone stored stands.

`pwa/src/engine/volatile.ts` is the twin.
"""

from typing import Final

from steppe.checklists.definition import Ast, Question

GIVEN: Final = frozenset({"last-saved", "property", "random", "uuid"})
"""Functions only a phone can answer: the server never calculates what calls them."""

MOMENTARY: Final = frozenset({"now", "once", "today"})
"""Functions of the moment: the server calculates what calls them only where the phone stored nothing."""


def is_given(question: Question) -> bool:
    """Whether a calculation is the phone's alone: triggered by the observer, or calling one of `GIVEN`."""
    return question.trigger is not None or _calls(question.calculation, GIVEN)


def is_momentary(question: Question) -> bool:
    """Whether a calculation depends on when it is run."""
    return _calls(question.calculation, MOMENTARY)


def is_uncorrectable(question: Question) -> bool:
    """Whether an observer cannot change the answer: it is calculated, only read, or kept out of sight.

    Such an answer never keeps a report from being finished.
    """
    calculates = question.calculation is not None and question.trigger is None
    return calculates or question.read_only is True or question.type in {"calculate", "hidden", "metadata"}


def _calls(ast: Ast | None, names: frozenset[str]) -> bool:
    if ast is None:
        return False
    if ast[0] == "call" and ast[1] in names:
        return True
    return any(_calls(part, names) for part in _operands(ast))


def _operands(ast: Ast) -> list[Ast]:
    if ast[0] == "items":
        return list(ast[2])
    return [part for part in ast[1:] if isinstance(part, list)]

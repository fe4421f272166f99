"""Why nothing is decided of an item that was kept aside."""

from __future__ import annotations

from http import HTTPStatus

from steppe.kit.problems import Problem


class DecidedAlready(Problem):
    """Somebody decided of the item since it was looked at. Its `decided` says what, its `n` under which number."""

    slug = "decided-already"
    status = HTTPStatus.CONFLICT
    title = "Somebody has decided of this item already"
    next = "Look at what was decided; what is kept apart can still be taken, what is taken stays taken."


class CannotBeTaken(Problem):
    """As it was chosen the item still cannot be a report. Its `reason` is what speaks against it now."""

    slug = "cannot-be-taken"
    status = HTTPStatus.CONFLICT
    title = "It cannot be taken like this"
    next = "Choose another team or checklist version, or keep it apart and say why."


class ReasonNeeded(Problem):
    """What is kept apart is kept apart for a reason."""

    slug = "apart-reason-needed"
    title = "Say why it is kept apart"
    next = "Write the reason, then decide again."


class UnknownChoice(Problem):
    """The mission has no such team, region or checklist version."""

    slug = "unknown-choice"
    title = "The mission does not have what was chosen"
    next = "Open the item again and choose from what it offers."

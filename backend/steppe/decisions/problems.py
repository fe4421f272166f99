"""Why a decision is not taken."""

from __future__ import annotations

from http import HTTPStatus

from steppe.kit.problems import Problem


class ReportChanged(Problem):
    """The report is not what the person saw when deciding."""

    slug = "report-changed"
    status = HTTPStatus.CONFLICT
    title = "The report has changed since you opened it"
    next = "Look at it as it stands now, then decide."


class UnconfirmedWarnings(Problem):
    """Accepting leaves something undone that the person has not confirmed. Its `warnings` are their ids."""

    slug = "unconfirmed-warnings"
    status = HTTPStatus.CONFLICT
    title = "Something is undone about this report"
    next = "Read the warnings, and accept again with those you confirm."


class HoldReasonNeeded(Problem):
    """A report is put on hold for a reason."""

    slug = "hold-reason-needed"
    title = "Say why the report is put on hold"
    next = "Write the reason, then decide again."


class NotARecipient(Problem):
    """Who was named cannot read the report, or is not at this mission's desk."""

    slug = "not-a-recipient"
    title = "The report cannot be given to this person"
    next = "Choose somebody who may read it."


class DecisionKnown(Problem):
    """Another decision has this id."""

    slug = "decision-known"
    status = HTTPStatus.CONFLICT
    title = "Another decision was made under this id"
    next = "Make a new id, and decide again."


class DeclineReasonNeeded(Problem):
    """A team is refused to take its report back for a reason."""

    slug = "decline-reason-needed"
    title = "Say why the report is kept"
    next = "Write the reason, then decide again."


class NoSuchRequest(Problem):
    """The withdrawal asks for nothing: it is in force, was decided of, or does not speak of the report as it stands."""

    slug = "no-such-request"
    status = HTTPStatus.CONFLICT
    title = "Nothing is asked for there any more"
    next = "Look at the report as it stands now."

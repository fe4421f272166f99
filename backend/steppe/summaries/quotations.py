"""Narratives page by page: a page is full of entries, not of reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from steppe.checklists.marks import plain
from steppe.kit.db import ReadSession
from steppe.people.policy import Scope
from steppe.submissions.filters import Filters
from steppe.submissions.models import Submission
from steppe.submissions.scope import newest_submissions
from steppe.summaries.narratives import Entry, QuotedQuestions
from steppe.summaries.queries import published
from steppe.summaries.schemas import NarrativeOut, NarrativesOut

CHUNK: Final = 100
"""Reports looked through at a time; most of an election evening's hold nothing of most themes."""


async def region_narratives(
    session: ReadSession, scope: Scope, filters: Filters, *, theme: str, before: int | None, limit: int
) -> NarrativesOut:
    """Return entries from the newest readable reports, of one theme when it is given, until there are `limit`.

    A report's entries stay together, so a page may hold some more. `before` is null exactly when no report before
    holds another entry: reports are read on until one does.
    """
    quoted = {
        version: (one.form, QuotedQuestions(one.definition, one.reading))
        for version, one in (await published(session, scope)).items()
    }
    holding = [version for version, (_, questions) in quoted.items() if questions.may_hold(theme)]
    narratives: list[NarrativeOut] = []
    while holding:
        reports = await newest_submissions(session, scope, filters, before=before, limit=CHUNK, versions=holding)
        for report in reports:
            entries = _entries(report, quoted, theme)
            if entries and len(narratives) >= limit:
                return NarrativesOut(narratives=narratives, before=report.n + 1)
            narratives += entries
        if len(reports) < CHUNK:
            break
        before = reports[-1].n
        session.expunge_all()
    return NarrativesOut(narratives=narratives, before=None)


def _entries(report: Submission, quoted: Mapping[UUID, tuple[str, QuotedQuestions]], theme: str) -> list[NarrativeOut]:
    form, questions = quoted[report.checklist_version_id]
    return [_narrative(report, form, entry) for entry in questions.entries(report.answers) if entry.has_theme(theme)]


def _narrative(report: Submission, form: str, entry: Entry) -> NarrativeOut:
    return NarrativeOut(
        submission=report.id,
        code=report.code,
        n=report.n,
        form=form,
        region=report.region_code,
        observed_on=report.observed_on,
        path=entry.path,
        question=entry.question.id,
        label=plain(entry.question.label),
        themes=list(entry.themes),
        text=entry.text,
    )

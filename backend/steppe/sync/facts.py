"""What each kind of signed fact asks of the mission before it is stored, and whom its line in the feed tells. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from steppe.missions.feed import Changed
from steppe.submissions.current import Author, SubmissionRow
from steppe.submissions.revision import Reason
from steppe.submissions.scope import QUESTION
from steppe.submissions.signed_fact import QuestionIn, SignedFactIn

Submissions = Mapping[UUID, SubmissionRow]


@dataclass(frozen=True, slots=True)
class _Kind:
    misfit: Callable[[SignedFactIn, Author, Submissions], Reason | None]
    change: Callable[[SignedFactIn, Author, Submissions], Changed]


def fact_misfit(fact: SignedFactIn, author: Author, submissions: Submissions) -> Reason | None:
    """Return why a fact cannot be stored, None when it can. `submissions`: those it may speak of, as they stand."""
    kind = _kinds.get(fact.kind)
    return kind.misfit(fact, author, submissions) if kind else "unknown_fact"


def fact_change(fact: SignedFactIn, author: Author, submissions: Submissions) -> Changed:
    """Return the feed line of a stored fact."""
    return _kinds[fact.kind].change(fact, author, submissions)


def submissions_of(fact: SignedFactIn) -> list[UUID]:
    """Return the submissions a fact speaks of."""
    content = fact.content
    return [content.submission] if isinstance(content, QuestionIn) and content.submission else []


def _question_misfit(fact: SignedFactIn, author: Author, submissions: Submissions) -> Reason | None:
    about = [submissions[one] for one in submissions_of(fact) if one in submissions]
    return "wrong_team" if any(row["team_id"] != author.team_id for row in about) else None


def _question_change(fact: SignedFactIn, author: Author, submissions: Submissions) -> Changed:
    """A question has the level of the report it is about; of one that has not come yet nobody knows it: the strictest.

    About no report it is internal, and of no region.
    """
    line = Changed(QUESTION, str(fact.id), author.team_id, "", "internal", author.origin)
    for key in submissions_of(fact):
        row = submissions.get(key)
        region, level = (row["region_code"], row["level"]) if row else ("", "sealed")
        line = Changed(line.kind, line.object_id, line.team_id, region, level, line.origin)
    return line


_kinds: Final[dict[str, _Kind]] = {QUESTION: _Kind(_question_misfit, _question_change)}
KINDS_TAKEN: Final = tuple(_kinds)
"""Kinds of fact this server takes: a phone holds others back, and the answer to each push says so (`reads`)."""

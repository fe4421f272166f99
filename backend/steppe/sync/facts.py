"""What each kind of signed fact asks of the mission before it is stored, and whom its line in the feed tells. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from steppe.decisions.review_state import WITHDRAWAL
from steppe.missions.feed import Changed
from steppe.queries.replying import KnownQuery, reply_misfit
from steppe.queries.statement import Statement
from steppe.submissions.current import Author, SubmissionRow
from steppe.submissions.revision import Reason
from steppe.submissions.scope import QUERY, QUESTION, REPORT
from steppe.submissions.signed_fact import QuestionIn, ReplyIn, SignedFactIn, WithdrawalIn


@dataclass(frozen=True, slots=True)
class FactAt:
    """A fact with what it meets: who signed it, and what the mission holds of what it speaks of.

    `said`: of a reply, the round it is to as this mission signed it.
    """

    fact: SignedFactIn
    author: Author
    submissions: Mapping[UUID, SubmissionRow]
    queries: Mapping[UUID, KnownQuery]
    said: Statement | None

    @property
    def query(self) -> KnownQuery | None:
        """The query a reply is to, as far as the mission knows it."""
        content = self.fact.content
        return self.queries.get(content.query_id) if isinstance(content, ReplyIn) else None


@dataclass(frozen=True, slots=True)
class _Kind:
    misfit: Callable[[FactAt], Reason | None]
    change: Callable[[FactAt], Changed]


def fact_misfit(at: FactAt) -> Reason | None:
    """Return why a fact cannot be stored, None when it can."""
    kind = _kinds.get(at.fact.kind)
    return kind.misfit(at) if kind else "unknown_fact"


def fact_change(at: FactAt) -> Changed:
    """Return the feed line of a stored fact."""
    return _kinds[at.fact.kind].change(at)


def submissions_of(fact: SignedFactIn, said: Statement | None) -> list[UUID]:
    """Return the submissions a fact speaks of."""
    content = fact.content
    about = content.submission if isinstance(content, (QuestionIn, WithdrawalIn)) else said.submission if said else None
    return [about] if about else []


def _own_misfit(at: FactAt) -> Reason | None:
    about = [at.submissions[one] for one in submissions_of(at.fact, None) if one in at.submissions]
    return "wrong_team" if any(row["team_id"] != at.author.team_id for row in about) else None


def _question_change(at: FactAt) -> Changed:
    """A question about no report is internal, and of no region."""
    region, level = _place_and_level(at, "internal")
    return Changed(QUESTION, str(at.fact.id), at.author.team_id, region, level, at.author.origin)


def _withdrawal_change(at: FactAt) -> Changed:
    """A withdrawal moves its report; of one that has not come nobody at the desk hears."""
    [report] = submissions_of(at.fact, None)
    region, level = _place_and_level(at, "internal")
    return Changed(REPORT, str(report), at.author.team_id, region, level, at.author.origin)


def _reply_misfit(at: FactAt) -> Reason | None:
    reply = at.fact.content
    assert isinstance(reply, ReplyIn)
    return reply_misfit(reply, at.said, (at.author.team_id, at.author.team_code), at.query)


def _reply_change(at: FactAt) -> Changed:
    """A reply moves its query, for the team's phones as for those at the desk who hear of it."""
    reply = at.fact.content
    assert isinstance(reply, ReplyIn)
    known = at.query
    # Of an answer that was asked about before the server forgot it, nobody knows whether it is sealed.
    forgotten = _place_and_level(at, "sealed" if at.said and at.said.path else "internal")
    region, level = (known.region, known.level) if known else forgotten
    return Changed(QUERY, str(reply.query_id), at.author.team_id, region, level, at.author.origin)


def _place_and_level(at: FactAt, level: str) -> tuple[str, str]:
    """Return those of the report a fact is about; of one that has not come yet nobody knows them: the strictest."""
    for key in submissions_of(at.fact, at.said):
        row = at.submissions.get(key)
        if row is None or level == "sealed":
            return "", "sealed"
        return row["region_code"], row["level"]
    return "", level


_kinds: Final[dict[str, _Kind]] = {
    QUESTION: _Kind(_own_misfit, _question_change),
    "reply": _Kind(_reply_misfit, _reply_change),
    WITHDRAWAL: _Kind(_own_misfit, _withdrawal_change),
}
KINDS_TAKEN: Final = tuple(_kinds)
"""Kinds of fact this server takes: a phone holds others back, and the answer to each push says so (`reads`)."""

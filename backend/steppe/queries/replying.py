"""What a reply asks of the query it is to, and what a restored server learns from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from steppe.queries.statement import Statement
from steppe.submissions.signed_fact import ReplyIn


@dataclass(frozen=True, slots=True)
class KnownQuery:
    """A query as the server has it: its teams, the rounds that went to phones, and who hears of it at the desk."""

    teams: frozenset[UUID]
    rounds: frozenset[int]
    region: str
    level: str

    def after(self, said: Statement, team_id: UUID) -> KnownQuery:
        """Return it with what a reply brought back."""
        return replace(self, teams=self.teams | {team_id}, rounds=self.rounds | {said.round})


def reply_misfit(
    reply: ReplyIn, said: Statement | None, team: tuple[UUID, str], known: KnownQuery | None
) -> Literal["unknown_query", "wrong_team"] | None:
    """Return why a reply does not fit, None when it does.

    `said` is the round as this mission signed it (None: it did not, or not with a key in force), `team` the id and the
    code of the team that replies. What the mission signed is believed, whatever the server has forgotten since; without
    that it has to be a round that the server knows. A reply to an earlier round, or to a query that ended, fits: it is
    kept where it belongs.
    """
    team_id, code = team
    if said is not None:
        return None if said.team == code else "wrong_team"
    if known is None or reply.round not in known.rounds:
        return "unknown_query"
    return None if team_id in known.teams else "wrong_team"


def is_forgotten(said: Statement | None, team_id: UUID, known: KnownQuery | None) -> bool:
    """Say whether a statement tells the server of a query, a round or a team of it that it does not know."""
    if said is None:
        return False
    return known is None or said.round not in known.rounds or team_id not in known.teams

"""A query as it stands: what its steps, and what teams replied, come to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

_ORDER = ("asked", "released", "resolved", "withdrawn")
State = Literal["open", "answered", "resolved", "withdrawn"]


class Step(Protocol):
    """A row of `query_step`, as far as its query needs it."""

    seq: int
    step: str
    round: int
    by_id: UUID | None
    at: datetime
    text: str
    priority: str
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a team said to one round, in words or by a revision of the report."""

    id: UUID
    round: int
    team_id: UUID
    device_id: UUID
    text: str
    revision: UUID | None
    made_at: datetime
    received_at: datetime
    seq: int
    is_here: bool = True
    """Whether the revision it names counts in the report: a reply without words answers by nothing else."""

    @property
    def is_answer(self) -> bool:
        """Whether it says anything that is here."""
        return bool(self.text) or self.is_here


@dataclass(slots=True)
class Round:
    """One time that it was asked. `released_at` None: the co-ordinator has not let it go to the phones."""

    number: int
    text: str
    priority: str
    due: datetime | None
    asked_by: UUID | None
    asked_at: datetime
    released_at: datetime | None = None
    replies: list[Reply] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Thread:
    """All rounds of a query, the first first, and whether it ended."""

    rounds: tuple[Round, ...]
    ended: Literal["", "resolved", "withdrawn"]

    @property
    def current(self) -> Round | None:
        """The round phones show: the last one that was released. What was said to an earlier one answers it not."""
        return next((one for one in reversed(self.rounds) if one.released_at is not None), None)

    @property
    def newest(self) -> Round:
        """The last round, released or not."""
        return self.rounds[-1]

    def state_for(self, team_id: UUID) -> State:
        """Return how it stands with one of its teams."""
        if self.ended:
            return self.ended
        return "answered" if self.has_replied(team_id) else "open"

    def has_replied(self, team_id: UUID) -> bool:
        """Say whether a team answered the newest round."""
        return any(reply.team_id == team_id and reply.is_answer for reply in self.newest.replies)

    def state(self, teams: Iterable[UUID]) -> State:
        """Return how it stands: `answered` once each of its teams replied to the newest round."""
        states = {self.state_for(team) for team in teams}
        return "open" if "open" in states or not states else states.pop()


def thread(steps: Iterable[Step], replies: Iterable[Reply]) -> Thread:
    """Return what the steps of one query, and the replies to it, come to, in whatever order they are read.

    An end holds until it is asked again. A reply belongs to the round it was signed for, whenever it arrives; one to a
    round nobody knows counts nowhere.
    """
    rounds: dict[int, Round] = {}
    ended: Literal["", "resolved", "withdrawn"] = ""
    for one in sorted(steps, key=lambda step: (step.seq, step.round, _ORDER.index(step.step))):
        if one.step == "asked":
            rounds[one.round] = Round(one.round, one.text, one.priority, one.due, one.by_id, one.at)
            ended = ""
        elif one.step == "released" and one.round in rounds:
            rounds[one.round].released_at = one.at
        elif one.step == "resolved":
            ended = "resolved"
        elif one.step == "withdrawn":
            ended = "withdrawn"
    for reply in sorted(replies, key=lambda each: each.seq):
        if reply.round in rounds:
            rounds[reply.round].replies.append(reply)
    return Thread(tuple(rounds[number] for number in sorted(rounds)), ended)

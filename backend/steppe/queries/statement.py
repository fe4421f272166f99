"""A round of a query as the mission signs it for a team: what phones show and replies carry (docs/protocol.md §12).

A server that was restored from an older copy may have forgotten the query; what comes back with a reply is its own
word. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from steppe.kit.clock import iso
from steppe.missions.keys import ReceiptKey

QUERY_TYPE: Final = "steppe-query+jws"


@dataclass(frozen=True, slots=True)
class Statement:
    """One round of a query to one team. `team` is its code; `due` and `asked_at` are UTC."""

    mission: UUID
    query: UUID
    round: int
    team: str
    text: str
    theme: str
    priority: str
    asked_at: datetime
    due: datetime | None = None
    submission: UUID | None = None
    path: str = ""
    answers: UUID | None = None

    def payload(self) -> dict[str, Any]:
        """Return what is signed."""
        about = {"submission": str(self.submission), **({"path": self.path} if self.path else {})}
        return {
            "mission": str(self.mission),
            "query": str(self.query),
            "round": self.round,
            "team": self.team,
            "text": self.text,
            "theme": self.theme,
            "priority": self.priority,
            "asked_at": iso(self.asked_at),
            **({"due": iso(self.due)} if self.due else {}),
            **({"about": about} if self.submission else {}),
            **({"answers": str(self.answers)} if self.answers else {}),
        }


def own_statement(token: str, mission_id: UUID, keys: Iterable[ReceiptKey]) -> Statement | None:
    """Return the round in a JWS that this mission signed with one of these keys; None for anything else."""
    for key in keys:
        try:
            read = jws.deserialize_compact(token, ECKey.import_key(key.private), algorithms=["ES256"])
        except (JoseError, ValueError):
            continue
        if read.headers().get("typ") != QUERY_TYPE:
            return None
        found = read_statement(orjson.loads(read.payload))
        return found if found.mission == mission_id else None
    return None


def read_statement(payload: dict[str, Any]) -> Statement:
    """Return the round in a payload that this mission signed. Raises KeyError or ValueError for any other."""
    about = payload.get("about", {})
    return Statement(
        mission=UUID(payload["mission"]),
        query=UUID(payload["query"]),
        round=payload["round"],
        team=payload["team"],
        text=payload["text"],
        theme=payload["theme"],
        priority=payload["priority"],
        asked_at=datetime.fromisoformat(payload["asked_at"]),
        due=datetime.fromisoformat(payload["due"]) if "due" in payload else None,
        submission=UUID(about["submission"]) if about else None,
        path=about.get("path", ""),
        answers=UUID(payload["answers"]) if "answers" in payload else None,
    )

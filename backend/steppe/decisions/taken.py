"""What an item that was kept aside was taken as, frozen in the payload of its decision. Pure.

The inbox says how it came; this says whose report it became, of which version and where: whoever replays the inbox or
merges an edit with it reads that here, however teams, places and phones were moved since.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from steppe.submissions.current import Author
from steppe.submissions.place_index import PlaceNote
from steppe.submissions.revision import RevisionIn


@dataclass(frozen=True, slots=True)
class TakenAs:
    """Whose an item was taken as, and of a report its checklist version and its place.

    `version`: None of what is no report. `note`: None as long as the report waits for what it was made from.
    `signed`: deflated signed bytes of an item that could not be opened when it came; the inbox has its sealed text.
    """

    team_id: UUID
    team_code: str
    letter: str
    origin: str
    version: UUID | None = None
    note: PlaceNote | None = None
    signed: bytes | None = None

    @classmethod
    def of(cls, author: Author, version: UUID | None, note: PlaceNote | None, signed: bytes | None) -> TakenAs:
        """Return what to write down of an item by this author."""
        return cls(author.team_id, author.team_code, author.letter, author.origin, version, note, signed)

    @classmethod
    def read(cls, payload: Mapping[str, Any] | None) -> TakenAs | None:
        """Return what a payload says; None for the one of no decision, or of another kind."""
        if not payload or "team" not in payload:
            return None
        place = payload.get("place")
        return cls(
            UUID(payload["team"]),
            payload["team_code"],
            payload["letter"],
            payload["origin"],
            UUID(payload["version"]) if payload.get("version") else None,
            PlaceNote(place["region"], place["district"], tuple(place["other_places"])) if place else None,
            b64decode(payload["signed"]) if payload.get("signed") else None,
        )

    def payload(self) -> dict[str, Any]:
        """Return it as JSON."""
        said: dict[str, Any] = {
            "team": str(self.team_id),
            "team_code": self.team_code,
            "letter": self.letter,
            "origin": self.origin,
        }
        if self.version is not None:
            said["version"] = str(self.version)
        if self.note is not None:
            region, district, other_places = self.note.region, self.note.district, [*self.note.contradicted]
            said["place"] = {"region": region, "district": district, "other_places": other_places}
        if self.signed is not None:
            said["signed"] = b64encode(self.signed).decode()
        return said

    def author(self, author: Author) -> Author:
        """Return the author of an item as it was taken."""
        return replace(author, team_id=self.team_id, team_code=self.team_code, letter=self.letter, origin=self.origin)

    def revision(self, revision: RevisionIn) -> RevisionIn:
        """Return a revision as of the version it was taken for."""
        return replace(revision, checklist_version=self.version) if self.version else revision

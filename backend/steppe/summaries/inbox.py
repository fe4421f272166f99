"""Reading the inbox again for a replay: signed revisions in order, with what was written down when each came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, exists, null, select, tuple_, update
from sqlmodel import col

from steppe.decisions.models import Decision
from steppe.decisions.queries import NUMBER_OF_REVISION, took
from steppe.decisions.taken import TakenAs
from steppe.kit.columns import table_of
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.problems import Problem
from steppe.people.models import Team
from steppe.submissions.commands import NumberedFact, NumberedRevision
from steppe.submissions.current import CLOSE_NOTHING, LEVEL_QUESTION, Author
from steppe.submissions.models import Revision, SignedFact
from steppe.submissions.opening import read_signed
from steppe.submissions.place_index import PlaceNote
from steppe.submissions.queries import PAGE, authors
from steppe.submissions.revision import RevisionIn
from steppe.submissions.signed_fact import Made, parse_made
from steppe.sync.held_reports import taken_revision
from steppe.sync.models import InboxItem

Session = ReadSession | WriteSession
_NOTED = (
    col(InboxItem.origin),
    col(InboxItem.team_id),
    col(InboxItem.letter),
    col(InboxItem.region_code),
    col(InboxItem.district_code),
    col(InboxItem.other_places),
)
"""What the inbox holds of the moment in which an item came."""


class DamagedInbox(Problem):
    """Stored bytes are not the revision they were when they came."""

    slug = "damaged-inbox"
    title = "The inbox is damaged"
    next = "Restore the database from the last backup; phones then offer again what they still hold."


@dataclass(frozen=True, slots=True)
class ReceivedRevision:
    """A revision as the inbox holds it: its number, when and from whom it came, and where the list placed it then.

    `n`: since when it counts, `seq` or the number of the decision that took it. `note` is None for one that an earlier
    version took in and nobody has placed since.
    """

    seq: int
    n: int
    received_at: datetime
    revision: RevisionIn
    author: Author
    note: PlaceNote | None
    waits_for: tuple[str, ...] = ()
    """What its row says that it waits for."""


class Authors:
    """Who signed what is in a mission's inbox, as they stood when it came."""

    def __init__(self, devices: Mapping[UUID, Author], teams: Mapping[UUID, str]) -> None:
        """Keep the devices as they stand now, and the codes of teams by their ids."""
        self._devices = devices
        self._teams = teams

    @classmethod
    async def read(cls, session: Session, mission_id: UUID) -> Authors:
        """Return those of a mission."""
        query = select(col(Team.id), col(Team.code)).where(col(Team.mission_id) == mission_id)
        teams = {row.id: row.code for row in (await session.execute(query)).all()}
        return cls(await authors(session, mission_id), teams)

    def then(self, made: Made, row: Row[Any]) -> Author:
        """Return who an item's author was when it came, or as whose it was taken out of quarantine.

        As they are now where that was not written down.
        """
        author = replace(self._devices[made.device], origin=row.origin)
        taken = TakenAs.read(row.payload)
        if taken is not None:
            return taken.author(author)
        if row.team_id is None:
            return author
        return replace(author, team_id=row.team_id, team_code=self._teams[row.team_id], letter=row.letter)


async def missing_rows(
    session: Session, mission_id: UUID, known: Authors
) -> tuple[list[NumberedRevision], list[NumberedFact]]:
    """Return the stored items whose revision, or other signed fact, is not in its table. Raises DamagedInbox."""
    columns = (InboxItem.seq, InboxItem.raw, InboxItem.pusher_id, InboxItem.received_at)
    of_the_mission = select(*map(col, columns), *_NOTED, col(Decision.payload)).where(
        col(InboxItem.mission_id) == mission_id
    )
    is_decided = (col(Decision.mission_id) == col(InboxItem.mission_id)) & (
        col(Decision.inbox_seq) == col(InboxItem.seq)
    )
    is_taken = is_decided & (col(Decision.kind) == "taken")
    queries = (
        of_the_mission.outerjoin(Decision, is_taken).where(
            col(InboxItem.outcome) == "stored",
            *(
                ~exists().where(col(table.mission_id) == mission_id, col(table.id) == col(InboxItem.revision_id))
                for table in (Revision, SignedFact)
            ),
        ),
        # What could not be read when it came has no id there: it is looked for by its number.
        of_the_mission.join(Decision, is_taken).where(
            *(
                ~exists().where(col(table.mission_id) == mission_id, col(table.seq) == col(InboxItem.seq))
                for table in (Revision, SignedFact)
            ),
        ),
    )
    rows = [row for query in queries for row in (await session.execute(query)).all()]
    revisions, facts = list[NumberedRevision](), list[NumberedFact]()
    for row in sorted(rows, key=lambda row: row.seq):
        made = _read_made(row.seq, _raw(row))
        if isinstance(made, RevisionIn):
            revisions.append(NumberedRevision(made, row.seq, row.pusher_id))
        else:
            facts.append(NumberedFact(made, known.then(made, row).team_id, row.seq, row.received_at))
    return revisions, facts


def _raw(row: Row[Any]) -> bytes:
    """Return the signed bytes of a row of the inbox, which the decision holds where it could not be opened."""
    taken = TakenAs.read(row.payload)
    return (taken and taken.signed) or row.raw


def _read_made(seq: int, raw: bytes) -> Made:
    try:
        signed = read_signed(raw)
        found = parse_made(signed.canonical, UUID(signed.kid))
    except ValueError as error:
        raise DamagedInbox(f"inbox item {seq}: {error}") from error
    if isinstance(found, str):
        raise DamagedInbox(f"inbox item {seq}: {found}")
    return found


async def closings(
    session: Session, mission_id: UUID, known: Authors
) -> dict[UUID, list[tuple[int, RevisionIn, Author]]]:
    """Return by submission the edits kept aside that speak of its level, with number and author, last first.

    Raises DamagedInbox.
    """
    query = (
        select(col(InboxItem.seq), col(InboxItem.raw), *_NOTED, null().label("payload"))
        .where(
            col(InboxItem.mission_id) == mission_id,
            col(InboxItem.outcome) == "quarantined",
            col(InboxItem.revision_id).is_not(None),
            col(InboxItem.reason).not_in(sorted(CLOSE_NOTHING)),
        )
        .order_by(col(InboxItem.seq).desc())
    )
    found: dict[UUID, list[tuple[int, RevisionIn, Author]]] = defaultdict(list)
    for row in (await session.execute(query)).all():
        revision = _read_made(row.seq, row.raw)
        if isinstance(revision, RevisionIn) and revision.patch.get(LEVEL_QUESTION) is not None:
            found[revision.submission].append((row.seq, revision, known.then(revision, row)))
    return found


async def revisions_after(
    session: Session, mission_id: UUID, after: tuple[UUID, int] | None, known: Authors
) -> list[ReceivedRevision]:
    """Return the next PAGE revisions by submission and since when they count. Raises DamagedInbox."""
    place = (col(Revision.submission_id), NUMBER_OF_REVISION)
    columns = (Revision.seq, Revision.waits_for, InboxItem.received_at, InboxItem.raw)
    query = (
        select(place[0], place[1].label("n"), *map(col, columns), *_NOTED, col(Decision.payload))
        .join(
            InboxItem,
            (col(InboxItem.mission_id) == col(Revision.mission_id)) & (col(InboxItem.seq) == col(Revision.seq)),
        )
        .outerjoin(Decision, took(Revision))
        .where(col(Revision.mission_id) == mission_id)
        .order_by(*place)
        .limit(PAGE)
    )
    if after is not None:
        query = query.where(tuple_(*place) > after)
    return [_received(row, known) for row in (await session.execute(query)).all()]


def _received(row: Row[Any], known: Authors) -> ReceivedRevision:
    try:
        revision, taken = taken_revision(row.raw, row.payload)
    except ValueError as error:
        raise DamagedInbox(f"inbox item {row.seq}: {error}") from error
    noted = None
    if row.region_code is not None:
        noted = PlaceNote(row.region_code, row.district_code, tuple(row.other_places))
    if taken is not None:
        noted = taken.note
    author = known.then(revision, row)
    return ReceivedRevision(row.seq, row.n, row.received_at, revision, author, noted, tuple(row.waits_for))


def note_values(received: ReceivedRevision, note: PlaceNote) -> dict[str, Any]:
    """Return what `write_notes` writes down of a revision."""
    return {
        "number": received.seq,
        "team": received.author.team_id,
        "its_letter": received.author.letter,
        "region": note.region,
        "district": note.district,
        "contradicted": list(note.contradicted),
    }


async def write_notes(session: WriteSession, mission_id: UUID, notes: Sequence[dict[str, Any]]) -> None:
    """Write down of revisions what was not yet: author and place as a replay took them, each as `note_values` says."""
    if not notes:
        return
    table = table_of(InboxItem)
    statement = (
        update(table)
        .where(table.c.mission_id == mission_id, table.c.seq == bindparam("number"))
        .values(
            team_id=bindparam("team"),
            letter=bindparam("its_letter"),
            region_code=bindparam("region"),
            district_code=bindparam("district"),
            other_places=bindparam("contradicted"),
        )
    )
    await (await session.connection()).execute(statement, notes)

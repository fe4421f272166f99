"""Judging again what was kept aside: by the rules of a push as they are now, and as a person says it is meant."""

from __future__ import annotations

from asyncio import to_thread
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col

from steppe.checklists.definition import Definition
from steppe.kit.db import ReadSession
from steppe.missions.mission_keys import MissionKeys
from steppe.people.models import Person, Team
from steppe.people.policy import SEALED, ReportFacts
from steppe.quarantine.problems import UnknownChoice
from steppe.submissions.commands import held_submissions
from steppe.submissions.current import LEVEL_QUESTION, Author, SubmissionRow, level_after
from steppe.submissions.merging import HeldReport
from steppe.submissions.mission_cache import MissionCache
from steppe.submissions.place_index import PlaceIndex, PlaceNote
from steppe.submissions.revision import Reason
from steppe.sync.facts import submissions_of
from steppe.sync.held_reports import held_reports, withdrawn_versions
from steppe.sync.items import Item, check_item, misfit, read_item, reopened, with_checklist, with_query, with_submission
from steppe.sync.models import InboxItem

ONLY_APART: Final[frozenset[str]] = frozenset({"sequence_reused", "same_id_other_content"})
"""Reasons for which nothing can be taken: what stands under its number, or under its id, is there and stays."""
LEFT_TO_PEOPLE: Final = ONLY_APART | {"revoked_device"}
"""Reasons that no command ends: what a refused phone signed is not believed because it is let in again."""
_A_PERSON_MAY: Final[frozenset[Reason]] = frozenset({"revoked_device", "wrong_team"})
"""What a person may set aside: it says whose a report is, not what it says."""


class Choice(NamedTuple):
    """What a person says an item is meant as; None each: as it is."""

    team: str | None = None
    region: str | None = None
    version: UUID | None = None


AS_IT_IS: Final = Choice()


class Kept(NamedTuple):
    """A row of the inbox that was kept aside."""

    seq: int
    received_at: datetime
    reason: str
    pusher_id: UUID | None
    maker_id: UUID | None
    origin: str
    team_id: UUID | None
    letter: str
    sealed_hash: str
    raw: bytes
    raw_form: str


@dataclass(frozen=True, slots=True)
class Judged:
    """An item as it is judged now, and what it would become."""

    mission_id: UUID
    kept: Kept
    item: Item
    definition: Definition | None = None
    """Of the report it makes or edits, or takes back."""

    version: UUID | None = None
    """Of that definition."""

    report: HeldReport = field(default_factory=HeldReport)
    has_person: bool = True
    """Whether the mission knows the observer it names."""

    @property
    def reason(self) -> str | None:
        """What speaks against taking it as it was chosen, as far as that is known before it is stored."""
        item = self.item
        if self.kept.reason in ONLY_APART:
            return self.kept.reason
        if item.reason is not None or item.author is None:
            return item.reason or "unreadable"
        if not self.has_person:
            return "wrong_team"
        return misfit(item.revision, item.author, self.report.row) if item.revision else None

    @property
    def row(self) -> SubmissionRow | None:
        """The report it would make, None when it makes none yet."""
        return self.item.arrival.row if self.item.arrival else None

    @property
    def facts(self) -> ReportFacts | None:
        """Who may read what it says, by the strictest of what is known; None when that is of no report."""
        revision, author = self.item.revision, self.item.author
        if author is None:
            return None
        if revision is None:
            return self._of_subject
        mission, origin = self.mission_id, author.origin
        if self.row is not None:
            row = self.row
            themes = frozenset(row["themes"].split())
            return ReportFacts(mission, row["region_code"], row["level"], themes, origin)
        before = self.report.row
        answered = revision.patch.get(LEVEL_QUESTION)
        # An edit of a report that is not here may have been made from a sealed one.
        unknown = SEALED if revision.base and before is None else None
        level = level_after(before["level"] if before else unknown, answered)
        themes = frozenset(before["themes"].split()) if before else frozenset[str]()
        return ReportFacts(mission, before["region_code"] if before else "", level, themes, origin)

    @property
    def standing(self) -> ReportFacts | None:
        """Who reads and decides of the report it changes, as that stands now; None where none is here."""
        row = self.report.row
        if row is None or row["mission_id"] != self.mission_id:
            return None
        themes = frozenset(row["themes"].split())
        return ReportFacts(self.mission_id, row["region_code"], row["level"], themes, row["origin"])

    @property
    def _of_subject(self) -> ReportFacts | None:
        """Of a signed fact: as its report; of one that is not here nobody knows how strictly it is to be read."""
        fact, author = self.item.fact, self.item.author
        if fact is None or author is None or not (submissions_of(fact, self.item.query) or fact.kind == "reply"):
            return None
        return self.standing or ReportFacts(self.mission_id, "", SEALED, frozenset(), author.origin)


def kept_statement(mission_id: UUID) -> Select[Any]:
    """Select what was kept aside in a mission, as `Kept`, oldest first."""
    columns = [col(getattr(InboxItem, name)) for name in Kept._fields]
    return (
        select(*columns)
        .where(col(InboxItem.mission_id) == mission_id, col(InboxItem.outcome) == "quarantined")
        .order_by(col(InboxItem.seq))
    )


async def kept_item(session: ReadSession, mission_id: UUID, seq: int) -> Kept | None:
    """Return an item that was kept aside, None when the mission has none under this number."""
    row = (await session.execute(kept_statement(mission_id).where(col(InboxItem.seq) == seq))).one_or_none()
    return Kept(*row) if row else None


async def judge(
    missions: MissionCache, mission_id: UUID, kept: Kept, choice: Choice = AS_IT_IS, *, by_person: bool
) -> Judged:
    """Judge an item again, outside any transaction, as a person chose it or strictly (`by_person` False).

    Its author is who they were when it came. Raises UnknownChoice.
    """
    mission = await missions.mission(mission_id)
    item = await to_thread(_read, kept, mission.keys)
    signers = await missions.signers(mission_id, {item.device_id} if item.device_id else ())
    item = await to_thread(read_item, item, signers)
    if item.author is not None and item.names_another_team:
        moved = await missions.with_former(mission_id, {item.author.device_id: signers[item.author.device_id]})
        item = await to_thread(read_item, item, moved)
    if item.made is None or item.author is None:
        return Judged(mission_id, kept, item)
    if by_person and item.reason in _A_PERSON_MAY:
        item = replace(item, reason=None)
    item = with_query(item, mission.keys.receipt_keys(), mission_id)
    if item.fact is not None and choice != AS_IT_IS:
        # Whose a reply or a withdrawal is, its signature says, and nothing else of it can be chosen.
        raise UnknownChoice
    async with missions.read() as session:
        item = replace(item, author=await _author(session, mission_id, kept, item, choice.team))
        has_person = await _has_person(session, mission_id, item)
        report = HeldReport()
        if item.revision is not None:
            key = item.revision.submission
            report = (await held_reports(session, mission_id, {key})).get(key, report)
        elif item.fact is not None:
            spoken_of = submissions_of(item.fact, item.query)
            rows = await held_submissions(session, spoken_of)
            report = HeldReport(next(iter(rows.values()), None))
        their = await withdrawn_versions(session, mission_id, [item])
    if item.revision is None:
        versions = await missions.definitions(mission_id, {*their.values()})
        item = with_checklist(item, their, versions)
        [version, definition] = next(iter(versions.items()), (None, None))
        return Judged(mission_id, kept, item, definition, version, report, has_person)
    version = choice.version or item.revision.checklist_version
    item = replace(item, revision=replace(item.revision, checklist_version=version))
    definitions = await missions.definitions(mission_id, {version})
    if choice.version is not None and version not in definitions:
        raise UnknownChoice
    note = _note(mission.places, choice.region)
    item = await to_thread(_projected, item, definitions, mission.places, report, note)
    return Judged(mission_id, kept, item, definitions.get(version), version, report, has_person)


def _read(kept: Kept, keys: MissionKeys) -> Item:
    return reopened(kept.raw, kept.raw_form, kept.sealed_hash, keys.transport)


def _projected(
    item: Item, definitions: dict[UUID, Definition], places: PlaceIndex, report: HeldReport, note: PlaceNote | None
) -> Item:
    item = check_item(item, definitions)
    assert item.revision is not None
    return with_submission(item, definitions, places, {item.revision.submission: report}, note)


def _note(places: PlaceIndex, region: str | None) -> PlaceNote | None:
    if region is None:
        return None
    if region not in places.regions:
        raise UnknownChoice
    return PlaceNote(region, "", ())


async def _author(session: ReadSession, mission_id: UUID, kept: Kept, item: Item, chosen: str | None) -> Author:
    """Return whose it was when it came, or is as it was chosen. Its code stays the one that its phone shows."""
    made, author = item.made, item.author
    assert made is not None
    assert author is not None
    query = select(col(Team.id), col(Team.code), col(Team.origin)).where(col(Team.mission_id) == mission_id)
    teams = (await session.execute(query)).all()
    letter = kept.letter or author.letter
    if chosen is not None:
        team = next((team for team in teams if team.code == chosen), None)
        if team is None:
            raise UnknownChoice
        return replace(author, team_id=team.id, team_code=made.team, origin=team.origin, letter=letter)
    # What it came under, where that is the team it is signed with: else whose it is found to be by now, if that is.
    came_under = next((team for team in teams if team.id == kept.team_id), None)
    if came_under is None or (came_under.code != made.team and author.team_code == made.team):
        return author
    return replace(author, team_id=came_under.id, team_code=made.team, origin=kept.origin, letter=letter)


async def _has_person(session: ReadSession, mission_id: UUID, item: Item) -> bool:
    assert item.made is not None
    query = select(col(Person.id)).where(col(Person.mission_id) == mission_id, col(Person.id) == item.made.author)
    return (await session.execute(query)).first() is not None

"""What the desk reads of the queue: which items wait for a person, and of each what the reader may read and do."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.answers import check_answers
from steppe.checklists.marks import plain
from steppe.decisions.models import Decision
from steppe.decisions.queries import colleagues
from steppe.kit.db import ReadSession
from steppe.missions.models import Region
from steppe.people.models import Device, Team
from steppe.people.policy import Scope
from steppe.quarantine.judging import ONLY_APART, Judged
from steppe.quarantine.queue import in_queue, is_decided_by, is_read_by, phone_of_item
from steppe.review.report import Report
from steppe.review.schemas import ApartOut, HeldItemOut, OfferOut, QuarantinedOut, QuarantineOut
from steppe.submissions.current import Author
from steppe.submissions.revision import RevisionIn
from steppe.submissions.scope import scoped_submission
from steppe.summaries.queries import published
from steppe.sync.fence import Fence
from steppe.sync.models import InboxItem

QUARANTINE_SHOWN: Final = 100
SHOWN_OF_A_KIND: Final = 10
"""Newest items shown of one phone and one reason: noise from a phone must not push out what others sent."""
UNREAD_SHOWN: Final = 20
"""Questions named of one item whose answers do not fit."""
_PATH_SHOWN: Final = 200


async def quarantine(session: ReadSession, scope: Scope, *, is_apart: bool = False) -> QuarantineOut:
    """Return what waits in the queue, or is kept apart: how many by reason, and the newest of each phone and reason."""
    last = _last_decisions(scope.mission).subquery()
    held = in_queue(scope)
    told = [*held, last.c.kind.is_(None)] if not is_apart else [*held, last.c.kind == "kept_apart"]
    of_the_item = last.c.seq == col(InboxItem.seq)
    counts = (
        select_columns(col(InboxItem.reason), last.c.kind, func.count())
        .outerjoin(last, of_the_item)
        .where(*held)
        .group_by(col(InboxItem.reason), last.c.kind)
    )
    counted = (await session.execute(counts)).all()
    reasons = {reason: n for reason, kind, n in counted if kind == ("kept_apart" if is_apart else None)}
    of_a_kind = (phone_of_item, col(InboxItem.reason))
    place = func.row_number().over(partition_by=of_a_kind, order_by=col(InboxItem.seq).desc())
    ranked = (
        select_columns(
            col(InboxItem.seq),
            col(InboxItem.reason),
            col(InboxItem.received_at),
            phone_of_item.label("phone_id"),
            last.c.id.label("decision_id"),
            place.label("place"),
        )
        .outerjoin(last, of_the_item)
        # SQLite takes another index of the mission's without a bound on the number, and walks the whole inbox by it.
        .where(*told, col(InboxItem.seq) > 0)
        .subquery()
    )
    query = (
        select_columns(
            ranked.c.seq, ranked.c.reason, ranked.c.received_at, col(Team.code), col(Device.letter), Decision
        )
        # Taken at the desk and signed by nobody known: of no phone.
        .outerjoin(Device, (col(Device.id) == ranked.c.phone_id) & (col(Device.mission_id) == scope.mission))
        .outerjoin(Team, col(Team.id) == col(Device.team_id))
        .outerjoin(Decision, (col(Decision.id) == ranked.c.decision_id) & (col(Decision.mission_id) == scope.mission))
        .where(ranked.c.place <= SHOWN_OF_A_KIND)
        .order_by(ranked.c.seq.desc())
        .limit(QUARANTINE_SHOWN)
    )
    people = await colleagues(session, scope.mission) if is_apart else {}
    items = [
        QuarantinedOut(
            seq=seq,
            reason=reason,
            received_at=at,
            team=team or "",
            device=letter or "",
            apart=_apart_out(decision, people, scope) if decision else None,
        )
        for seq, reason, at, team, letter, decision in (await session.execute(query)).all()
    ]
    apart = sum(n for _, kind, n in counted if kind == "kept_apart")
    return QuarantineOut(count=sum(reasons.values()), reasons=reasons, items=items, apart=apart)


def _last_decisions(mission_id: UUID) -> Any:
    """Select number of the inbox, id and kind of the last decision about each item."""
    mine = (col(Decision.mission_id) == mission_id, col(Decision.inbox_seq).is_not(None))
    last = select_columns(func.max(col(Decision.n))).where(*mine).group_by(col(Decision.inbox_seq))
    return select_columns(col(Decision.inbox_seq).label("seq"), col(Decision.id), col(Decision.kind)).where(
        *mine, col(Decision.n).in_(last)
    )


def _apart_out(decision: Decision, people: Mapping[UUID, Any], scope: Scope) -> ApartOut:
    """The reason may quote what the item says: it is for whoever reads that level."""
    return ApartOut(
        n=decision.n,
        text=decision.text if decision.level in scope.levels else "",
        author=people.get(decision.author_id) if decision.author_id else None,
        made_at=decision.made_at,
    )


async def held_item(session: ReadSession, scope: Scope, judged: Judged) -> HeldItemOut:
    """Return one item that somebody with this scope is told of, as they may read it."""
    revision, author = judged.item.revision, judged.item.author
    decides = await is_decided_by(session, scope, judged)
    is_read = is_read_by(scope, judged)
    told = HeldItemOut(
        seq=judged.kept.seq,
        reason=judged.kept.reason,
        reason_now=judged.reason,
        title={},
        code="",
        submission=None,
        level=None,
        sections=[],
        unread=[],
        may_decide=decides,
        may_take=decides and judged.reason is None,
        teams=[],
        regions=[],
        versions=[],
    )
    if revision is None or author is None:
        return told
    if is_read:
        edited = await scoped_submission(session, scope, revision.submission)
        told = told.model_copy(update=await to_thread(_read_part, judged, revision, author, scope.sees_sealed))
        told.submission = edited.id if edited else None
    if decides and judged.kept.reason not in ONLY_APART:
        forms = await published(session, scope)
        teams = select(Team).where(Team.mission_id == scope.mission).order_by(Team.code)
        regions = select(Region).where(Region.mission_id == scope.mission).order_by(Region.code)
        told.teams = [
            OfferOut(code=team.code, name={}) for team in (await session.exec(teams)).all() if team.id != author.team_id
        ]
        told.regions = [
            OfferOut(code=region.code, name=region.name)
            for region in (await session.exec(regions)).all()
            if scope.decided.has_region(region.code)
        ]
        fitting = await to_thread(
            _fitting, revision, {key: form.definition for key, form in forms.items() if form.is_readable}
        )
        told.versions = [
            OfferOut(code=str(key), name=_named(form.definition))
            for key, form in forms.items()
            if key in fitting and key != revision.checklist_version
        ]
    return told


def _read_part(judged: Judged, revision: RevisionIn, author: Author, sees_sealed: bool) -> dict[str, Any]:
    """Return, as members of a HeldItemOut, what somebody reads who reads the item. Blocks."""
    facts, definition = judged.facts, judged.definition
    part: dict[str, Any] = {
        "code": f"{author.team_code}-{author.letter}{revision.device_seq:03d}",
        "level": facts.level if facts else None,
        "unread": sorted(path[:_PATH_SHOWN] for path in revision.patch)[:UNREAD_SHOWN],
    }
    if definition is None:
        return part
    # Somebody else's answers to somebody else's checklist: what it meets here must not shut the queue.
    with Fence("derive"):
        odd = {problem.path for problem in check_answers(definition, revision.patch)}
        fitting = {path: value for path, value in revision.patch.items() if path not in odd and value is not None}
        report = Report(definition, fitting, [], sees_sealed=sees_sealed, places={})
        part |= {
            "title": plain(definition.title),
            "sections": report.sections(),
            "unread": sorted(path[:_PATH_SHOWN] for path in odd)[:UNREAD_SHOWN],
        }
    return part


def _named(definition: Definition) -> dict[str, str]:
    return {language: f"{text} ({definition.version})" for language, text in plain(definition.title).items()}


def _fitting(revision: RevisionIn, versions: Mapping[UUID, Definition]) -> set[UUID]:
    """Return the versions whose questions the answers of a revision fit. Blocks."""
    fitting = set()
    for key, definition in versions.items():
        with Fence("check"):
            if not check_answers(definition, revision.patch):
                fitting.add(key)
    return fitting

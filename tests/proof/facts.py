"""What the server of the proof holds in the end, as far as promises speak of it."""

import hashlib
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlmodel import col

from steppe.attachments.blob_names import whole_name
from steppe.attachments.models import Attachment
from steppe.kit.blobs import Blobs
from steppe.kit.db import ReadSession
from steppe.missions.models import Change, Mission, MissionCounter
from steppe.people.models import Device, Team
from steppe.people.policy import whole_mission
from steppe.review.phones import teams_heard
from steppe.submissions.models import Submission
from steppe.submissions.opening import read_signed
from steppe.submissions.sealing import content_hash
from steppe.sync.models import InboxItem


async def held(session: ReadSession, mission_id: UUID) -> dict[str, Any]:
    """Return everything; `attachments` as rows, whose bytes are for `is_whole`."""
    mission = await session.get_one(Mission, mission_id)
    counter = await session.get_one(MissionCounter, mission_id)
    numbers = select(col(Change.n)).where(col(Change.mission_id) == mission_id).order_by(col(Change.n))
    uploads = select(Attachment).where(col(Attachment.mission_id) == mission_id)
    return {
        "epoch": mission.epoch,
        "n": counter.n,
        "feed": [n for (n,) in (await session.execute(numbers)).all()],
        "inbox": await _inbox(session, mission_id),
        "submissions": await _submissions(session, mission_id),
        "attachments": (await session.execute(uploads)).scalars().all(),
        "devices": await _devices(session, mission_id),
        "missing": await _missing(session, mission_id),
    }


async def _inbox(session: ReadSession, mission_id: UUID) -> list[dict[str, Any]]:
    query = select(InboxItem).where(col(InboxItem.mission_id) == mission_id).order_by(col(InboxItem.seq))
    return [_item(item) for item in (await session.execute(query)).scalars().all()]


def _item(item: InboxItem) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "seq": item.seq,
        "outcome": item.outcome,
        "reason": item.reason,
        "id": str(item.revision_id) if item.revision_id else None,
        "hash": item.hash,
    }
    if item.raw_form == "signed":
        canonical = read_signed(item.raw).canonical
        facts["rehashed"] = content_hash(canonical)
        facts["revision"] = orjson.loads(canonical)
    return facts


async def _submissions(session: ReadSession, mission_id: UUID) -> dict[str, str]:
    """Return the team of each."""
    query = (
        select(col(Submission.id), col(Team.code))
        .join(Team, col(Team.id) == col(Submission.team_id))
        .where(col(Submission.mission_id) == mission_id)
    )
    return {str(key): team for key, team in (await session.execute(query)).all()}


async def _devices(session: ReadSession, mission_id: UUID) -> dict[str, dict[str, Any]]:
    """Return of each phone its team, and how many reports it has said it made."""
    query = (
        select(col(Device.id), col(Team.code), col(Device.device_seq_made))
        .join(Team, col(Team.id) == col(Device.team_id))
        .where(col(Device.mission_id) == mission_id)
    )
    return {str(key): {"team": team, "made": made} for key, team, made in (await session.execute(query)).all()}


async def _missing(session: ReadSession, mission_id: UUID) -> dict[str, int]:
    """Return what the desk is told: how many reports of each team nobody holds."""
    told = await teams_heard(session, whole_mission(mission_id, "head"))
    return {team.code: team.waiting + team.skipped for team in told.teams}


async def is_whole(blobs: Blobs, upload: Attachment) -> bool:
    """Say whether the bytes are there and are those that were named."""
    if upload.completed_at is None:
        return False
    try:
        content = await blobs.get(whole_name(upload.mission_id, upload.sha256))
    except FileNotFoundError:
        return False
    return len(content) == upload.size and hashlib.sha256(content).hexdigest() == upload.sha256

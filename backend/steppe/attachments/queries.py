"""Reads of attachments."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlmodel import col, or_, select

from steppe.attachments.blob_names import whole_name
from steppe.attachments.models import Attachment, AttachmentChunk
from steppe.kit.blobs import Blobs
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.problems import NotFound
from steppe.people.access import DeskCaller, DeviceCaller
from steppe.people.models import Device
from steppe.people.policy import Scope
from steppe.submissions.models import AsideAttachment, Revision, RevisionAttachment, RevisionBringer
from steppe.submissions.opening import CannotOpenError, decrypted_attachment
from steppe.submissions.scope import scoped_submission_ids


@dataclass(frozen=True, slots=True)
class OpenedAttachment:
    """An attachment in clear, with the report and the answer it belongs to."""

    content: bytes
    type: str
    submission_id: UUID
    path: str


async def whole_attachments(
    session: ReadSession | WriteSession, mission_id: UUID, hashes: Collection[str]
) -> dict[str, Attachment]:
    """Return by their SHA-256 which of these the mission holds whole and verified, as its rows claim."""
    query = select(Attachment).where(
        Attachment.mission_id == mission_id,
        col(Attachment.sha256).in_(hashes),
        col(Attachment.completed_at).is_not(None),
    )
    return {whole.sha256: whole for whole in (await session.exec(query)).all()}


async def is_brought_by(session: ReadSession | WriteSession, caller: DeviceCaller | DeskCaller, sha256: str) -> bool:
    """Say whether a phone may bring these bytes: a revision of its team names them, or one that it delivered itself.

    A push token adds what its team made and what it delivered for others, first or again, nothing more: to everybody
    else the file does not exist. What a report kept aside names is brought by the phone that made or delivered it. The
    desk, which takes sealed copies of every team, brings what any revision names.
    """
    if isinstance(caller, DeskCaller):
        allowed: ColumnElement[bool] = true()
    else:
        again = (
            select(RevisionBringer.revision_id)
            .where(
                RevisionBringer.mission_id == caller.mission_id,
                RevisionBringer.revision_id == Revision.id,
                RevisionBringer.device_id == caller.device_id,
            )
            .exists()
        )
        # In whosever hands a revoked phone is, it has no business with what others of its team made.
        own = (
            col(Device.team_id) == caller.team_id
            if caller.revoked_at is None
            else col(Revision.device_id) == caller.device_id
        )
        allowed = or_(own, col(Revision.pusher_id) == caller.device_id, again)
    query = (
        select(RevisionAttachment.size)
        .join(Revision, col(Revision.id) == col(RevisionAttachment.revision_id))
        .join(Device, col(Device.id) == col(Revision.device_id))
        .where(
            col(RevisionAttachment.mission_id) == caller.mission_id,
            col(Revision.mission_id) == caller.mission_id,
            col(RevisionAttachment.sha256) == sha256,
            allowed,
        )
        .limit(1)
    )
    if (await session.exec(query)).first() is not None:
        return True
    aside = select(AsideAttachment.seq).where(
        AsideAttachment.mission_id == caller.mission_id, AsideAttachment.sha256 == sha256
    )
    if isinstance(caller, DeviceCaller):
        aside = aside.where(AsideAttachment.device_id == caller.device_id)
    return (await session.exec(aside.limit(1))).first() is not None


async def upload(session: ReadSession, mission_id: UUID, sha256: str) -> Attachment:
    """Return an upload, finished or not. Raises NotFound."""
    found = await session.get(Attachment, (mission_id, sha256))
    if found is None:
        raise NotFound
    return found


async def counted_chunks(session: ReadSession | WriteSession, mission_id: UUID, sha256: str) -> dict[int, str]:
    """Return the SHA-256 of each listed piece of an upload by its offset."""
    query = select(AttachmentChunk.offset, AttachmentChunk.digest).where(
        AttachmentChunk.mission_id == mission_id, AttachmentChunk.sha256 == sha256
    )
    return dict((await session.exec(query)).all())


async def readable_attachment(session: ReadSession, scope: Scope, sha256: str) -> RevisionAttachment:
    """Return what a report says of a whole attachment, by the SHA-256 (hex) of its encrypted or of its plain bytes.

    An attachment is read by whoever may read its report. Raises NotFound when it is unknown, not whole yet, or of
    reports outside the scope only.
    """
    query = (
        select(RevisionAttachment)
        .join(
            Attachment,
            (col(Attachment.mission_id) == col(RevisionAttachment.mission_id))
            & (col(Attachment.sha256) == col(RevisionAttachment.sha256)),
        )
        .where(
            col(RevisionAttachment.mission_id) == scope.mission,
            or_(col(RevisionAttachment.sha256) == sha256, col(RevisionAttachment.plain_sha256) == sha256),
            col(Attachment.completed_at).is_not(None),
            col(RevisionAttachment.submission_id).in_(scoped_submission_ids(scope)),
        )
        .limit(1)
    )
    found = (await session.exec(query)).first()
    if found is None:
        raise NotFound
    return found


async def open_attachment(blobs: Blobs, found: RevisionAttachment) -> OpenedAttachment:
    """Return the plain bytes of an attachment that `readable_attachment` found; while no session is open.

    Raises BlobsAway, and NotFound when its report holds another key than it was sealed with, or the store has lost it.
    """
    try:
        content = decrypted_attachment(await blobs.get(whole_name(found.mission_id, found.sha256)), found.key)
    except (CannotOpenError, FileNotFoundError) as error:
        # The phone sealed it with another key than its report says: the bytes are kept, but nobody can read them. Or
        # they are gone: whoever brings the report or asks for the receipt again hears that they are needed.
        raise NotFound from error
    return OpenedAttachment(content, found.type, found.submission_id, found.path)

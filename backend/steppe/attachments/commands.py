"""Writes of an upload's row. The bytes are in the blobs; the row says how many of them count."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from steppe.attachments.models import Attachment
from steppe.attachments.problems import AttachmentUnknown, WrongOffset
from steppe.kit.clock import now
from steppe.kit.db import WriteSession
from steppe.kit.problems import NotFound
from steppe.missions.feed import take_numbers
from steppe.submissions.models import RevisionAttachment


async def begin(session: WriteSession, mission_id: UUID, sha256: str, size: int) -> Attachment:
    """Return the upload of an attachment, begun now or earlier.

    Raises AttachmentUnknown when no stored revision names this hash with this size.
    """
    # Two phones may begin the same photo at once: under the counter the second finds the first's row.
    await take_numbers(session, mission_id, 0)
    query = (
        select(RevisionAttachment.size)
        .where(
            RevisionAttachment.mission_id == mission_id,
            RevisionAttachment.sha256 == sha256,
            RevisionAttachment.size == size,
        )
        .limit(1)
    )
    if (await session.exec(query)).first() is None:
        raise AttachmentUnknown
    begun = await session.get(Attachment, (mission_id, sha256))
    if begun is None:
        begun = Attachment(mission_id=mission_id, sha256=sha256, size=size)
        session.add(begun)
        await session.flush()
    return begun


async def locked(session: WriteSession, mission_id: UUID, sha256: str) -> Attachment:
    """Return an upload that nobody else changes until this transaction ends. Raises NotFound."""
    query = (
        select(Attachment)
        .where(col(Attachment.mission_id) == mission_id, col(Attachment.sha256) == sha256)
        .with_for_update()
    )
    found = (await session.exec(query)).first()
    if found is None:
        raise NotFound
    return found


def advance(session: WriteSession, upload: Attachment, offset: int, length: int) -> None:
    """Count `length` more bytes of a locked upload, which must begin at `offset`. Raises WrongOffset."""
    if offset != upload.offset:
        raise WrongOffset(headers={"Upload-Offset": str(upload.offset)})
    upload.offset = offset + length
    session.add(upload)


def settle(session: WriteSession, upload: Attachment, *, is_whole: bool) -> None:
    """Mark a locked upload complete, or begin it anew when the assembled bytes were not the ones named."""
    if upload.completed_at is not None:
        return
    upload.offset = upload.size if is_whole else 0
    upload.completed_at = now() if is_whole else None
    session.add(upload)

"""Writes of an upload's rows. The bytes are in the blobs; the rows say which of them count."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Delete, delete
from sqlmodel import col, select

from steppe.attachments.models import Attachment, AttachmentChunk
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


async def advance(session: WriteSession, upload: Attachment, *, offset: int, size: int, digest: str) -> None:
    """Count the piece of a locked upload that begins at `offset`; its bytes are kept already. Raises WrongOffset."""
    check_offset(upload, offset)
    upload.offset = offset + size
    session.add(upload)
    if size == 0:
        return
    # A node of the version before begins an upload anew without knowing of the list.
    await session.execute(_listed(upload).where(col(AttachmentChunk.offset) >= offset))
    session.add(
        AttachmentChunk(mission_id=upload.mission_id, sha256=upload.sha256, offset=offset, size=size, digest=digest)
    )


def check_offset(upload: Attachment, offset: int) -> None:
    """Raise WrongOffset, with the right one, unless the kept bytes end at `offset`."""
    if offset != upload.offset:
        raise WrongOffset(headers={"Upload-Offset": str(upload.offset)})


async def settle(session: WriteSession, upload: Attachment, *, is_whole: bool) -> None:
    """Mark a locked upload complete, or begin it anew when the assembled bytes were not the ones named."""
    if upload.completed_at is not None:
        return
    upload.offset = upload.size if is_whole else 0
    upload.completed_at = now() if is_whole else None
    session.add(upload)
    await session.execute(_listed(upload))


def _listed(upload: Attachment) -> Delete:
    return delete(AttachmentChunk).where(
        col(AttachmentChunk.mission_id) == upload.mission_id, col(AttachmentChunk.sha256) == upload.sha256
    )

"""Writes of an upload's rows. The bytes are in the blobs; the rows say which of them count."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Delete, delete
from sqlmodel import col, select

from steppe.attachments.models import Attachment, AttachmentChunk
from steppe.attachments.problems import AttachmentUnknown, WrongOffset
from steppe.kit.clock import now
from steppe.kit.db import WriteSession
from steppe.kit.problems import NotFound
from steppe.missions.feed import Changed, announce, take_numbers
from steppe.submissions.commands import held_submissions
from steppe.submissions.current import LEVELS
from steppe.submissions.models import AsideAttachment, RevisionAttachment
from steppe.submissions.scope import ATTACHMENT


async def begin(session: WriteSession, mission_id: UUID, sha256: str, size: int) -> Attachment:
    """Return the upload of an attachment, begun now or earlier.

    Raises AttachmentUnknown when no revision, stored or kept aside, names this hash with this size.
    """
    # Two phones may begin the same photo at once: under the counter the second finds the first's row.
    await take_numbers(session, mission_id, 0)
    if not await _is_named(session, mission_id, sha256, size):
        raise AttachmentUnknown
    begun = await session.get(Attachment, (mission_id, sha256))
    if begun is None:
        begun = Attachment(mission_id=mission_id, sha256=sha256, size=size)
        session.add(begun)
        await session.flush()
    return begun


async def _is_named(session: WriteSession, mission_id: UUID, sha256: str, size: int) -> bool:
    for table in (RevisionAttachment, AsideAttachment):
        query = select(table.size).where(table.mission_id == mission_id, table.sha256 == sha256, table.size == size)
        if (await session.exec(query.limit(1))).first() is not None:
            return True
    return False


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


async def complete(session: WriteSession, mission_id: UUID, sha256: str) -> Attachment:
    """Mark an upload complete, whose bytes are verified and kept as a whole, and give it the mission's next number.

    Once: a completed one is returned as it is, or numbered now where an earlier version completed it. The feed gets a
    line, so that its numbers have no gaps; it is heard by those at the desk who hear of the report. Raises NotFound.
    """
    # The counter before the upload's row, as in `begin`.
    await take_numbers(session, mission_id, 0)
    upload = await locked(session, mission_id, sha256)
    if upload.completed_at is None:
        upload.offset = upload.size
        upload.completed_at = now()
        await session.execute(_listed(upload))
    if upload.seq is None:
        upload.seq = await announce(session, mission_id, await _completion(session, mission_id, sha256))
    session.add(upload)
    return upload


async def note_lost(session: WriteSession, mission_id: UUID, lost: Mapping[str, int | None]) -> list[str]:
    """Begin uploads anew whose bytes the store was found without, each by the number it had then.

    Returns those noted: one that was brought again meanwhile has another number. What is brought again gets a new one,
    for no copy of the old number's time may hold its bytes.
    """
    await take_numbers(session, mission_id, 0)
    noted = []
    for sha256, seq in sorted(lost.items()):
        upload = await locked(session, mission_id, sha256)
        if upload.completed_at is None or upload.seq != seq:
            continue
        upload.offset, upload.completed_at, upload.seq = 0, None, None
        session.add(upload)
        noted.append(sha256)
    return noted


async def begin_anew(session: WriteSession, upload: Attachment) -> None:
    """Forget the pieces of a locked upload that is not complete: put together they were not the bytes named."""
    if upload.completed_at is not None:
        return
    upload.offset = 0
    session.add(upload)
    await session.execute(_listed(upload))


async def _completion(session: WriteSession, mission_id: UUID, sha256: str) -> Changed:
    """Return the feed line of a completed attachment: of the strictest of the reports that name it."""
    query = select(RevisionAttachment.submission_id).where(
        RevisionAttachment.mission_id == mission_id, RevisionAttachment.sha256 == sha256
    )
    reports = await held_submissions(session, set((await session.exec(query)).all()))
    if not reports:
        return Changed(ATTACHMENT, sha256, level=LEVELS[-1])
    report = max(reports.values(), key=lambda row: LEVELS.index(row["level"]))
    return Changed(ATTACHMENT, sha256, report["team_id"], report["region_code"], report["level"], report["origin"])


def _listed(upload: Attachment) -> Delete:
    return delete(AttachmentChunk).where(
        col(AttachmentChunk.mission_id) == upload.mission_id, col(AttachmentChunk.sha256) == upload.sha256
    )

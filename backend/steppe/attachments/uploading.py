"""The sequence of an upload over several transactions: piece by piece, then the whole is put together and verified.

Bytes go to the store first, while no session is open, under a name made of their offset and their own hash; then a
short transaction counts them. So a store that hangs holds nobody up; a piece that was kept but not counted is kept
again by the next try under the same name; two phones that send different bytes for one offset do not overwrite each
other; and any node continues what another began. What was never counted goes when the whole is there.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from uuid import UUID

from steppe.attachments.blob_names import chunk_name, unlisted_chunk_name, uploads_folder, whole_name
from steppe.attachments.commands import advance, begin_anew, check_offset, complete, locked
from steppe.attachments.lost import begun_anew, is_held
from steppe.attachments.models import Attachment
from steppe.attachments.problems import ChecksumMismatch, ChunkTooLong, WrongOffset
from steppe.attachments.queries import counted_chunks, upload
from steppe.kit.blobs import Blobs, BlobsAway
from steppe.kit.db import Database


async def take_chunk(
    database: Database, blobs: Blobs, mission_id: UUID, sha256: str, *, offset: int, chunk: bytes
) -> Attachment:
    """Keep the next bytes of an upload; the last ones complete it. Returns the upload as it stands then.

    Raises NotFound, WrongOffset, ChunkTooLong, BlobsAway, and ChecksumMismatch when the whole is not what its hash
    says: the upload then begins anew at 0.
    """
    async with database.read() as session:
        begun = await upload(session, mission_id, sha256)
    # Looked at again under the lock; here it spares the store bytes that could never count.
    check_offset(begun, offset)
    if offset + len(chunk) > begun.size:
        raise ChunkTooLong
    digest = (await asyncio.to_thread(hashlib.sha256, chunk)).hexdigest()
    if chunk:
        await blobs.put(chunk_name(mission_id, sha256, offset, digest), chunk)
    counted: Attachment | None = None
    try:
        async with database.write() as session:
            counted = await locked(session, mission_id, sha256)
            await advance(session, counted, offset=offset, size=len(chunk), digest=digest)
    except WrongOffset:
        if counted is not None and counted.completed_at is not None:
            # The other phone's bytes made it whole and the pieces were cleared away before ours arrived.
            await blobs.delete(chunk_name(mission_id, sha256, offset, digest))
        raise
    return await finished(database, blobs, counted)


async def finished(database: Database, blobs: Blobs, counted: Attachment) -> Attachment:
    """Complete an upload whose bytes are all there, which a node may have left undone; otherwise return it as it is.

    What comes back completed is in the store, with its size; a completed one that the store has lost begins anew.
    Raises BlobsAway, and ChecksumMismatch as `take_chunk` does.
    """
    if counted.completed_at is not None:
        if not await is_held(blobs, counted):
            return await begun_anew(database, counted)
        if counted.seq is not None:
            return counted
        # Completed by a server of an earlier version, which gave it no number.
        async with database.write() as session:
            return await complete(session, counted.mission_id, counted.sha256)
    return counted if counted.offset < counted.size else await _put_together(database, blobs, counted)


async def _put_together(database: Database, blobs: Blobs, counted: Attachment) -> Attachment:
    mission_id, sha256 = counted.mission_id, counted.sha256
    async with database.read() as session:
        listed = await counted_chunks(session, mission_id, sha256)
    content = await _content(blobs, counted, listed)
    is_whole = (await asyncio.to_thread(hashlib.sha256, content)).hexdigest() == sha256
    if is_whole:
        await blobs.put(whole_name(mission_id, sha256), content)
        if await blobs.size(whole_name(mission_id, sha256)) != counted.size:
            # It said that it kept them: the pieces stay, and the same request tries again.
            msg = "the store does not hold what it was given"
            raise BlobsAway(msg, headers={"Retry-After": "5"})
    async with database.write() as session:
        if is_whole:
            settled = await complete(session, mission_id, sha256)
        else:
            settled = await locked(session, mission_id, sha256)
            # Another node may have begun it anew meanwhile: what was read then says nothing about what is there now.
            if await counted_chunks(session, mission_id, sha256) == listed:
                await begin_anew(session, settled)
    if settled.completed_at is None:
        raise ChecksumMismatch(headers={"Upload-Offset": str(settled.offset)})
    # It is whole whatever becomes of its pieces; those that stay take room and nothing else.
    with suppress(BlobsAway):
        await blobs.delete_folder(uploads_folder(mission_id, sha256))
    return settled


async def _content(blobs: Blobs, counted: Attachment, digests: dict[int, str]) -> bytes:
    """Return the pieces that count, in order; less when another node has completed and removed them meanwhile."""
    content = bytearray()
    while len(content) < counted.size:
        offset = len(content)
        name = (
            chunk_name(counted.mission_id, counted.sha256, offset, digests[offset])
            if offset in digests
            else unlisted_chunk_name(counted.mission_id, counted.sha256, offset)
        )
        try:
            content += await blobs.get(name)
        except FileNotFoundError:
            break
    return bytes(content)

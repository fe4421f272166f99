"""The sequence of an upload over several transactions: chunk by chunk, then the whole is put together and verified.

Chunks are objects of their own, named by their offset, so any node can continue what another began. Only the row's
offset says which of them count: a chunk is written under the row's lock, before the offset moves, so a chunk whose
transaction failed is simply written again.
"""

from __future__ import annotations

import asyncio
import hashlib
from uuid import UUID

from steppe.attachments.blob_names import chunk_name, whole_name
from steppe.attachments.commands import advance, locked, settle
from steppe.attachments.models import Attachment
from steppe.attachments.problems import ChecksumMismatch, ChunkTooLong
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database


async def take_chunk(
    database: Database, blobs: Blobs, mission_id: UUID, sha256: str, *, offset: int, chunk: bytes
) -> Attachment:
    """Keep the next bytes of an upload; the last ones complete it. Returns the upload as it stands then.

    Raises NotFound, WrongOffset, ChunkTooLong, and ChecksumMismatch when the whole is not what its hash says: the
    upload then begins anew at 0.
    """
    async with database.write() as session:
        upload = await locked(session, mission_id, sha256)
        if offset == upload.offset and offset + len(chunk) > upload.size:
            raise ChunkTooLong
        advance(session, upload, offset, len(chunk))
        if chunk:
            await blobs.put(chunk_name(mission_id, sha256, offset), chunk)
    return await finished(database, blobs, upload)


async def finished(database: Database, blobs: Blobs, upload: Attachment) -> Attachment:
    """Complete an upload whose bytes are all there, which a node may have left undone; otherwise return it as it is.

    Raises ChecksumMismatch as `take_chunk` does.
    """
    if upload.completed_at is not None or upload.offset < upload.size:
        return upload
    mission_id, sha256 = upload.mission_id, upload.sha256
    chunks = await _chunks(blobs, upload)
    content = b"".join(chunks)
    is_whole = (await asyncio.to_thread(hashlib.sha256, content)).hexdigest() == sha256
    if is_whole:
        await blobs.put(whole_name(mission_id, sha256), content)
    async with database.write() as session:
        settled = await locked(session, mission_id, sha256)
        settle(session, settled, is_whole=is_whole)
    if settled.completed_at is None:
        raise ChecksumMismatch(headers={"Upload-Offset": "0"})
    offset = 0
    for chunk in chunks:
        await blobs.delete(chunk_name(mission_id, sha256, offset))
        offset += len(chunk)
    return settled


async def _chunks(blobs: Blobs, upload: Attachment) -> list[bytes]:
    """Return the chunks that count, in order; fewer when another node has completed and removed them meanwhile."""
    chunks: list[bytes] = []
    offset = 0
    while offset < upload.size:
        try:
            chunk = await blobs.get(chunk_name(upload.mission_id, upload.sha256, offset))
        except FileNotFoundError:
            break
        chunks.append(chunk)
        offset += len(chunk)
    return chunks

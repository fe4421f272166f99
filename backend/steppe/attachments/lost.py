"""Whether the store really holds what the rows call whole: `completed_at` is a claim, a store may have lost its bytes.

Before a receipt is signed, and before a push leaves an attachment out of its `needs`, the object is looked for with its
size, while no session is open. What is missing begins anew at 0, so that a phone that still has the bytes brings them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Final
from uuid import UUID

from steppe.attachments.blob_names import whole_name
from steppe.attachments.commands import note_lost
from steppe.attachments.models import Attachment
from steppe.attachments.queries import upload, whole_attachments
from steppe.kit.blobs import Blobs, BlobsAway
from steppe.kit.db import Database

LOOK_SECONDS: Final = 2.0
"""How long a push waits for the store; a phone waits half a minute for its answer."""
_AT_ONCE: Final = 8
log = logging.getLogger("steppe")


async def is_held(blobs: Blobs, whole: Attachment, *, patience: float | None = None) -> bool:
    """Say whether the store holds a completed attachment with all its bytes. Raises BlobsAway."""
    return await blobs.size(whole_name(whole.mission_id, whole.sha256), patience=patience) == whole.size


async def begun_anew(database: Database, lost: Attachment) -> Attachment:
    """Begin a completed upload anew that the store was found without; returns it as it stands then."""
    mission_id, sha256 = lost.mission_id, lost.sha256
    await _note(database, mission_id, [lost])
    async with database.read() as session:
        return await upload(session, mission_id, sha256)


async def lost_among(database: Database, blobs: Blobs, mission_id: UUID, hashes: Collection[str]) -> set[str]:
    """Return which of these SHA-256 the rows call whole and the store does not hold; they begin anew.

    A store that is away, or slower than LOOK_SECONDS, says nothing: the rows are believed then, a push must not wait.
    """
    if not hashes:
        return set()
    async with database.read() as session:
        whole = list((await whole_attachments(session, mission_id, hashes)).values())
    turns = asyncio.Semaphore(_AT_ONCE)

    async def is_lost(one: Attachment) -> bool:
        async with turns:
            try:
                return not await is_held(blobs, one, patience=LOOK_SECONDS)
            except BlobsAway:
                return False

    found = await asyncio.gather(*(is_lost(one) for one in whole))
    lost = [one for one, missing in zip(whole, found, strict=True) if missing]
    return await _note(database, mission_id, lost) if lost else set()


async def _note(database: Database, mission_id: UUID, lost: Collection[Attachment]) -> set[str]:
    async with database.write() as session:
        noted = await note_lost(session, mission_id, {one.sha256: one.seq for one in lost})
    for sha256 in noted:
        log.error("attachment lost from the store", extra={"facts": {"mission": str(mission_id), "sha256": sha256}})
    return set(noted)

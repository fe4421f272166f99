"""The receipt of a whole attachment."""

from __future__ import annotations

from steppe.attachments.models import Attachment
from steppe.kit.clock import iso
from steppe.kit.db import ReadSession
from steppe.kit.settings import Settings
from steppe.missions.key_list import HeldKeys
from steppe.missions.mission_keys import mission_keys
from steppe.missions.safety import read_safety
from steppe.submissions.receipts import signed


async def attachment_receipt(session: ReadSession, upload: Attachment, held: HeldKeys, settings: Settings) -> str:
    """Return the receipt of a completed upload: a JWS over mission, hash, size, when it was complete and its number.

    `held`: the keys of whoever brings it.
    """
    assert upload.completed_at is not None
    assert upload.seq is not None
    payload = {
        "mission": str(upload.mission_id),
        "sha256": upload.sha256,
        "size": upload.size,
        "at": iso(upload.completed_at),
        "seq": upload.seq,
        **(await read_safety(session, upload.mission_id)).claims(),
    }
    keys = await mission_keys(session, upload.mission_id, settings)
    return signed(keys.receipt_for(held), payload)

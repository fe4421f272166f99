"""The receipt of a whole attachment."""

from __future__ import annotations

from steppe.attachments.models import Attachment
from steppe.kit.clock import iso
from steppe.kit.db import ReadSession
from steppe.submissions.queries import mission_keys
from steppe.submissions.receipts import signed


async def attachment_receipt(session: ReadSession, upload: Attachment, secret: bytes) -> str:
    """Return the receipt of a completed upload: a JWS over mission, hash, size and when it was complete."""
    assert upload.completed_at is not None
    payload = {
        "mission": str(upload.mission_id),
        "sha256": upload.sha256,
        "size": upload.size,
        "at": iso(upload.completed_at),
    }
    return signed((await mission_keys(session, upload.mission_id, secret)).receipt, payload)

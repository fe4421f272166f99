"""Where the bytes of attachments are kept among the blobs."""

from __future__ import annotations

from uuid import UUID


def whole_name(mission_id: UUID, sha256: str) -> str:
    """Return the name of a whole attachment."""
    return f"{mission_id}/attachments/{sha256}"


def chunk_name(mission_id: UUID, sha256: str, offset: int) -> str:
    """Return the name of the chunk of an upload that begins at `offset`."""
    return f"{mission_id}/uploads/{sha256}/{offset:010d}"

"""Where the bytes of attachments are kept among the blobs."""

from __future__ import annotations

from uuid import UUID


def whole_name(mission_id: UUID, sha256: str) -> str:
    """Return the name of a whole attachment."""
    return f"{mission_id}/attachments/{sha256}"


def uploads_folder(mission_id: UUID, sha256: str) -> str:
    """Return the folder of the pieces of an upload that is not whole yet."""
    return f"{mission_id}/uploads/{sha256}"


def chunk_name(mission_id: UUID, sha256: str, offset: int, digest: str) -> str:
    """Return the name of a piece that begins at `offset`; its own SHA-256 keeps two phones' pieces apart."""
    return f"{uploads_folder(mission_id, sha256)}/{offset:010d}-{digest}"


def unlisted_chunk_name(mission_id: UUID, sha256: str, offset: int) -> str:
    """Return the name a piece had before pieces were listed: uploads begun then are completed all the same."""
    return f"{uploads_folder(mission_id, sha256)}/{offset:010d}"

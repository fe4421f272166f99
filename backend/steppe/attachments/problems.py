"""What can be wrong with an upload."""

from __future__ import annotations

from http import HTTPStatus

from steppe.kit.problems import Problem


class AttachmentUnknown(Problem):
    """No revision that could be read names this hash and size, so nobody could ever open the bytes."""

    slug = "attachment-unknown"
    status = HTTPStatus.CONFLICT
    title = "No report names this attachment"
    next = "Push the report first, then upload its attachments."


class WrongOffset(Problem):
    """The chunk does not begin where the kept bytes end."""

    slug = "wrong-offset"
    status = HTTPStatus.CONFLICT
    title = "The chunk begins at another place"
    next = "Continue from the Upload-Offset in this answer."


class ChunkTooLong(Problem):
    """The chunk goes beyond the declared length."""

    slug = "chunk-too-long"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "The chunk goes beyond the attachment's end"
    next = "Send the bytes from Upload-Offset to Upload-Length only."


class ChecksumMismatch(Problem):
    """The bytes are not those the sender meant (tus checksum extension: status 460, which HTTP does not know)."""

    slug = "checksum-mismatch"
    status = 460  # type: ignore[assignment]  # http.HTTPStatus has no member for tus's own code
    title = "The bytes changed on the way"
    next = "Send the bytes from the Upload-Offset in this answer again."


class NotTus(Problem):
    """The request does not speak tus 1.0.0."""

    slug = "not-tus"
    status = HTTPStatus.PRECONDITION_FAILED
    title = "This address speaks tus 1.0.0"
    next = "Send the header Tus-Resumable: 1.0.0."

"""Uploads in resumable pieces: the tus 1.0 subset of docs/protocol.md §5."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from steppe.attachments import commands, queries, tus, uploading
from steppe.attachments.models import Attachment
from steppe.attachments.problems import AttachmentUnknown, ChecksumMismatch, ChunkTooLong, NotTus, WrongOffset
from steppe.attachments.receipts import attachment_receipt
from steppe.kit.db import Database
from steppe.kit.http import BadRequest, BlobsDep, DatabaseDep, SettingsDep, documented, read_until_cut
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.kit.settings import Settings
from steppe.kit.strict_json import TooLarge
from steppe.missions.key_list import HeldKeys
from steppe.people.access import BringerDep
from steppe.submissions.revision import MAX_ATTACHMENT_BYTES

MAX_CHUNK_BYTES: Final = 1024 * 1024
LEAST_OF_A_CUT_CHUNK: Final = 4096
"""Bytes of it that are worth a piece of their own in the store."""

router = APIRouter(prefix="/attachments", tags=["attachments"])


Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


async def _answer(upload: Attachment, status: int, held: HeldKeys, database: Database, settings: Settings) -> Response:
    headers = {
        "Tus-Resumable": tus.VERSION,
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(upload.size),
        "Cache-Control": "no-store",
    }
    if upload.completed_at is not None:
        async with database.read() as session:
            headers["Steppe-Receipt"] = await attachment_receipt(session, upload, held, settings)
    return Response(status_code=status, headers=headers)


@router.post(
    "",
    status_code=201,
    response_class=Response,
    responses=documented(BadRequest, SignInNeeded, AttachmentUnknown, ChecksumMismatch, NotTus, TooLarge),
)
async def begin(
    request: Request, caller: BringerDep, database: DatabaseDep, blobs: BlobsDep, settings: SettingsDep
) -> Response:
    """Begin an upload, or find it where it stopped."""
    tus.check_version(request.headers)
    size, sha256 = tus.number(request.headers, "upload-length"), tus.named_sha256(request.headers)
    if size > MAX_ATTACHMENT_BYTES:
        msg = f"an attachment has at most {MAX_ATTACHMENT_BYTES} bytes"
        raise TooLarge(msg)
    async with database.write() as session:
        if not await queries.is_brought_by(session, caller, sha256):
            raise AttachmentUnknown
        upload = await commands.begin(session, caller.mission_id, sha256, size)
    answer = await _answer(await uploading.finished(database, blobs, upload), 201, caller.held_keys, database, settings)
    answer.headers["Location"] = f"{request.url.path}/{sha256}"
    return answer


@router.head("/{sha256}", response_class=Response, responses=documented(SignInNeeded, NotFound, NotTus))
async def progress(
    request: Request,
    caller: BringerDep,
    database: DatabaseDep,
    blobs: BlobsDep,
    settings: SettingsDep,
    sha256: Sha256,
) -> Response:
    """Say how many bytes are kept, and give the receipt again when all are."""
    tus.check_version(request.headers)
    async with database.read() as session:
        if not await queries.is_brought_by(session, caller, sha256):
            raise NotFound
        upload = await queries.upload(session, caller.mission_id, sha256)
    return await _answer(await uploading.finished(database, blobs, upload), 200, caller.held_keys, database, settings)


@router.patch(
    "/{sha256}",
    status_code=204,
    response_class=Response,
    responses=documented(
        BadRequest, SignInNeeded, NotFound, WrongOffset, ChunkTooLong, ChecksumMismatch, NotTus, TooLarge
    ),
)
async def append(
    request: Request,
    caller: BringerDep,
    database: DatabaseDep,
    blobs: BlobsDep,
    settings: SettingsDep,
    sha256: Sha256,
) -> Response:
    """Take the next chunk; the last one brings the receipt."""
    tus.check_version(request.headers)
    if request.headers.get("content-type") != tus.CHUNK_TYPE:
        msg = f"a chunk comes as {tus.CHUNK_TYPE}"
        raise BadRequest(msg)
    async with database.read() as session:
        if not await queries.is_brought_by(session, caller, sha256):
            raise NotFound
    offset = tus.number(request.headers, "upload-offset")
    chunk, cut = await read_until_cut(request, MAX_CHUNK_BYTES)
    if cut is not None:
        # What came before the line broke is not sent again. The hash of the whole says whether it came right.
        if len(chunk) >= LEAST_OF_A_CUT_CHUNK:
            await uploading.take_chunk(database, blobs, caller.mission_id, sha256, offset=offset, chunk=chunk)
        raise cut
    tus.check_chunk(request.headers, chunk, offset)
    upload = await uploading.take_chunk(database, blobs, caller.mission_id, sha256, offset=offset, chunk=chunk)
    return await _answer(upload, 204, caller.held_keys, database, settings)

"""Files that come in a multipart body, bounded before they are kept in memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from steppe.kit.http import read_body
from steppe.kit.packed_files import BadUpload, Limits, check_sizes, safe_name


async def uploaded(request: Request, limits: Limits) -> dict[str, bytes]:
    """Return the files of a multipart body by their names. Raises TooLarge, BadUpload."""
    body = await read_body(request, limits.packed)

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await MultiPartParser(request.headers, stream(), max_files=limits.files, max_fields=0).parse()
    except (MultiPartException, KeyError) as error:
        msg = f"the body is no multipart/form-data of files: {error}"
        raise BadUpload(msg) from error
    files: dict[str, bytes] = {}
    try:
        for _, part in form.multi_items():
            if isinstance(part, UploadFile):
                name = safe_name(part.filename or "")
                if name in files:
                    msg = f"two files are called {name}"
                    raise BadUpload(msg)
                files[name] = await part.read()
    finally:
        await form.close()
    check_sizes({name: len(content) for name, content in files.items()}, limits)
    return files

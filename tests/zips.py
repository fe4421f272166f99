"""Zips in memory, taken apart and put together: what hostile and very large workbooks are made of."""

import io
import zipfile


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return the files of a zip by their path in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """Return a zip of these files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()

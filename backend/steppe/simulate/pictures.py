"""Photos nobody took: a sheet of paper with lines of grey, as small as a downscaled photo of a document."""

from __future__ import annotations

import struct
import zlib
from random import Random
from typing import Final

PNG: Final = "image/png"
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_WIDTH: Final = 480
_HEIGHT: Final = 640
_MARGIN: Final = 48
_LINE: Final = 20


def page(rng: Random) -> bytes:
    """Return a PNG (greyscale, 480 × 640) that looks like a page of writing; each call another one."""
    rows: list[bytes] = []
    paper = rng.randint(225, 245)
    ink = rng.randint(40, 90)
    written = b""
    for y in range(_HEIGHT):
        place = (y - _MARGIN) % _LINE
        if place == 0:
            written = _words(rng, paper, ink)
        is_text = _MARGIN <= y < _HEIGHT - _MARGIN and place < _LINE // 2
        rows.append(b"\x00" + (written if is_text else bytes([paper]) * _WIDTH))
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(rows), 6)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _words(rng: Random, paper: int, ink: int) -> bytes:
    line = bytearray([paper]) * _WIDTH
    x = _MARGIN
    end = _WIDTH - _MARGIN - rng.choice((0, 0, 20, 160))
    while x < end:
        length = min(rng.randint(14, 60), end - x)
        line[x : x + length] = bytes(ink + rng.randint(0, 40) for _ in range(length))
        x += length + 8
    return bytes(line)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

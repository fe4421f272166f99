"""The one door for JSON from outside: strict, bounded, with errors a person can act on.

RFC 8259 leaves duplicate keys and NaN to the reader; two readers that differ there disagree about a signed fact.
So they are refused here, before any domain sees the value.
"""

from __future__ import annotations

import json
import re
import zlib
from http import HTTPStatus
from typing import Any

import orjson

from steppe.kit.problems import Problem

MAX_DEPTH = 32
_GZIP = 16 + zlib.MAX_WBITS
"""zlib's way to say gzip; a third of what GzipFile costs for a push."""
_STRUCTURE = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)


# An escaped U+0000, but not the six typed characters: those have a backslash before their own.
_NULL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class BadJson(Problem):
    """The body is not JSON we accept."""

    slug = "bad-json"
    status = HTTPStatus.BAD_REQUEST
    title = "The request body is not valid JSON"
    next = "Send UTF-8 JSON without NaN, without duplicate keys and nested at most 32 deep."


class TooLarge(Problem):
    """The body is over the route's limit."""

    slug = "too-large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    title = "The request is too large"
    next = "Split it into smaller requests. Nothing of this one was kept."


class _DuplicateKeyError(ValueError):
    pass


def holds_null(raw: bytes) -> bool:
    """Say whether JSON holds the character U+0000, which no database stores."""
    return b"\\u0000" in raw and _NULL.search(raw) is not None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                msg = f"the key {key!r} appears twice in one object"
                raise _DuplicateKeyError(msg)
            seen.add(key)
    return read


def _refuse_constant(name: str) -> Any:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _check_depth(raw: bytes) -> None:
    # Most bodies have few brackets: a push of fifty sealed items (75 kB) has three, and is not scanned at all.
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _STRUCTURE.finditer(raw):
        first = raw[token.start()]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                msg = f"nested deeper than {MAX_DEPTH}"
                raise BadJson(msg)
        elif first in b"]}":
            depth -= 1


def read_json(raw: bytes) -> Any:
    """Parse bytes strictly. Raises BadJson with the reason and, where known, the place."""
    _check_depth(raw)
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_refuse_constant)
        # orjson refuses what json lets through: lone surrogates that no database can store.
        orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except UnicodeDecodeError as error:
        msg = f"byte {error.start} is not UTF-8"
        raise BadJson(msg) from error
    except orjson.JSONEncodeError as error:
        msg = "it holds a number over 64 bits or a broken character"
        raise BadJson(msg) from error
    except RecursionError as error:
        msg = f"nested deeper than {MAX_DEPTH}"
        raise BadJson(msg) from error
    except ValueError as error:
        raise BadJson(str(error)) from error
    if holds_null(raw):
        msg = "it holds the character U+0000, which no database stores"
        raise BadJson(msg)
    return value


def unzip(raw: bytes, limit: int) -> bytes:
    """Unpack gzip up to `limit` bytes.

    Raises TooLarge beyond it (a small bomb must not fill memory), BadJson when damaged.
    """
    unpacker = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacker.decompress(raw, limit + 1)
    except zlib.error as error:
        msg = "the gzip body is damaged"
        raise BadJson(msg) from error
    if len(unpacked) > limit:
        msg = f"the unpacked body is over {limit} bytes"
        raise TooLarge(msg)
    if not unpacker.eof or unpacker.unused_data:
        msg = "the gzip body is cut, or something follows it"
        raise BadJson(msg)
    return unpacked

"""Parts of a mission's reference list: a phone begins work with the stations of its team's own regions."""

from __future__ import annotations

import gzip
from typing import Any, Final

import orjson

REGION: Final = 1
"""The column of a station's region in the list for phones."""


def regions_named(asked: str) -> tuple[str, ...]:
    """Return the regions of a query parameter, in one order whatever the caller's: `A,B`. An empty one: no region."""
    return tuple(sorted(set(asked.split(","))))


def places_part(version: str, content: bytes, regions: tuple[str, ...]) -> bytes:
    """Return the list with all its regions and districts, and the stations of these regions only, as JSON.

    `content` is the whole list, gzipped; `version` is its digest. What is left out is said by `only`.
    """
    whole: dict[str, Any] = orjson.loads(gzip.decompress(content))
    stations = whole["stations"]
    rows = [row for row in stations["rows"] if row[REGION] in regions]
    part = {**whole, "version": version, "only": list(regions), "stations": {**stations, "rows": rows}}
    return orjson.dumps(part)

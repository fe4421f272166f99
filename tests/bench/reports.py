"""Sealed, signed reports made before any clock starts: phones make them at other times than they send them."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.asymmetric import ec

from steppe.kit.ids import uuid7
from steppe.submissions.sealing import CURVE, content_hash, make_revision, seal, sign
from tests.bench.sixty import answers

BATCH: Final = 50
FIRST_DAY: Final = datetime(2020, 12, 21, 3, tzinfo=UTC)
DAYS: Final = 21
A_DAY: Final = 20
"""Reports of one phone and day: a push after some days without network touches several rows of tallies."""


@dataclass(frozen=True, slots=True)
class Signer:
    """What a worker needs of a phone; the key as its private number, for keys do not travel between processes."""

    number: int
    device: str
    person: str
    team: str
    private: int
    push_token: str
    transport: dict[str, Any]
    version: str
    districts: tuple[str, ...]


def seal_reports(signer: Signer, count: int) -> list[str]:
    """Return a phone's first `count` reports, chained and sealed: some of each day and district of its area."""
    key = ec.derive_private_key(signer.private, CURVE)
    prev_hash, sealed = "", []
    for place in range(count):
        number = signer.number * 1_000_000 + place
        canonical = make_revision(
            id=str(uuid7()),
            submission=str(uuid7()),
            checklist_version=signer.version,
            patch=answers(number, signer.districts[place % len(signer.districts)]),
            team=signer.team,
            author=signer.person,
            device=signer.device,
            device_seq=place + 1,
            made_at=FIRST_DAY + timedelta(days=place // A_DAY % DAYS, seconds=place % A_DAY * 600),
            tz="Asia/Almaty",
            prev_hash=prev_hash,
        )
        prev_hash = content_hash(canonical)
        sealed.append(seal(sign(canonical, key=key, kid=signer.device), transport=signer.transport))
    return sealed


def seal_all(signers: Sequence[Signer], count: int, workers: int = 2) -> list[list[str]]:
    """Return every phone's reports, made on all processors."""
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(seal_reports, signers, [count] * len(signers)))


def push_body(items: Sequence[str], device_seq: int) -> bytes:
    """Return a gzipped push of these items."""
    outbox = {"waiting": len(items), "device_seq": device_seq}
    return gzip.compress(orjson.dumps({"outbox": outbox, "items": list(items)}), 6, mtime=0)


@dataclass(slots=True)
class Stock:
    """A phone's sealed reports, taken in order; a second engine takes the same ones from the start."""

    push_token: str
    items: list[str]
    taken: int = 0

    def take(self, count: int) -> bytes:
        """Return a push of the next `count` reports. Raises AssertionError when the stock is used up."""
        items = self.items[self.taken : self.taken + count]
        assert len(items) == count, "too few reports were made"
        self.taken += count
        return push_body(items, self.taken)

    @property
    def headers(self) -> dict[str, str]:
        """Headers of a push."""
        return {
            "Authorization": f"Bearer {self.push_token}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }

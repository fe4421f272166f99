"""A receipt as a file of its own: this content, by this device, received by then. `receipt_check` reads it. Pure.

One canonical JSON object (RFC 8785) and a newline. Every byte of it is covered by a signature, by the key that is
trusted, or by the form itself: a file that can be written in another way is none of ours (docs/protocol.md §10).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
import rfc8785
from joserfc import jws
from joserfc.jwk import ECKey

from steppe.kit.clock import iso
from steppe.missions.keys import ReceiptKey
from steppe.submissions.opening import read_signed
from steppe.submissions.sealing import b64u, content_hash

PROOF_TYPE: Final = "steppe-proof+jws"
CHECKPOINT_TYPE: Final = "steppe-checkpoint+jws"
_POINT: Final = ("kty", "crv", "x", "y")
OF_CHECKPOINTS: Final = {"steppe", "version", "key", "keys", "checkpoint"}
OF_RECEIPTS: Final = {1: {"steppe", "version", "keys", "key", "proof", "report"}}
OF_RECEIPTS[2] = OF_RECEIPTS[1] | {"checkpoint", "entry", "place", "path"}


@dataclass(frozen=True, slots=True)
class Received:
    """What a mission says of a revision it holds."""

    mission_id: UUID
    device_id: UUID
    device_jwk: dict[str, Any]
    seq: int
    epoch: int
    received_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Covered:
    """That a receipt stands in the tree a checkpoint signed: its entry, its place from 0, and the way to the root."""

    checkpoint: str
    entry: dict[str, Any]
    place: int
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Foundation:
    """What a file rests on: the key that its reader has to trust, and the lists that lead from it to receipt keys."""

    trusted: ECKey
    statements: Sequence[str]

    @classmethod
    def of(cls, root: Mapping[str, Any] | None, statements: Sequence[str], key: ReceiptKey) -> Foundation:
        """Return the mission's root (a JWK) with its lists; where one of them is wanting, the receipt key itself."""
        if root and statements:
            return cls(ECKey.import_key(dict(root)), statements)
        return cls(ECKey.import_key(key.private), ())

    def members(self) -> dict[str, Any]:
        """Return the members of a file that say so."""
        return {"key": point(self.trusted.as_dict(private=False)), "keys": list(self.statements)}


def receipt_file(
    received: Received,
    deflated: bytes,
    key: ReceiptKey,
    foundation: Foundation,
    at: datetime,
    covered: Covered | None = None,
) -> bytes:
    """Return the file about a revision, of which the server keeps `deflated` bytes, signed with `key`."""
    read = read_signed(deflated)
    said = orjson.loads(read.canonical)
    payload = {
        "mission": str(received.mission_id),
        "id": said["id"],
        "hash": content_hash(read.canonical),
        "device": str(received.device_id),
        "device_jwk": point(received.device_jwk),
        "device_seq": said["device_seq"],
        "seq": received.seq,
        "epoch": received.epoch,
        "received_at": iso(received.received_at),
        "outcome": received.outcome,
        "at": iso(at),
    }
    signer = ECKey.import_key(key.private)
    header = {"alg": "ES256", "kid": key.kid, "typ": PROOF_TYPE}
    raw = read.protected + b".." + b64u(read.signature).encode() + b"\n" + read.canonical
    content: dict[str, Any] = {
        "steppe": "receipt",
        "version": 1,
        **foundation.members(),
        "proof": jws.serialize_compact(header, json.dumps(payload), signer, algorithms=["ES256"]),
        "report": b64u(raw),
    }
    if covered is not None:
        content |= {
            "version": 2,
            "checkpoint": covered.checkpoint,
            "entry": covered.entry,
            "place": covered.place,
            "path": [step.hex() for step in covered.path],
        }
    return rfc8785.dumps(content) + b"\n"


def checkpoint_file(checkpoint: str, foundation: Foundation) -> bytes:
    """Return a checkpoint as a file for somebody who keeps it."""
    content = {"steppe": "checkpoint", "version": 1, **foundation.members(), "checkpoint": checkpoint}
    return rfc8785.dumps(content) + b"\n"


def point(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """Return a public key as files spell it: type, curve and coordinates, nothing else."""
    return {part: jwk[part] for part in _POINT}

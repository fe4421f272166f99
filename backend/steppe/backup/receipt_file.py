"""A receipt as a file of its own: this content, by this device, received by then. Checked without any server. Pure.

One canonical JSON object (RFC 8785) and a newline. Every byte of it is covered by a signature, by the key that is
trusted, or by the form itself: a file that can be written in another way is none of ours (docs/protocol.md §10).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import orjson
import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from steppe.kit.clock import iso
from steppe.kit.merkle import leaf_hash, root_by_path
from steppe.kit.problems import Problem
from steppe.missions.key_list import STATEMENT_TYPE
from steppe.missions.keys import ReceiptKey
from steppe.submissions.opening import CannotOpenError, is_signed_by, read_signed
from steppe.submissions.sealing import b64u, content_hash, deflate, public_key, unb64u

PROOF_TYPE: Final = "steppe-proof+jws"
CHECKPOINT_TYPE: Final = "steppe-checkpoint+jws"
MOST_BYTES: Final = 4 * 1024 * 1024
_POINT: Final = ("kty", "crv", "x", "y")
_OF_CHECKPOINTS: Final = {"steppe", "version", "key", "keys", "checkpoint"}
_OF_RECEIPTS: Final = {1: {"steppe", "version", "keys", "key", "proof", "report"}}
_OF_RECEIPTS[2] = _OF_RECEIPTS[1] | {"checkpoint", "entry", "place", "path"}


class BadReceiptFile(Problem):
    """A receipt file proves nothing."""

    slug = "bad-receipt-file"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "This file proves nothing"
    next = (
        "Ask whoever made it for the file as it was written. If the key is another, compare its thumbprint with "
        "`steppe keys list` at headquarters."
    )


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
class Head:
    """What a checkpoint says of the receipts of a mission: when, how many there were, and the root of their tree."""

    mission: str
    at: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Proven:
    """What a receipt file proves, of the mission whose key was trusted."""

    mission: str
    report: str
    content_hash: str
    device: str
    device_seq: int
    seq: int
    epoch: int
    received_at: str
    signed_at: str
    covered_by: Head | None
    """The checkpoint it stands under; None: the time rests on the mission's word alone."""


def receipt_file(
    received: Received,
    deflated: bytes,
    key: ReceiptKey,
    statements: Sequence[str],
    root: ECKey | None,
    at: datetime,
    covered: Covered | None = None,
) -> bytes:
    """Return the file about a revision, of which the server keeps `deflated` bytes.

    `statements`: lists that lead from the mission's `root` to `key`; without a root the key itself has to be trusted.
    """
    read = read_signed(deflated)
    said = orjson.loads(read.canonical)
    payload = {
        "mission": str(received.mission_id),
        "id": said["id"],
        "hash": content_hash(read.canonical),
        "device": str(received.device_id),
        "device_jwk": _point(received.device_jwk),
        "device_seq": said["device_seq"],
        "seq": received.seq,
        "epoch": received.epoch,
        "received_at": iso(received.received_at),
        "outcome": received.outcome,
        "at": iso(at),
    }
    signer = ECKey.import_key(key.private)
    header = {"alg": "ES256", "kid": key.kid, "typ": PROOF_TYPE}
    trusted = root or signer
    raw = read.protected + b".." + b64u(read.signature).encode() + b"\n" + read.canonical
    content: dict[str, Any] = {
        "steppe": "receipt",
        "version": 1,
        "key": _point(trusted.as_dict(private=False)),
        "keys": list(statements) if root else [],
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


def checkpoint_file(
    checkpoint: str, statements: Sequence[str], root: Mapping[str, Any] | None, key: ReceiptKey
) -> bytes:
    """Return a checkpoint as a file for somebody who keeps it; it rests on the mission's root, or its receipt key."""
    is_rooted = root is not None and bool(statements)
    trusted = ECKey.import_key(dict(root)) if root and is_rooted else ECKey.import_key(key.private)
    content: dict[str, Any] = {
        "steppe": "checkpoint",
        "version": 1,
        "key": _point(trusted.as_dict(private=False)),
        "keys": list(statements) if is_rooted else [],
        "checkpoint": checkpoint,
    }
    return rfc8785.dumps(content) + b"\n"


def check_receipt_file(content: bytes, trusted: str, kept: bytes | None = None) -> Proven:
    """Return what a file proves to somebody who trusts the key with this thumbprint (RFC 7638): root or receipt key.

    `kept`: a file with a checkpoint that was kept since it was made; the receipt has to stand under the same one.
    Raises BadReceiptFile, with what is wrong.
    """
    try:
        proven = _proven(content, trusted)
        if kept is not None:
            _compare(proven.covered_by, _kept_head(kept, trusted))
    except (JoseError, CannotOpenError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadReceiptFile(str(error) or "it is not in the form of a receipt") from error
    return proven


def _proven(content: bytes, trusted: str) -> Proven:
    if len(content) > MOST_BYTES:
        msg = f"it has more than {MOST_BYTES} bytes"
        raise BadReceiptFile(msg)
    told = orjson.loads(content)
    _must(told.keys() == _OF_RECEIPTS.get(told["version"]) and told["steppe"] == "receipt", "it is no receipt")
    keys = _keys(told, content, trusted)
    proof = _signed(told["proof"], PROOF_TYPE, _named(told["proof"], keys))
    raw = unb64u(told["report"])
    read = read_signed(deflate(raw))
    _must(
        read.protected + b".." + b64u(read.signature).encode() + b"\n" + read.canonical == raw,
        "the report is not written as phones write them",
    )
    said = orjson.loads(read.canonical)
    _must(content_hash(read.canonical) == proof["hash"], "the content is another than was received")
    _must(is_signed_by(read, public_key(proof["device_jwk"])), "the device has not signed this content")
    names = (said["id"], said["device"], said["device_seq"], read.kid)
    _must(
        names == (proof["id"], proof["device"], proof["device_seq"], proof["device"]),
        "report and receipt name different things",
    )
    return Proven(
        mission=proof["mission"],
        report=proof["id"],
        content_hash=proof["hash"],
        device=proof["device"],
        device_seq=proof["device_seq"],
        seq=proof["seq"],
        epoch=proof["epoch"],
        received_at=proof["received_at"],
        signed_at=proof["at"],
        covered_by=_covering(told, proof, keys) if told["version"] > 1 else None,
    )


def _covering(told: dict[str, Any], proof: dict[str, Any], keys: list[ECKey]) -> Head:
    """Return the checkpoint under which the file shows the receipt to stand."""
    entry, head = told["entry"], _head(told["checkpoint"], keys)
    shown = {"mission", "id", "hash", "device_seq", "seq", "outcome"}
    _must(
        all(entry[member] == proof[member] for member in shown) and entry["at"] == proof["received_at"],
        "the entry in the tree is about another receipt",
    )
    path = [bytes.fromhex(step) for step in told["path"]]
    _must([step.hex() for step in path] == told["path"], "the path is not written as paths are")
    _must(type(told["place"]) is int, "the place is no number")
    root = root_by_path(leaf_hash(rfc8785.dumps(entry)), told["place"], head.size, path)
    _must((root, entry["mission"]) == (head.root, head.mission), "it does not stand under its checkpoint")
    return head


def _kept_head(content: bytes, trusted: str) -> Head:
    told = orjson.loads(content)
    _must(told.keys() == _OF_CHECKPOINTS and told["steppe"] == "checkpoint", "the file kept is no checkpoint")
    return _head(told["checkpoint"], _keys(told, content, trusted))


def _head(checkpoint: str, keys: list[ECKey]) -> Head:
    payload = _signed(checkpoint, CHECKPOINT_TYPE, _named(checkpoint, keys))
    return Head(payload["mission"], payload["at"], payload["receipts"]["size"], payload["receipts"]["root"])


def _compare(covered_by: Head | None, kept: Head) -> None:
    if covered_by is None or covered_by.mission != kept.mission:
        msg = "it stands under no checkpoint of that mission"
        raise BadReceiptFile(msg)
    _must(
        covered_by.size == kept.size,
        f"it stands under {covered_by.size} receipts of {covered_by.at}, and the checkpoint kept is of {kept.size}: "
        "have it made with `--checkpoint` and the one kept",
    )
    _must(covered_by.root == kept.root, f"the mission has signed two pasts of {kept.size} receipts")


def _keys(told: dict[str, Any], content: bytes, trusted: str) -> list[ECKey]:
    """Return the receipt keys to which a file leads from the key that is trusted."""
    _must(rfc8785.dumps(told) + b"\n" == content, "it is not written as receipts are")
    key = ECKey.import_key(told["key"])
    # The library reads a key in other spellings too, of its type and of its coordinates.
    _must(told["key"] == _point(key.as_dict(private=False)), "its key is not written as keys are")
    _must(key.thumbprint() == trusted, f"it rests on another key: {key.thumbprint()}")
    keys = [key]
    for statement in told["keys"]:
        listed = _signed(statement, STATEMENT_TYPE, _named(statement, keys))
        keys = [ECKey.import_key(jwk) for jwk in listed["receipt"]]
    return keys


def _named(token: str, keys: list[ECKey]) -> ECKey:
    """Return the one of these keys by which something is signed."""
    kid = jws.extract_compact(token.encode()).headers()["kid"]
    [key] = [one for one in keys if one.thumbprint() == kid]
    return key


def _signed(token: str, typ: str, key: ECKey) -> dict[str, Any]:
    # Two texts may stand for the same bytes in base64url; only the one that is written without need of that counts.
    _must(all(b64u(unb64u(part)) == part for part in token.split(".")), "a signature is not written as they are")
    read = jws.deserialize_compact(token, key, algorithms=["ES256"])
    _must(read.headers().get("typ") == typ, "something else was signed")
    payload: dict[str, Any] = json.loads(read.payload)
    return payload


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadReceiptFile(otherwise)


def _point(jwk: dict[str, Any]) -> dict[str, Any]:
    return {part: jwk[part] for part in _POINT}

"""What a receipt file proves to whoever trusts its mission's key, or which part of it does not fit. Pure.

The app's page does the same in a browser (`pwa/src/receipts/receiptFile.ts`): `tests/vectors/receipts.json` is run by
both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

import orjson
import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from steppe.backup.receipts.receipt_file import CHECKPOINT_TYPE, OF_CHECKPOINTS, OF_RECEIPTS, PROOF_TYPE, point
from steppe.kit.merkle import leaf_hash, root_by_path
from steppe.kit.problems import Problem
from steppe.missions.key_list import STATEMENT_TYPE
from steppe.submissions.opening import Signed, is_signed_by, read_signed
from steppe.submissions.sealing import b64u, content_hash, deflate, public_key, unb64u

MOST_BYTES: Final = 4 * 1024 * 1024


class ReceiptFault(StrEnum):
    """The first thing that does not fit in a receipt file, in the order in which it is looked at."""

    TOO_LARGE = "too-large"
    NO_RECEIPT = "no-receipt"
    NOT_AS_WRITTEN = "not-as-written"
    OTHER_KEY = "other-key"
    KEYS = "keys"
    PROOF = "proof"
    REPORT = "report"
    CONTENT = "content"
    DEVICE = "device"
    NAMES = "names"
    CHECKPOINT = "checkpoint"
    ENTRY = "entry"
    PATH = "path"
    KEPT = "kept"
    KEPT_OTHER_KEY = "kept-other-key"
    UNCOVERED = "uncovered"
    OTHER_CHECKPOINT = "other-checkpoint"
    TWO_PASTS = "two-pasts"


class BadReceiptFile(Problem):
    """A receipt file proves nothing."""

    slug = "bad-receipt-file"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "This file proves nothing"
    next = (
        "Ask whoever made it for the file as it was written. If the key is another, compare its thumbprint with "
        "`steppe keys list` at headquarters."
    )

    def __init__(self, fault: ReceiptFault, detail: str) -> None:
        """Keep which part does not fit, and say it."""
        super().__init__(detail)
        self.fault = fault


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


def check_receipt_file(content: bytes, trusted: str, kept: bytes | None = None) -> Proven:
    """Return what a file proves to somebody who trusts the key with this thumbprint (RFC 7638): root or receipt key.

    `kept`: a file with a checkpoint that was kept since it was made; the receipt has to stand under the same one.
    Raises BadReceiptFile, with what is wrong.
    """
    proven = _proven(content, trusted)
    if kept is not None:
        _compare(proven.covered_by, _kept_head(kept, trusted))
    return proven


def _proven(content: bytes, trusted: str) -> Proven:
    _must(len(content) <= MOST_BYTES, ReceiptFault.TOO_LARGE, f"it has more than {MOST_BYTES} bytes")
    with _or(ReceiptFault.NO_RECEIPT, "it is no receipt"):
        told = orjson.loads(content)
        version = told["version"]
        # True is 1 here, and nowhere else.
        is_receipt = type(version) is int and told["steppe"] == "receipt" and told.keys() == OF_RECEIPTS[version]
    _must(is_receipt, ReceiptFault.NO_RECEIPT, "it is no receipt")
    keys = _Keys.told_by(told, content, trusted)
    proof = keys.signed(told["proof"], PROOF_TYPE, ReceiptFault.PROOF, "the mission has not signed its receipt")
    is_its_own = keys.mission is None or keys.mission == proof.get("mission")
    _must(is_its_own, ReceiptFault.KEYS, "its keys are listed for another mission")
    read = _report(told["report"], proof)
    covered_by = _covering(told, proof, keys) if version > 1 else None
    with _or(ReceiptFault.PROOF, "the receipt leaves something out"):
        return Proven(
            mission=proof["mission"],
            report=proof["id"],
            content_hash=proof["hash"],
            device=read.kid,
            device_seq=proof["device_seq"],
            seq=proof["seq"],
            epoch=proof["epoch"],
            received_at=proof["received_at"],
            signed_at=proof["at"],
            covered_by=covered_by,
        )


def _report(report: str, proof: dict[str, Any]) -> Signed:
    """Return the report that the phone signed, when it is the one that was receipted."""
    odd = "the report is not written as phones write them"
    with _or(ReceiptFault.REPORT, odd):
        raw = unb64u(report)
        read = read_signed(deflate(raw))
        written = read.protected + b".." + b64u(read.signature).encode() + b"\n" + read.canonical
        is_as_written = written == raw and b64u(raw) == report
    _must(is_as_written, ReceiptFault.REPORT, odd)
    is_same = content_hash(read.canonical) == proof.get("hash")
    _must(is_same, ReceiptFault.CONTENT, "the content is another than was received")
    unsigned = "the device has not signed this content"
    with _or(ReceiptFault.DEVICE, unsigned):
        is_signed = is_signed_by(read, public_key(proof["device_jwk"]))
    _must(is_signed, ReceiptFault.DEVICE, unsigned)
    otherwise = "report and receipt name different things"
    with _or(ReceiptFault.NAMES, otherwise):
        said = orjson.loads(read.canonical)
        names = (said["id"], said["device"], said["device_seq"], read.kid)
        is_named = names == (proof["id"], proof["device"], proof["device_seq"], proof["device"])
    _must(is_named, ReceiptFault.NAMES, otherwise)
    return read


def _covering(told: dict[str, Any], proof: dict[str, Any], keys: _Keys) -> Head:
    """Return the checkpoint under which the file shows the receipt to stand."""
    entry, head = told["entry"], keys.head(told["checkpoint"], ReceiptFault.CHECKPOINT)
    shown = {"mission", "id", "hash", "device_seq", "seq", "outcome"}
    other = "the entry in the tree is about another receipt"
    with _or(ReceiptFault.ENTRY, other):
        is_its_own = all(entry[member] == proof[member] for member in shown) and entry["at"] == proof["received_at"]
    _must(is_its_own, ReceiptFault.ENTRY, other)
    outside = "it does not stand under its checkpoint"
    with _or(ReceiptFault.PATH, outside):
        path, place = [bytes.fromhex(step) for step in told["path"]], told["place"]
        is_as_written = [step.hex() for step in path] == told["path"] and type(place) is int
        root = root_by_path(leaf_hash(rfc8785.dumps(entry)), place, head.size, path)
    _must(is_as_written and (root, entry["mission"]) == (head.root, head.mission), ReceiptFault.PATH, outside)
    return head


def _kept_head(content: bytes, trusted: str) -> Head:
    none = "the file kept is no checkpoint"
    with _or(ReceiptFault.KEPT, none):
        told = orjson.loads(content)
        version = told["version"]
        is_checkpoint = type(version) is int and version == 1 and told.keys() == OF_CHECKPOINTS
        is_checkpoint = is_checkpoint and told["steppe"] == "checkpoint"
    _must(is_checkpoint, ReceiptFault.KEPT, none)
    try:
        keys = _Keys.told_by(told, content, trusted)
    except BadReceiptFile as error:
        is_other = error.fault is ReceiptFault.OTHER_KEY
        fault = ReceiptFault.KEPT_OTHER_KEY if is_other else ReceiptFault.KEPT
        raise BadReceiptFile(fault, f"the checkpoint kept: {error.detail}") from error
    head = keys.head(told["checkpoint"], ReceiptFault.KEPT)
    _must(
        keys.mission is None or keys.mission == head.mission,
        ReceiptFault.KEPT,
        "the checkpoint kept is of another mission",
    )
    return head


def _compare(covered_by: Head | None, kept: Head) -> None:
    if covered_by is None or covered_by.mission != kept.mission:
        raise BadReceiptFile(ReceiptFault.UNCOVERED, "it stands under no checkpoint of that mission")
    _must(
        covered_by.size == kept.size,
        ReceiptFault.OTHER_CHECKPOINT,
        f"it stands under {covered_by.size} receipts of {covered_by.at}, and the checkpoint kept is of {kept.size}: "
        "have it made with `--checkpoint` and the one kept",
    )
    _must(
        covered_by.root == kept.root,
        ReceiptFault.TWO_PASTS,
        f"the mission has signed two pasts of {kept.size} receipts",
    )


@dataclass(frozen=True, slots=True)
class _Keys:
    """The receipt keys to which a file leads, and the mission they are listed for; None where no list leads to them."""

    keys: tuple[ECKey, ...]
    mission: str | None = None
    serial: int = 0

    @classmethod
    def told_by(cls, told: dict[str, Any], content: bytes, trusted: str) -> _Keys:
        odd = "it is not written as receipts are"
        with _or(ReceiptFault.NOT_AS_WRITTEN, odd):
            key = ECKey.import_key(told["key"])
            # The library reads a key in other spellings too, of its type and of its coordinates.
            is_as_written = told["key"] == point(key.as_dict(private=False)) and type(told["keys"]) is list
            is_as_written = is_as_written and rfc8785.dumps(told) + b"\n" == content
        _must(is_as_written, ReceiptFault.NOT_AS_WRITTEN, odd)
        other = f"it rests on another key: {key.thumbprint()}"
        _must(key.thumbprint() == trusted, ReceiptFault.OTHER_KEY, other)
        keys = cls((key,))
        for place, statement in enumerate(told["keys"]):
            keys = keys._with(statement, is_first=place == 0)
        return keys

    def _with(self, statement: str, *, is_first: bool) -> _Keys:
        """Believe one list more: the first is the whole truth, as the root says it; a receipt key only adds."""
        wrong = "no lists lead from its key to the mission's receipt keys"
        listed = self.signed(statement, STATEMENT_TYPE, ReceiptFault.KEYS, wrong)
        with _or(ReceiptFault.KEYS, wrong):
            is_next = listed["serial"] > self.serial and (is_first or self.mission == listed["mission"])
            added = tuple(ECKey.import_key(jwk) for jwk in listed["receipt"])
        _must(is_next, ReceiptFault.KEYS, wrong)
        return _Keys(added if is_first else self.keys + added, listed["mission"], listed["serial"])

    def signed(self, token: str, typ: str, fault: ReceiptFault, otherwise: str) -> dict[str, Any]:
        """Return what one of these keys signed, the one that is named. Raises BadReceiptFile."""
        with _or(fault, otherwise):
            # Two texts may stand for the same bytes in base64url; only the one written without need of that counts.
            is_as_written = all(b64u(unb64u(part)) == part for part in token.split("."))
            kid = jws.extract_compact(token.encode()).headers()["kid"]
            key = next(one for one in self.keys if one.thumbprint() == kid)
            read = jws.deserialize_compact(token, key, algorithms=["ES256"])
            payload: dict[str, Any] = json.loads(read.payload)
            is_meant = is_as_written and read.headers().get("typ") == typ and type(payload) is dict
        _must(is_meant, fault, otherwise)
        return payload

    def head(self, checkpoint: str, fault: ReceiptFault) -> Head:
        """Return what a checkpoint says that one of these keys signed. Raises BadReceiptFile."""
        otherwise = "the mission has not signed the checkpoint"
        payload = self.signed(checkpoint, CHECKPOINT_TYPE, fault, otherwise)
        with _or(fault, otherwise):
            receipts = payload["receipts"]
            return Head(payload["mission"], payload["at"], receipts["size"], receipts["root"])


@contextmanager
def _or(fault: ReceiptFault, otherwise: str) -> Iterator[None]:
    """Name what cannot be read, or is not there, as this fault."""
    try:
        yield
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, StopIteration, RecursionError) as error:
        raise BadReceiptFile(fault, otherwise) from error


def _must(holds: bool, fault: ReceiptFault, otherwise: str) -> None:
    if not holds:
        raise BadReceiptFile(fault, otherwise)

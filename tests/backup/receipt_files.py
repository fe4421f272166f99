"""Receipt files and checkpoints of a mission made up for tests."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from steppe.backup.receipts.receipt_file import (
    CHECKPOINT_TYPE,
    Covered,
    Foundation,
    Received,
    checkpoint_file,
    receipt_file,
)
from steppe.backup.recovery_words import make_recovery_words
from steppe.kit.ids import uuid7
from steppe.kit.merkle import Tree, inclusion_path
from steppe.missions import keys
from steppe.missions.key_list import KeyList
from steppe.missions.keys import ReceiptKey
from steppe.submissions.receipts import signed
from steppe.submissions.sealing import content_hash, deflate, make_revision, sign
from steppe.sync.receipt_tree import enter_receipts, receipt_entry, receipt_leaf

AT = datetime(2021, 1, 10, 8, tzinfo=UTC)
RECEIVED_AT = datetime(2021, 1, 9, 8, tzinfo=UTC)


class Maker:
    """A mission with a root, one key list further, and a phone with one report."""

    def __init__(self) -> None:
        self.root, self.first, self.second, self.device = (
            make_recovery_words().root,
            keys.make_key(),
            keys.make_key(),
            keys.make_key(),
        )
        self.device_id = uuid7()
        self.canonical = make_revision(
            id=str(uuid7()),
            submission=str(uuid7()),
            checklist_version=str(uuid7()),
            patch={"remarks": "calm"},
            team="LTO01",
            author=str(uuid7()),
            device=str(self.device_id),
            device_seq=1,
            made_at=RECEIVED_AT,
            tz="Asia/Almaty",
        )
        self.received = Received(uuid7(), self.device_id, keys.public_jwk(self.device), 7, 1, RECEIVED_AT, "stored")
        lists = [
            KeyList(self.received.mission_id, serial, tuple(map(keys.public_jwk, of)), {}, None, {})
            for serial, of in ((1, [self.first]), (2, [self.first, self.second]))
        ]
        point = keys.public_jwk(self.first)
        told = [replace(one, transport=point) for one in lists]
        self.statements = [told[0].statement(self.root, AT), told[1].statement(self.first, AT)]

    def covered(self, others: int = 6, place: int = 3) -> Covered:
        """Put the receipt among others, under a checkpoint."""
        row = {
            "mission_id": self.received.mission_id,
            "seq": self.received.seq,
            "received_at": RECEIVED_AT,
            "outcome": "stored",
            "reason": "",
            "revision_id": json.loads(self.canonical)["id"],
            "hash": content_hash(self.canonical),
            "device_seq": 1,
            "sealed_hash": "s" * 43,
            "maker_id": None,
            "origin": "odihr",
            "pusher_id": self.device_id,
        }
        rows = [{**row, "seq": number} if number != place else row for number in range(others + 1)]
        tree = enter_receipts(Tree(), rows)
        payload = {
            "mission": str(self.received.mission_id),
            "at": "2021-01-09T20:00:00.000Z",
            "epoch": 1,
            "epochs": [],
            "receipts": tree.head(),
            "audit": Tree().head(),
        }
        private = self.second.private_key
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        checkpoint = signed(ReceiptKey(self.second.thumbprint(), private), payload, CHECKPOINT_TYPE)
        leaves = [receipt_leaf(one) for one in rows]
        return Covered(checkpoint, receipt_entry(row), place, inclusion_path(leaves, place))

    def kept(self, covered: Covered) -> bytes:
        """Return the checkpoint as somebody keeps it."""
        private = self.second.private_key
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        key = ReceiptKey(self.second.thumbprint(), private)
        foundation = Foundation.of(self.root.as_dict(private=False), self.statements, key)
        return checkpoint_file(covered.checkpoint, foundation)

    def file(
        self,
        *,
        root: bool = True,
        received: Received | None = None,
        signer: ECKey | None = None,
        covered: Covered | None = None,
    ) -> bytes:
        """Return the receipt file of the report, on the mission's root or its receipt key."""
        private, device = self.second.private_key, (signer or self.device).private_key
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        assert isinstance(device, ec.EllipticCurvePrivateKey)
        report = sign(self.canonical, key=device, kid=str(self.device_id))
        key = ReceiptKey(self.second.thumbprint(), private)
        foundation = Foundation.of(self.root.as_dict(private=False) if root else None, self.statements, key)
        return receipt_file(received or self.received, deflate(report), key, foundation, AT, covered)


def changed(content: bytes, **members: Any) -> bytes:
    """Return a file with other members, written as files are."""
    return rfc8785.dumps({**json.loads(content), **members}) + b"\n"

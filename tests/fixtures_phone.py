"""A phone of the tests: it makes, signs and seals reports, and proves itself, as a real one does."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from steppe.kit.clock import iso
from steppe.kit.ids import uuid7
from steppe.submissions.sealing import content_hash, make_revision, seal, sign
from tests.fixtures_checklist import answers

MADE_AT = datetime(2021, 1, 9, 8, 30, tzinfo=UTC)


@dataclass
class Phone:
    """A phone of an observer. It counts its reports and chains their hashes as a real one does."""

    id: UUID
    key: ec.EllipticCurvePrivateKey
    letter: str
    team_id: UUID
    team: str
    person_id: UUID
    checklist_version: UUID
    transport: dict[str, Any]
    push_token: str
    access_token: str
    seq: int = 0
    prev_hash: str = ""
    made: list[bytes] = field(default_factory=list)

    @property
    def bearer(self) -> dict[str, str]:
        """Headers of pushes and uploads."""
        return {"Authorization": f"Bearer {self.push_token}"}

    def proof(self, method: str, path: str, nonce: str) -> dict[str, str]:
        """Headers of every other request (RFC 9449)."""
        claims = {
            "htm": method,
            "htu": f"http://steppe.test{path}",
            "jti": str(uuid7()),
            "iat": 0,
            "ath": base64.urlsafe_b64encode(hashlib.sha256(self.access_token.encode()).digest()).rstrip(b"=").decode(),
            "nonce": nonce,
        }
        own = ECKey.import_key(self.key)
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": own.as_dict(private=False)}
        proof = jws.serialize_compact(header, json.dumps(claims), own, algorithms=["ES256"])
        return {"Authorization": f"DPoP {self.access_token}", "DPoP": proof}

    def revise(self, patch: dict[str, Any] | None = None, **changed: Any) -> bytes:
        """Make the phone's next revision, by default of a new submission; returns its canonical bytes."""
        self.seq += 1
        facts: dict[str, Any] = {
            "id": str(uuid7()),
            "submission": str(uuid7()),
            "checklist_version": str(self.checklist_version),
            "patch": answers() if patch is None else patch,
            "team": self.team,
            "author": str(self.person_id),
            "device": str(self.id),
            "device_seq": self.seq,
            "made_at": MADE_AT + timedelta(minutes=self.seq),
            "tz": "Asia/Almaty",
            "prev_hash": self.prev_hash,
        }
        canonical = make_revision(**{**facts, **changed})
        self.prev_hash = content_hash(canonical)
        self.made.append(canonical)
        return canonical

    def state(self, kind: str, *, named: dict[str, Any] | None = None, **said: Any) -> bytes:
        """Make the phone's next signed fact, of this kind; returns its canonical bytes. `named` replaces members."""
        self.seq += 1
        common: dict[str, Any] = {
            "id": str(uuid7()),
            "kind": kind,
            "team": self.team,
            "author": str(self.person_id),
            "device": str(self.id),
            "device_seq": self.seq,
            "made_at": iso(MADE_AT + timedelta(minutes=self.seq)),
            "tz": "Asia/Almaty",
            "prev_hash": self.prev_hash,
        }
        canonical = rfc8785.dumps({**common, **said, **(named or {})})
        self.prev_hash = content_hash(canonical)
        self.made.append(canonical)
        return canonical

    def fact(self, kind: str, *, named: dict[str, Any] | None = None, **said: Any) -> str:
        """Make, sign and seal the next fact."""
        return self.seal(self.state(kind, named=named, **said))

    def seal(self, canonical: bytes) -> str:
        """Sign and seal; every call makes another sealed text of the same revision."""
        return seal(sign(canonical, key=self.key, kid=str(self.id)), transport=self.transport)

    def report(self, patch: dict[str, Any] | None = None, **changed: Any) -> str:
        """Make, sign and seal the next revision."""
        return self.seal(self.revise(patch, **changed))

    def push_body(self, *items: str, **told: Any) -> dict[str, Any]:
        """Return the body of a push of these items; `told`: what the phone says of itself beside its outbox."""
        return {"outbox": {"waiting": len(items), "device_seq": self.seq}, "items": list(items), **told}

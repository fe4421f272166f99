"""A pushed item after reading, before the inbox is asked: what it is, whose it is, what already speaks against it.

Pure, and done outside the transaction: opening and checking cost more than writing, and nobody should wait for them
with the mission's counter in hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.answers import check_answers
from steppe.submissions.current import Author, PlaceIndex, Signer, SubmissionRow, project
from steppe.submissions.opening import CannotOpenError, Signed, read_signed, unsealed
from steppe.submissions.revision import Reason, RevisionIn, read_revision
from steppe.submissions.sealing import b64u
from steppe.sync.fence import Fence

RawForm = Literal["sealed", "signed"]


@dataclass(frozen=True, slots=True)
class Unsealed:
    """An item as it came and, where it could be opened, the signed bytes inside."""

    sealed_hash: str
    raw: bytes
    raw_form: RawForm
    signed: Signed | None
    reason: Reason = "unreadable"
    """Why a person must look, where `signed` is None."""

    @property
    def device_id(self) -> UUID | None:
        """The device the signature names, if it is an id at all."""
        if self.signed is None:
            return None
        try:
            return UUID(self.signed.kid)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Opened:
    """An item ready for the inbox.

    `revision` and `author` are there when the signature holds and the bytes are a revision. `reason` says why a
    person must look, as far as that can be known without the inbox. `fresh` is the submission a first revision
    makes.
    """

    unsealed: Unsealed
    revision: RevisionIn | None = None
    author: Author | None = None
    reason: Reason | None = None
    fresh: SubmissionRow | None = None


def unseal(text: str, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> Unsealed:
    """Open one item; what cannot be opened is kept as it came."""
    sealed = text.encode()
    hashed = b64u(hashlib.sha256(sealed).digest())
    with Fence("open"):
        try:
            deflated = unsealed(text, keys)
            return Unsealed(hashed, deflated, "signed", read_signed(deflated))
        except CannotOpenError:
            return Unsealed(hashed, sealed, "sealed", None)
    return Unsealed(hashed, sealed, "sealed", None, "cannot_project")


def read_item(item: Unsealed, signers: Mapping[UUID, Signer]) -> Opened:
    """Check the signature and the form of an opened item, and that it speaks for its own team."""
    with Fence("open"):
        return _read(item, signers)
    return Opened(item, reason="cannot_project")


def _read(item: Unsealed, signers: Mapping[UUID, Signer]) -> Opened:
    if item.signed is None:
        return Opened(item, reason=item.reason)
    device = item.device_id
    signer = signers.get(device) if device is not None else None
    if device is None or signer is None:
        return Opened(item, reason="unknown_device")
    found = read_revision(item.signed, device, signer.key)
    if not isinstance(found, RevisionIn):
        return Opened(item, reason=found)
    author = signer.author
    is_own = found.team == author.team_code and found.author == author.person_id
    return Opened(item, found, author, None if is_own else "wrong_team")


def check_item(item: Opened, definitions: Mapping[UUID, Definition]) -> Opened:
    """Check the answers of a revision against its checklist."""
    if item.revision is None or item.reason is not None:
        return item
    definition = definitions.get(item.revision.checklist_version)
    if definition is None:
        return replace(item, reason="unknown_checklist")
    with Fence("check"):
        return replace(item, reason="bad_answers") if check_answers(definition, item.revision.patch) else item
    return replace(item, reason="cannot_project")


def with_submission(item: Opened, definitions: Mapping[UUID, Definition], places: PlaceIndex) -> Opened:
    """Derive the submission a first revision makes."""
    revision, author = item.revision, item.author
    if revision is None or author is None or item.reason is not None or revision.base:
        return item
    with Fence("derive"):
        fresh = project(definitions[revision.checklist_version], revision, author, places)
        return replace(item, fresh=fresh)
    return replace(item, reason="cannot_project")

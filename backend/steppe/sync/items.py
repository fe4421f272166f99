"""A pushed item before the inbox is asked: what it is, whose it is, what already speaks against it.

Pure, and done outside the transaction: opening and checking cost more than writing, and nobody should wait for them
with the mission's counter in hand. An item goes through `unseal`, `read_item`, `check_item` and `with_submission`; each
returns it with more of its members set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.answers import check_answers
from steppe.missions.keys import ReceiptKey
from steppe.queries.statement import Statement, own_statement
from steppe.submissions.current import Author, Signer, SubmissionRow
from steppe.submissions.merging import Arrival, HeldReport, project_arrival
from steppe.submissions.opening import CannotOpenError, Signed, read_signed, unsealed
from steppe.submissions.place_index import PlaceIndex, PlaceNote
from steppe.submissions.revision import Reason, RevisionIn
from steppe.submissions.sealing import b64u
from steppe.submissions.signed_fact import Made, ReplyIn, SignedFactIn, WithdrawalIn, read_made
from steppe.sync.fence import Fence

RawForm = Literal["sealed", "signed"]


@dataclass(frozen=True, slots=True)
class Item:
    """A pushed item as it came, and as far as it could be read.

    `sealed_hash` is the base64url SHA-256 of the text that was pushed, `raw` what the inbox keeps of it: the signed
    bytes inside where it could be opened, else the text. `revision` or `fact`, and `author`, are there when the
    signature holds and the bytes are one. `reason` says why a person must look, as far as that can be known without
    the inbox. `query` is, of a reply, the round it is to, where this mission signed it.
    `arrival` is what the revision makes of its report, from `before`, the report as it stood at reading, merged with
    the revisions `merged_with`; None of one whose base is not here: that is looked for again when it is stored.
    """

    sealed_hash: str
    raw: bytes
    raw_form: RawForm
    signed: Signed | None = None
    revision: RevisionIn | None = None
    fact: SignedFactIn | None = None
    query: Statement | None = None
    author: Author | None = None
    reason: Reason | None = None
    arrival: Arrival | None = None
    before: SubmissionRow | None = None
    merged_with: frozenset[str] = frozenset()

    @property
    def made(self) -> Made | None:
        """What its device numbered and signed, a revision or another fact."""
        return self.revision or self.fact

    @property
    def device_seq(self) -> int:
        """The number the device gave to it; 0 for what nobody known signed."""
        return self.made.device_seq if self.made else 0

    @property
    def names_another_team(self) -> bool:
        """Whether it is signed with another team than its device is of, as far as that was looked up."""
        return bool(self.made and self.author and self.made.team != self.author.team_code)

    @property
    def device_id(self) -> UUID | None:
        """The device the signature names, if it is an id at all."""
        if self.signed is None:
            return None
        try:
            return UUID(self.signed.kid)
        except ValueError:
            return None


def unseal(text: str, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> Item:
    """Open one item; what cannot be opened is kept as it came."""
    sealed = text.encode()
    hashed = b64u(hashlib.sha256(sealed).digest())
    with Fence("open"):
        try:
            deflated = unsealed(text, keys)
            return Item(hashed, deflated, "signed", read_signed(deflated))
        except CannotOpenError:
            return Item(hashed, sealed, "sealed", reason="unreadable")
    return Item(hashed, sealed, "sealed", reason="cannot_project")


def reopened(raw: bytes, raw_form: str, sealed_hash: str, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> Item:
    """Return an item out of the inbox; what could not be opened when it came is tried with the keys there are now."""
    if raw_form == "sealed":
        return unseal(raw.decode(), keys)
    try:
        return Item(sealed_hash, raw, "signed", read_signed(raw))
    except CannotOpenError:
        return Item(sealed_hash, raw, "signed", reason="unreadable")


def read_item(item: Item, signers: Mapping[UUID, Signer]) -> Item:
    """Check the signature and the form of an opened item, and that it speaks for its own team."""
    if item.signed is None:
        return item
    with Fence("open"):
        return _read(item, item.signed, signers)
    return replace(item, reason="cannot_project")


def _read(item: Item, signed: Signed, signers: Mapping[UUID, Signer]) -> Item:
    device = item.device_id
    signer = signers.get(device) if device is not None else None
    if device is None or signer is None:
        return replace(item, reason="unknown_device")
    made = read_made(signed, device, signer.key)
    if isinstance(made, str):
        return replace(item, reason=made)
    # What a phone made before it heard that its observer moved is of the team it is signed with.
    named = (one for one in (signer.author, *signer.former) if one.team_code == made.team)
    author = next(named, signer.author)
    is_own = made.team == author.team_code and made.author == author.person_id
    reason: Reason | None = "revoked_device" if signer.is_revoked else None if is_own else "wrong_team"
    if isinstance(made, SignedFactIn):
        return replace(item, fact=made, author=author, reason=reason)
    return replace(item, revision=made, author=author, reason=reason)


def with_query(item: Item, keys: Collection[ReceiptKey], mission_id: UUID) -> Item:
    """Read the round that a reply carries, as far as the mission signed it with one of these keys."""
    content = item.fact.content if item.fact else None
    if not isinstance(content, ReplyIn):
        return item
    with Fence("open"):
        return replace(item, query=own_statement(content.query, mission_id, keys))
    return replace(item, reason="cannot_project")


def reports_withdrawn(items: Iterable[Item]) -> set[UUID]:
    """Return the reports that withdrawals among the items take back."""
    contents = (item.fact.content for item in items if item.fact and item.reason is None)
    return {content.submission for content in contents if isinstance(content, WithdrawalIn)}


def with_checklist(item: Item, versions: Mapping[UUID, UUID], definitions: Mapping[UUID, Definition]) -> Item:
    """Set a withdrawal aside whose report is here, but nobody can read its checklist: its counts cannot move.

    `versions`: report → checklist version, of reports that are here.
    """
    content = item.fact.content if item.fact else None
    version = versions.get(content.submission) if isinstance(content, WithdrawalIn) else None
    is_unknown = version is not None and version not in definitions
    return replace(item, reason="unknown_checklist") if is_unknown and item.reason is None else item


def check_item(item: Item, definitions: Mapping[UUID, Definition]) -> Item:
    """Check the answers of a revision against its checklist."""
    if item.revision is None or item.reason is not None:
        return item
    definition = definitions.get(item.revision.checklist_version)
    if definition is None:
        return replace(item, reason="unknown_checklist")
    with Fence("check"):
        return replace(item, reason="bad_answers") if check_answers(definition, item.revision.patch) else item
    return replace(item, reason="cannot_project")


def misfit(revision: RevisionIn, author: Author, current: SubmissionRow | None) -> Reason | None:
    """Return why a revision does not belong to the submission as it stands, None when it does."""
    if current is None:
        return None
    if current["team_id"] != author.team_id:
        return "wrong_team"
    return None if current["checklist_version_id"] == revision.checklist_version else "bad_revision"


def with_submission(
    item: Item,
    definitions: Mapping[UUID, Definition],
    places: PlaceIndex,
    reports: Mapping[UUID, HeldReport],
    note: PlaceNote | None = None,
) -> Item:
    """Work out what a revision makes of its report: a first one alone, others with what `reports` has of theirs.

    `note`: where a person placed it; without it `places` is asked.
    """
    revision, author = item.revision, item.author
    if revision is None or author is None or item.reason is not None:
        return item
    report = reports.get(revision.submission, HeldReport())
    if misfit(revision, author, report.row) is not None or str(revision.id) in report.names:
        return item
    with Fence("derive"):
        if not report.is_damaged:
            arrival = project_arrival(definitions[revision.checklist_version], report, revision, author, places, note)
            return replace(item, arrival=arrival, before=report.row, merged_with=report.names)
    return replace(item, reason="cannot_project")


def behind_another(items: Sequence[Item]) -> frozenset[int]:
    """Return the numbers of items before which another item of their report stands, as their device made them."""
    seen: set[UUID] = set()
    behind: set[int] = set()
    for number, item in sorted(enumerate(items), key=lambda one: (one[1].device_seq, one[0])):
        if item.revision is not None:
            if item.revision.submission in seen:
                behind.add(number)
            seen.add(item.revision.submission)
    return frozenset(behind)

"""What the reports of a team say, for its phones: encrypted to the phone that asks (docs/protocol.md §14).

The feed tells a phone which revisions its team's reports consist of; of those it lacks it asks here. Both phones of a
pair come to the same report by the same register as the server.
"""

from __future__ import annotations

import hashlib
from asyncio import to_thread
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from joserfc import jwe
from joserfc.jwk import ECKey
from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from steppe.decisions.models import Decision
from steppe.decisions.queries import took
from steppe.decisions.taken import TakenAs
from steppe.kit.clock import iso
from steppe.kit.db import ReadSession, in_list
from steppe.kit.problems import Problem
from steppe.kit.settings import Settings
from steppe.missions.keys import ReceiptKey
from steppe.missions.mission_keys import mission_keys
from steppe.missions.models import Mission
from steppe.people.access import DeviceCaller
from steppe.people.models import Device
from steppe.submissions.models import Revision
from steppe.submissions.receipts import signed
from steppe.submissions.scope import readable_team_reports
from steppe.submissions.sealing import b64u, deflate
from steppe.sync.held_reports import taken_revision
from steppe.sync.models import InboxItem

REPORTS_TYPE: Final = "steppe-reports+jws"
SEALED_REPORTS_TYPE: Final = "steppe-reports+jwe"
_ALGORITHMS: Final = ["ECDH-ES", "A256GCM"]
_MOST_REVISIONS: Final = 200
_MOST_BYTES: Final = 512 * 1024
"""Of one answer, packed as in the inbox and unpacked alike; a revision that is larger comes alone."""


class NoContentKey(Problem):
    """The phone has registered no content key here: a restored server may have forgotten it."""

    slug = "no-content-key"
    status = HTTPStatus.CONFLICT
    title = "This phone has registered no content key"
    next = "Register it, then ask again."


class _Stored(NamedTuple):
    letter: str
    received_at: datetime
    raw: bytes
    payload: dict[str, Any] | None
    """Of the decision that took it, where it had been kept aside."""


async def team_reports(
    session: ReadSession, caller: DeviceCaller, settings: Settings, held: Mapping[UUID, Collection[UUID]]
) -> dict[str, Any]:
    """Return what the caller lacks of these reports, as one JWE to its content key, and whether that is all.

    `held`: report → the revisions it has. Only what was its team's when it came, of reports of its team: a phone that
    moved gets nothing of the team before, another team's phone nothing at all. Where phones keep no readable copies
    after the receipt, none goes down. Raises NoContentKey.
    """
    key = (await session.execute(_content_key(caller))).scalar_one_or_none()
    if key is None:
        raise NoContentKey
    mission = await session.get_one(Mission, caller.mission_id)
    reports = await readable_team_reports(session, caller, held)
    if mission.policy.get("local_copy") == "remove" or not reports:
        return {"sealed": None, "more": False}
    numbers, more = await _lacking(session, caller, held, reports)
    if not numbers:
        return {"sealed": None, "more": False}
    query = (
        select(col(InboxItem.letter), col(InboxItem.received_at), col(InboxItem.raw), col(Decision.payload))
        .join(Revision, _lies_in_inbox())
        .outerjoin(Decision, took(Revision))
        .where(col(InboxItem.mission_id) == caller.mission_id, col(InboxItem.seq).in_(numbers))
        .order_by(col(InboxItem.seq))
    )
    stored = [_Stored(*row) for row in (await session.execute(query)).all()]
    signer = (await mission_keys(session, caller.mission_id, settings)).receipt_for(caller.held_keys)
    sealed, is_cut = await to_thread(_sealed, stored, caller, key, signer)
    return {"sealed": sealed, "more": more or is_cut}


def _lies_in_inbox() -> ColumnElement[bool]:
    return (col(InboxItem.mission_id) == col(Revision.mission_id)) & (col(InboxItem.seq) == col(Revision.seq))


def _content_key(caller: DeviceCaller) -> Any:
    return select(col(Device.content_jwk)).where(
        col(Device.id) == caller.device_id, col(Device.mission_id) == caller.mission_id
    )


async def _lacking(
    session: ReadSession, caller: DeviceCaller, held: Mapping[UUID, Collection[UUID]], reports: Collection[UUID]
) -> tuple[list[int], bool]:
    """Return the numbers of the next revisions the caller lacks, the first received first, and whether more are left.

    Those that wait for their base are in nothing yet, and are told of when they are.
    """
    query = (
        select(
            col(Revision.seq),
            col(Revision.submission_id),
            col(Revision.id),
            col(Revision.waits_for),
            func.length(col(InboxItem.raw)),
            col(InboxItem.team_id),
            col(Decision.payload),
        )
        .join(InboxItem, _lies_in_inbox())
        .outerjoin(Decision, took(Revision))
        .where(col(Revision.mission_id) == caller.mission_id, col(Revision.submission_id).in_(in_list(reports)))
        .order_by(col(Revision.seq))
    )
    numbers: list[int] = []
    size = 0
    for number, submission, revision, waits_for, bytes_of_it, came_of, payload in (await session.execute(query)).all():
        taken = TakenAs.read(payload)
        team = taken.team_id if taken else came_of
        # None: an earlier version took it in, when a report's team was that of its every revision.
        if waits_for or revision in held[submission] or team not in (None, caller.team_id):
            continue
        size += bytes_of_it
        if numbers and (size > _MOST_BYTES or len(numbers) == _MOST_REVISIONS):
            return numbers, True
        numbers.append(number)
    return numbers, False


def _sealed(
    stored: Sequence[_Stored], caller: DeviceCaller, key: Mapping[str, Any], signer: ReceiptKey
) -> tuple[str, bool]:
    """Return these revisions as one JWE, and whether some were left out: what packs well may be large unpacked."""
    written: list[bytes] = []
    for one in stored:
        content = orjson.dumps(_content(one))
        if written and sum(map(len, written)) + len(content) > _MOST_BYTES:
            break
        written.append(content)
    content = b"[" + b",".join(written) + b"]"
    said = {
        "mission": str(caller.mission_id),
        "device": str(caller.device_id),
        "sha256": b64u(hashlib.sha256(content).digest()),
    }
    plain = signed(signer, said, REPORTS_TYPE).encode() + b"\n" + content
    recipient = ECKey.import_key(dict(key))
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": recipient.thumbprint(), "typ": SEALED_REPORTS_TYPE}
    return jwe.encrypt_compact(header, deflate(plain), recipient, algorithms=_ALGORITHMS), len(written) < len(stored)


def _content(stored: _Stored) -> dict[str, Any]:
    """Return what a phone of the team reads of a revision: what it changed, who made it, no key of any attachment."""
    revision, taken = taken_revision(stored.raw, stored.payload)
    return {
        "id": str(revision.id),
        "submission": str(revision.submission),
        "checklist_version": str(revision.checklist_version),
        "base": list(revision.base),
        "patch": revision.patch,
        "files": {one.path: one.plain_sha256 for one in revision.attachments},
        "device": str(revision.device),
        "letter": taken.letter if taken else stored.letter,
        "author": str(revision.author),
        "made_at": iso(revision.made_at),
        "tz": revision.tz,
        "received_at": iso(stored.received_at),
        **({"reason": revision.reason} if revision.reason else {}),
    }

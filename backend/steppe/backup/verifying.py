"""Verifying what a server holds against what was signed: receipts, chains, files, and everything derived."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from joserfc.jwk import ECKey

from steppe.attachments.blob_names import whole_name
from steppe.audit.trail_tree import audit_leaf
from steppe.backup.checkpoints import audit_tree
from steppe.backup.manifest import is_named
from steppe.backup.queries import (
    checkpoints,
    device_keys,
    files_of_forms,
    files_of_reports,
    inbox,
    mission_heads,
    receipts_in_tree,
    receipts_outside,
    trail_in_tree,
    trail_outside,
)
from steppe.backup.receipts.receipt_file import CHECKPOINT_TYPE
from steppe.backup.trees import DeviceChains, TreeWalk, head_in, judge_head, signed_heads
from steppe.checklists.xlsform.form_files import blob_name
from steppe.kit.blobs import Blobs
from steppe.kit.clock import iso
from steppe.kit.db import Database, ReadSession
from steppe.missions.keys import RECEIPT
from steppe.missions.models import Mission
from steppe.missions.queries import key_rows
from steppe.missions.safety import read_safety
from steppe.submissions.opening import CannotOpenError, is_signed_by, read_signed
from steppe.submissions.receipts import RECEIPT_TYPE
from steppe.submissions.sealing import b64u, content_hash, public_key
from steppe.summaries.inbox import DamagedInbox
from steppe.summaries.rebuild import rebuild
from steppe.sync.receipt_tree import receipt_leaf


@dataclass(slots=True)
class Verified:
    """One kind of thing that was looked at: how many, how many are bad, and the first of these in words."""

    subject: str
    looked_at: int = 0
    bad: int = 0
    first: str = ""
    remark: str = ""

    def note(self, fault: str) -> None:
        """Count a bad entry."""
        self.bad += 1
        self.first = self.first or fault

    def __str__(self) -> str:
        """Return the line for a terminal."""
        if not self.bad:
            return f"ok   {self.subject}: {self.looked_at}" + (f" ({self.remark})" if self.remark else "")
        return f"BAD  {self.subject}: {self.bad} of {self.looked_at}, the first: {self.first}"


@dataclass(slots=True)
class _Signed:
    receipts: Verified = field(default_factory=lambda: Verified("receipts"))
    chains: Verified = field(default_factory=lambda: Verified("chains of phones"))
    tree: Verified = field(default_factory=lambda: Verified("receipts in the tree"))
    checkpoints: Verified = field(default_factory=lambda: Verified("signed heads of the tree"))


async def verify(database: Database, blobs: Blobs, held: bytes = b"") -> AsyncIterator[Verified]:
    """Look at everything, and yield each kind when it was looked at. Nothing is changed. Raises BlobsAway.

    `held`: a file with what was signed earlier and kept elsewhere, checkpoints or lists of receipts: the tree has to
    stand to all of it.
    """
    signed = _Signed()
    async with database.read(is_snapshot=True) as session:
        heads = await mission_heads(session)
        for head in heads:
            await _check_inbox(session, head.id, head.n, signed)
            await _check_tree(session, head.id, signed, held)
        trail = await _check_trail(session)
        files = [(whole_name(mission, name), size) for mission, name, size in await files_of_reports(session)]
        files += [(blob_name(mission, name), size) for mission, name, size in await files_of_forms(session)]
    yield signed.receipts
    yield signed.chains
    yield signed.tree
    yield signed.checkpoints
    yield trail
    yield await _check_files(blobs, files)
    yield await _check_derived(database)


async def _check_inbox(session: ReadSession, mission_id: UUID, head: int, signed: _Signed) -> None:
    keys = {device: public_key(jwk) for device, jwk in (await device_keys(session, mission_id)).items()}
    chains = DeviceChains()
    async for item in inbox(session, mission_id):
        signed.receipts.looked_at += 1
        seq = item["seq"]
        fault = f"number {seq} is beyond the counter" if seq > head else _fault_of(item, keys, chains)
        if fault is not None:
            signed.receipts.note(f"number {seq}: {fault}")
        elif item["hash"] is not None:
            signed.chains.looked_at += 1
    for device, device_seq in chains.breaks():
        signed.chains.note(f"report {device_seq} of phone {device} does not follow the one before it")


def _fault_of(item: Any, keys: dict[UUID, Any], chains: DeviceChains) -> str | None:
    """Return what is wrong with an inbox item, compared with what its receipt said; None when nothing is."""
    if item["raw_form"] == "sealed":
        is_same = b64u(hashlib.sha256(item["raw"]).digest()) == item["sealed_hash"]
        return None if is_same else "its sealed text is another"
    if item["hash"] is None:
        return None
    try:
        read = read_signed(item["raw"])
    except CannotOpenError as error:
        return f"its bytes are damaged ({error})"
    if content_hash(read.canonical) != item["hash"]:
        return "its content is another than was receipted"
    device = UUID(read.kid)
    if device not in keys or not is_signed_by(read, keys[device]):
        return "its signature does not hold"
    said = orjson.loads(read.canonical)
    if (said["id"], said["device_seq"]) != (str(item["revision_id"]), item["device_seq"]):
        return "id or number are others than it signed"
    chains.add(device, said["device_seq"], item["hash"], said["prev_hash"])
    return None


async def _check_tree(session: ReadSession, mission_id: UUID, signed: _Signed, held: bytes) -> None:
    walk = TreeWalk()
    async for row in receipts_in_tree(session, mission_id):
        walk.add(row["tree_size"], row["tree_root"], receipt_leaf(row), f"receipt number {row['seq']}")
    walk.end((await read_safety(session, mission_id)).tree)
    _conclude(signed.tree, walk, await receipts_outside(session, mission_id))
    mission = await session.get_one(Mission, mission_id)
    keys = [row for row in await key_rows(session, mission_id) if row.purpose == RECEIPT]
    known = {row.kid: ECKey.import_key(row.public_jwk) for row in keys}
    heads = []
    for one in await checkpoints(session, mission_id):
        head = head_in(one.jws, known, [CHECKPOINT_TYPE])
        signed.checkpoints.looked_at += 1
        if head is None or head.size != one.receipts:
            signed.checkpoints.note(f"the checkpoint of {iso(one.made_at)} is not what the mission signed")
        else:
            heads.append(head)
    # By a stolen key anybody can have signed anything; what lies in our own table is only compared.
    in_force = {row.kid: known[row.kid] for row in keys if row.stolen_since is None}
    told = list(signed_heads(held, in_force, [CHECKPOINT_TYPE, RECEIPT_TYPE]))
    signed.checkpoints.looked_at += len(told)
    lost = 0
    for head in [*heads, *told]:
        words, is_well = judge_head(head, walk.roots, mission.epochs)
        if not is_well:
            signed.checkpoints.note(words)
        elif words:
            lost += 1
            signed.checkpoints.remark = f"{lost} are of what a restore lost, such as {words}"


async def _check_trail(session: ReadSession) -> Verified:
    checked, walk = Verified("audit trail"), TreeWalk()
    async for row in trail_in_tree(session):
        walk.add(row["tree_size"], row["tree_root"], audit_leaf(row), f"{row['action']} of {iso(row['at'])}")
    walk.end(await audit_tree(session))
    _conclude(checked, walk, await trail_outside(session))
    return checked


def _conclude(checked: Verified, walk: TreeWalk, waiting: int) -> None:
    checked.looked_at += walk.tree.size
    if walk.fault:
        checked.note(walk.fault)
    if waiting:
        checked.remark = f"{waiting} wait for the next checkpoint"


async def _check_files(blobs: Blobs, files: list[tuple[str, int]]) -> Verified:
    checked = Verified("photos and files", len(files))
    for name, size in files:
        try:
            content = await blobs.get(name)
        except FileNotFoundError:
            checked.note(f"{name} is not there")
            continue
        if not await asyncio.to_thread(is_named, content, name, size):
            checked.note(f"{name} is not what came")
    return checked


async def _check_derived(database: Database) -> Verified:
    checked = Verified("reports and counts, derived anew")
    try:
        replays = await rebuild(database, is_check=True)
    except DamagedInbox as problem:
        checked.note(problem.detail)
        return checked
    checked.looked_at = sum(found.submissions for found in replays)
    for found in replays:
        for difference in found.differences:
            checked.note(difference)
    return checked

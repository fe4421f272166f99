"""Verifying what a server holds against what was signed: receipts, chains, files, and everything derived."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from steppe.attachments.blob_names import whole_name
from steppe.backup.chains import DeviceChains
from steppe.backup.manifest import is_named
from steppe.backup.queries import device_keys, files_of_forms, files_of_reports, inbox, mission_heads
from steppe.checklists.xlsform.form_files import blob_name
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database, ReadSession
from steppe.submissions.opening import CannotOpenError, is_signed_by, read_signed
from steppe.submissions.sealing import b64u, content_hash, public_key
from steppe.summaries.rebuild import DamagedInbox, rebuild


@dataclass(slots=True)
class Verified:
    """One kind of thing that was looked at: how many, how many are bad, and the first of these in words."""

    subject: str
    looked_at: int = 0
    bad: int = 0
    first: str = ""

    def note(self, fault: str) -> None:
        """Count a bad entry."""
        self.bad += 1
        self.first = self.first or fault

    def __str__(self) -> str:
        """Return the line for a terminal."""
        if not self.bad:
            return f"ok   {self.subject}: {self.looked_at}"
        return f"BAD  {self.subject}: {self.bad} of {self.looked_at}, the first: {self.first}"


@dataclass(slots=True)
class _Signed:
    receipts: Verified = field(default_factory=lambda: Verified("receipts"))
    chains: Verified = field(default_factory=lambda: Verified("chains of phones"))


async def verify(database: Database, blobs: Blobs) -> AsyncIterator[Verified]:
    """Look at everything, and yield each kind when it was looked at. Nothing is changed. Raises BlobsAway."""
    signed = _Signed()
    async with database.read(is_snapshot=True) as session:
        heads = await mission_heads(session)
        for head in heads:
            await _check_inbox(session, head.id, head.n, signed)
        files = [(whole_name(mission, name), size) for mission, name, size in await files_of_reports(session)]
        files += [(blob_name(mission, name), size) for mission, name, size in await files_of_forms(session)]
    yield signed.receipts
    yield signed.chains
    yield await _check_files(blobs, files)
    yield await _check_derived(database)


async def _check_inbox(session: ReadSession, mission_id: UUID, head: int, signed: _Signed) -> None:
    keys = {device: public_key(jwk) for device, jwk in (await device_keys(session, mission_id)).items()}
    chains = DeviceChains()
    async for item in inbox(session, mission_id):
        signed.receipts.looked_at += 1
        fault = f"number {item.seq} is beyond the counter" if item.seq > head else _fault_of(item, keys, chains)
        if fault is not None:
            signed.receipts.note(f"number {item.seq}: {fault}")
        elif item.hash is not None:
            signed.chains.looked_at += 1
    for device, device_seq in chains.breaks():
        signed.chains.note(f"report {device_seq} of phone {device} does not follow the one before it")


def _fault_of(item: Any, keys: dict[UUID, Any], chains: DeviceChains) -> str | None:
    """Return what is wrong with an inbox item, compared with what its receipt said; None when nothing is."""
    if item.raw_form == "sealed":
        is_same = b64u(hashlib.sha256(item.raw).digest()) == item.sealed_hash
        return None if is_same else "its sealed text is another"
    if item.hash is None:
        return None
    try:
        read = read_signed(item.raw)
    except CannotOpenError as error:
        return f"its bytes are damaged ({error})"
    if content_hash(read.canonical) != item.hash:
        return "its content is another than was receipted"
    device = UUID(read.kid)
    if device not in keys or not is_signed_by(read, keys[device]):
        return "its signature does not hold"
    said = orjson.loads(read.canonical)
    if (said["id"], said["device_seq"]) != (str(item.revision_id), item.device_seq):
        return "id or number are others than it signed"
    chains.add(device, said["device_seq"], item.hash, said["prev_hash"])
    return None


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

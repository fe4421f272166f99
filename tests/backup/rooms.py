"""What tests of backups share: a recovery key, reports with photos, and everything a database holds, to compare."""

import json
from pathlib import Path
from typing import Any

import pyrage
from sqlalchemy import select, update
from sqlmodel import col

from steppe.backup.commands import keep_recovery_key
from steppe.backup.making import FinishedBackup, make_backup
from steppe.backup.places import BesideFolder
from steppe.backup.recovery_words import identity_of, make_recovery_words
from steppe.backup.rows import copied_tables
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database
from steppe.submissions.models import Submission
from steppe.submissions.sealing import encrypt_attachment
from tests.attachments.test_uploads import begin, patch
from tests.fixtures_checklist import answers
from tests.fixtures_phone import Phone
from tests.fixtures_server import Server

MADE_BY_A_BACKUP = {"backup", "audit_entry", "recovery_key"}


async def set_key(database: Database) -> pyrage.x25519.Identity:
    """Give the server a recovery key; returns what the words stand for."""
    made = make_recovery_words()
    async with database.write() as session:
        await keep_recovery_key(session, made.public, is_replaced=True, actor="test")
    return identity_of(" ".join(made.words))


async def send_photo(server: Server, phone: Phone, plain: bytes) -> str:
    """Push a report with a photo and upload it; returns the SHA-256 of its encrypted bytes."""
    stored, facts = encrypt_attachment(plain)
    attachment = {"path": "photo", "type": "image/jpeg", **facts}
    await server.push(phone, phone.report(answers(photo=facts["plain_sha256"]), attachments=[attachment]))
    await begin(server, phone, facts["sha256"], len(stored))
    assert (await patch(server, phone, facts["sha256"], 0, stored)).status_code == 204
    sha256: str = facts["sha256"]
    return sha256


async def falsify_reports(server: Server) -> None:
    """Have the mission's reports say what no phone signed."""
    own = col(Submission.mission_id) == server.seeded.mission.id
    async with server.database.write() as session:
        await session.execute(update(Submission).where(own).values(severity=3))


async def back_up(server: Server, path: Path, *, beside: Path | None = None) -> FinishedBackup:
    """Make a backup of a server of the tests."""
    photos = BesideFolder(beside) if beside else None
    return await make_backup(server.database, server.settings, Blobs(server.settings), path, beside=photos)


async def everything(database: Database, *, without: set[str] = MADE_BY_A_BACKUP) -> dict[str, list[str]]:
    """Return every row of every table in one text form, whatever the engine."""
    held: dict[str, list[str]] = {}
    async with database.read(is_snapshot=True) as session:
        for table in copied_tables():
            rows: list[Any] = list((await session.execute(select(*table.columns))).all())
            held[table.name] = sorted(json.dumps(list(row), sort_keys=True, default=str) for row in rows)
    return {name: rows for name, rows in held.items() if name not in without}

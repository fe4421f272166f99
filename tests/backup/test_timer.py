"""A server that was told where to makes its backups by itself, in time and not twice."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from steppe.backup import timer as timers
from steppe.backup.queries import backups
from steppe.backup.timer import BackupTimer
from steppe.kit.clock import now
from steppe.kit.settings import Settings
from tests.backup.rooms import set_key
from tests.fixtures_server import Server


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_backup_is_made_when_the_last_is_old_and_everything_is_verified(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = tmp_path / "away"
    settings = Settings(**{**server.settings.model_dump(), "backup_to": str(away)})
    timer = BackupTimer(server.database, settings)
    assert not await timer.is_due()
    await set_key(server.database)
    assert await timer.is_due()
    with caplog.at_level(logging.INFO, "steppe"):
        await timer.make()
    told = [(record.message, record.facts["code"]) for record in caplog.records if hasattr(record, "facts")]
    assert told[-3:] == [("backup", 0), ("receipt", 0), ("verify", 0)]
    async with server.database.read() as session:
        [made] = await backups(session)
    assert [path.name for path in away.glob("*.age")] == [made.name]
    fresh = BackupTimer(server.database, settings)
    assert not await fresh.is_due()
    monkeypatch.setattr(timers, "now", lambda: now() + timedelta(hours=23, minutes=59))
    assert not await fresh.is_due()
    monkeypatch.setattr(timers, "now", lambda: now() + timedelta(hours=24, minutes=1))
    assert await fresh.is_due()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_backup_that_fails_is_told_and_not_tried_again_at_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "away").write_text("a file where a folder should be")
    settings = Settings(**{**server.settings.model_dump(), "backup_to": str(tmp_path / "away")})
    timer = BackupTimer(server.database, settings)
    await set_key(server.database)

    async def command(words: list[str]) -> tuple[int, list[str]]:
        return (1, ["The backup could not be written"]) if words[0] == "backup" else (0, [])

    monkeypatch.setattr(timer, "_command", command)
    with caplog.at_level(logging.INFO, "steppe"):
        await timer.make()
    [failure] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert (failure.message, failure.facts["code"]) == ("backup", 1)  # type: ignore[attr-defined]  # `extra` sets it
    assert not await timer.is_due()
    monkeypatch.setattr(timers, "now", lambda: now() + timedelta(hours=1, minutes=1))
    assert await timer.is_due()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_a_server_without_a_folder_makes_none(server: Server) -> None:
    await set_key(server.database)
    await BackupTimer(server.database, server.settings).run()

"""`steppe keys …` as somebody types it, stopped half way too."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from steppe.backup.recovery_words import make_recovery_words
from steppe.cli import app
from steppe.kit.db import Database
from steppe.kit.settings import NEXT_SECRET_FILE, SECRET_FILE, Settings
from steppe.missions import key_rotation, keys
from steppe.missions.queries import every_mission, key_rows
from tests.conftest import run_apart
from tests.fixtures_mission import seed


@pytest.fixture
def terminal(engine_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line beside a mission."""
    monkeypatch.setenv("STEPPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("STEPPE_DATABASE_URL", engine_url)

    async def lay() -> None:
        database = Database(Settings())
        await seed(database, Settings())
        await database.close()

    run_apart(lay)
    return CliRunner()


def _opened_by(secret: bytes) -> list[bool]:
    opened: list[bool] = []

    async def look() -> None:
        database = Database(Settings())
        async with database.read() as session:
            for mission in await every_mission(session):
                opened.extend(keys.opens(row.private_wrapped, secret) for row in await key_rows(session, mission.id))
        await database.close()

    run_apart(look)
    return opened


def said(result: Result, code: int = 0) -> str:
    assert result.exit_code == code, result.output
    return result.output


def test_a_mission_without_words_says_so_and_keys_change_by_the_command(terminal: CliRunner, tmp_path: Path) -> None:
    of_mission = ["--mission", "TST2021"]
    assert "root       none" in said(terminal.invoke(app, ["keys", "list", *of_mission]))
    words, others = tmp_path / "words", tmp_path / "others"
    for file in (words, others):
        file.write_text(" ".join(make_recovery_words().words))
    stolen = ["keys", "rotate", "receipt", *of_mission, "--compromised", "--since", "2021-01-09"]
    assert "This mission has no root" in said(terminal.invoke(app, [*stolen, "--key-file", str(words)]), 1)
    assert "Phones learn it" in said(terminal.invoke(app, ["keys", "root", *of_mission, "--key-file", str(words)]))
    assert "is in force" in said(terminal.invoke(app, ["keys", "rotate", "receipt", *of_mission]))
    assert "is in force" in said(terminal.invoke(app, ["keys", "rotate", "transport", *of_mission]))
    assert "not those of this mission's root" in said(terminal.invoke(app, [*stolen, "--key-file", str(others)]), 1)
    told = said(terminal.invoke(app, [*stolen, "--key-file", str(words)]))
    assert "2 earlier keys are refused" in told
    assert "3 phones are cut off, and need a new code: LTO01-A, LTO01-B, LTO02-A" in told
    listed = said(terminal.invoke(app, ["keys", "list", *of_mission]))
    assert listed.count("stolen since 2021-01-09") == 2
    assert listed.count("in force") == 2
    said(terminal.invoke(app, ["keys", "rotate", "receipt", *of_mission, "--compromised"]), 2)


@pytest.mark.parametrize("stop", ["before the keys are wrapped", "before the file takes its place", "never"])
def test_the_secret_is_replaced_wherever_an_earlier_run_was_stopped(
    terminal: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    before = Settings().secret_key
    rotate = ["keys", "rotate", "secret"]
    with monkeypatch.context() as patched:
        if stop == "before the keys are wrapped":
            patched.setattr(key_rotation, "rewrap", _killed)
        if stop == "before the file takes its place":
            patched.setattr(Path, "replace", _killed_at_the_end)
        terminal.invoke(app, rotate)
    # A server that starts in between opens every key.
    assert all(any(opened) for opened in zip(*(_opened_by(one) for one in Settings().secrets()), strict=True))
    if stop != "never":
        assert "are wrapped by the new secret" in said(terminal.invoke(app, rotate))
    after = Settings().secret_key
    assert after != before
    assert all(_opened_by(after))
    assert not (tmp_path / "data" / NEXT_SECRET_FILE).exists()
    assert (tmp_path / "data" / SECRET_FILE).stat().st_mode & 0o777 == 0o600
    assert "open with this server's secret" in terminal.invoke(app, ["doctor"]).output


async def _killed(*_: object, **__: object) -> int:
    raise KeyboardInterrupt


def _killed_at_the_end(path: Path, target: Path) -> Path:
    if target.name == SECRET_FILE:
        raise KeyboardInterrupt
    path.rename(target)
    return target


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_secret_of_the_settings_is_replaced_by_the_settings(
    terminal: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Settings().secret_key
    monkeypatch.setenv("STEPPE_SECRET", before.hex())
    told = said(terminal.invoke(app, ["keys", "rotate", "secret"]))
    assert "Nothing was changed yet" in told
    after = told.partition("STEPPE_SECRET=")[2].split()[0]
    monkeypatch.setenv("STEPPE_SECRET", after)
    monkeypatch.setenv("STEPPE_SECRET_BEFORE", before.hex())
    assert "Take STEPPE_SECRET_BEFORE out" in said(terminal.invoke(app, ["keys", "rotate", "secret"]))
    monkeypatch.delenv("STEPPE_SECRET_BEFORE")
    assert all(_opened_by(bytes.fromhex(after)))

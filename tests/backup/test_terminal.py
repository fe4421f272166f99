"""The commands as somebody types them: what they say, and what they leave."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from steppe import backup_cli
from steppe.backup.recovery_words import make_recovery_words
from steppe.cli import app
from tests.backup.conftest import done, failed


@pytest.fixture
def with_key(terminal: CliRunner, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    made = make_recovery_words()
    monkeypatch.setattr(backup_cli, "make_recovery_words", lambda: made)
    monkeypatch.setattr(backup_cli, "places_to_repeat", lambda _count: [])
    done(terminal.invoke(app, ["backup", "key"]))
    return terminal


def test_a_file_is_made_listed_and_confirmed_by_its_hash_or_itself(with_key: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "monday.age"
    said = done(with_key.invoke(app, ["backup", str(file)]))
    assert "good." in said
    digest = said.partition("SHA-256 ")[2].split()[0]
    assert f"steppe backup confirm {digest}" in said
    assert "is there already" in failed(with_key.invoke(app, ["backup", str(file)]))
    assert f"monday.age  {digest}  not confirmed" in done(with_key.invoke(app, ["backup", "list"]))
    assert "none of the server's backups" in failed(with_key.invoke(app, ["backup", "confirm", digest[:-1]]))
    for named in (digest.upper(), str(file)):
        assert "monday.age lies off this machine" in done(with_key.invoke(app, ["backup", "confirm", named]))
    assert f"{digest}  away" in done(with_key.invoke(app, ["backup", "list"]))


def test_a_folder_keeps_what_the_rule_says(
    with_key: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (away / "steppe-20200101T030000Z.age").write_text("of another year")
    said = failed(with_key.invoke(app, ["backup", "--to", str(away), "--keep", "a week"]))
    assert "Say it as 7d4w" in said
    assert len(list(away.iterdir())) == 1
    said = done(with_key.invoke(app, ["backup", "--to", str(away), "--keep", "1d"]))
    assert "on the same disk as the server's data, so phones keep everything" in said
    assert "steppe-20200101T030000Z.age was deleted." in said
    assert "not confirmed" in done(with_key.invoke(app, ["backup", "list"]))
    monkeypatch.setattr(backup_cli, "is_same_disk", lambda _folder, _data: False)
    monkeypatch.setattr(backup_cli, "backup_name", lambda _moment: "steppe-20300101T030000Z.age")
    assert "It lies off this machine" in done(with_key.invoke(app, ["backup", "--to", str(away)]))
    assert len(list(away.glob("*.age"))) == 2


def test_a_backup_needs_one_place_and_a_key(terminal: CliRunner, tmp_path: Path) -> None:
    assert "There is no recovery key yet" in failed(terminal.invoke(app, ["backup", str(tmp_path / "a.age")]))
    for words in ([str(tmp_path / "a.age"), "--to", str(tmp_path)], ["--keep", "7d"], ["make"]):
        assert terminal.invoke(app, ["backup", *words]).exit_code == 2
    assert not list(tmp_path.glob("*.age*"))

"""The commands as somebody types them: what they say, and what they leave."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from steppe import backup_cli
from steppe.backup.recovery_words import RecoveryWords, identity_of, make_recovery_words
from steppe.cli import app
from steppe.kit.sqlite import served_alone
from tests.backup.conftest import done, failed


@pytest.fixture
def words() -> str:
    return " ".join(make_recovery_words().words)


@pytest.fixture
def with_key(terminal: CliRunner, words: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    made = RecoveryWords(tuple(words.split()), str(identity_of(words).to_public()))
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


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
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


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_backup_needs_one_place_and_a_key(terminal: CliRunner, tmp_path: Path) -> None:
    assert "There is no recovery key yet" in failed(terminal.invoke(app, ["backup", str(tmp_path / "a.age")]))
    for words in ([str(tmp_path / "a.age"), "--to", str(tmp_path)], ["--keep", "7d"], ["make"]):
        assert terminal.invoke(app, ["backup", *words]).exit_code == 2
    assert not list(tmp_path.glob("*.age*"))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_backup_is_restored_with_the_words_and_its_server_serves_alone(
    with_key: CliRunner, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, there = tmp_path / "monday.age", tmp_path / "there"
    done(with_key.invoke(app, ["backup", str(file)]))
    monkeypatch.setenv("STEPPE_DATA", str(there))
    monkeypatch.setenv("STEPPE_DATABASE_URL", "")
    restore = ["restore", str(file)]
    assert "23 words instead of 24" in failed(with_key.invoke(app, restore, input=words.rpartition(" ")[0] + "\n"))
    with served_alone(str(there / "steppe.db")):
        assert "A server is using this database" in failed(with_key.invoke(app, restore, input=f"{words}\n"))
    said = done(with_key.invoke(app, restore, input=f"{words}\n"))
    assert "Restored what the server held at" in said
    assert "is there already" not in said
    (tmp_path / "key.txt").write_text(words)
    again = failed(with_key.invoke(app, [*restore, "--key-file", str(tmp_path / "key.txt")]))
    assert "There is something already where the backup should go" in again
    assert "The recovery key" not in again
    assert "has its recovery key" in failed(with_key.invoke(app, ["backup", "key"]))

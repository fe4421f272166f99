"""The recovery key: shown once, repeated before it counts, and nothing of it but the public half stays."""

import io
import re
import sqlite3
from pathlib import Path

import pyrage
import pytest
from typer.testing import CliRunner

from steppe import backup_cli
from steppe.backup.problems import WrongWords
from steppe.backup.recovery_words import identity_of, make_recovery_words
from steppe.cli import app
from tests.backup.conftest import done, failed


def shown(said: str) -> list[str]:
    return [word for _, word in sorted((int(n), word) for n, word in re.findall(r"(\d+) ([a-z]+)", said))]


def fixed(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Let the next key be known before it is shown; three words of it are asked back."""
    made = make_recovery_words()
    monkeypatch.setattr(backup_cli, "make_recovery_words", lambda: made)
    monkeypatch.setattr(backup_cli, "places_to_repeat", lambda count: [0, 7, count - 1])
    return made.words


def test_the_key_counts_once_three_of_its_words_were_repeated(
    terminal: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = fixed(monkeypatch)
    said = done(terminal.invoke(app, ["backup", "key"], input=f"{words[0]}\nwrong\n{words[7].upper()}\n{words[-1]}\n"))
    assert shown(said.partition("Word 1:")[0]) == list(words)
    assert "That is another word." in said
    assert "The recovery key is set." in said
    again = failed(terminal.invoke(app, ["backup", "key"]))
    assert "has its recovery key" in again
    assert len(shown(again)) < len(words)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_words_nobody_can_repeat_are_no_key(terminal: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    words = fixed(monkeypatch)
    said = failed(terminal.invoke(app, ["backup", "key"], input=f"{words[0]}\n{words[6]}\n{words[6]}\n{words[6]}\n"))
    assert "no key was kept" in said
    typed = f"{words[0]}\n{words[7]}\n{words[-1]}\n"
    assert "is set" in done(terminal.invoke(app, ["backup", "key"], input=typed))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_lost_words_are_replaced_only_when_asked_for(terminal: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    for more in ([], ["--replace"]):
        words = fixed(monkeypatch)
        typed = f"{words[0]}\n{words[7]}\n{words[-1]}\n"
        assert "is set" in done(terminal.invoke(app, ["backup", "key", *more], input=typed))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_word_stays_on_the_server(terminal: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = fixed(monkeypatch)
    done(terminal.invoke(app, ["backup", "key"], input=f"{words[0]}\n{words[7]}\n{words[-1]}\n"))
    private = str(identity_of(" ".join(words)))
    with sqlite3.connect(tmp_path / "steppe.db") as held:
        held.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert held.execute("SELECT count(*) FROM recovery_key WHERE public LIKE 'age1%'").fetchone() == (1,)
    held.close()
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [one for one in kept for secret in (private, " ".join(words)) if secret.encode() in one]


def test_the_words_open_what_was_sealed_to_the_public_half_however_they_are_typed() -> None:
    made = make_recovery_words()
    sealed = pyrage.encrypt(b"reports", [pyrage.x25519.Recipient.from_str(made.public)])
    for typed in (
        " ".join(made.words),
        "\n".join(f" {word.title()}  " for word in made.words),
        " ".join(word[:4] for word in made.words),
        f"# a key file\n{identity_of(' '.join(made.words))}\n",
    ):
        opened = io.BytesIO()
        pyrage.decrypt_io(io.BytesIO(sealed), opened, [identity_of(typed)])
        assert opened.getvalue() == b"reports"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda words: words[:23], "23 words instead of 24"),
        (lambda words: [*words[:23], "steppes"], "no such word: steppes"),
        (lambda words: [*words[:23], "abandon" if words[23] != "abandon" else "zoo"], "one of the words is another"),
        (lambda words: ["AGE-SECRET-KEY-1QQ", *words[24:]], "."),
        (lambda words: words[24:], "0 words"),
    ],
)
def test_other_words_are_refused_in_words(change: object, said: str) -> None:
    # Of fixed words: one in 256 other last words would be a key too.
    words = ["legal", "winner", "thank", "year", "wave", "sausage", "worth", "useful"] * 3
    words[-1] = "title"
    identity_of(" ".join(words))
    assert callable(change)
    with pytest.raises(WrongWords, match=said):
        identity_of(" ".join(change(words)))

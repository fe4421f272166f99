"""The chapter *Backup and restore* of docs/deploy.md, typed as it is printed."""

import re
import shlex
from pathlib import Path

import pytest
from obstore.store import S3Store
from typer.testing import CliRunner

from steppe import backup_cli
from steppe.backup.recovery_words import make_recovery_words
from steppe.cli import app
from tests.backup.conftest import done
from tests.house.files import ROOT


def commands() -> list[list[str]]:
    chapter = (ROOT / "docs/deploy.md").read_text().partition("\n## Backup and restore\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_command_of_the_chapter_works_in_its_order(
    terminal: CliRunner, bucket: S3Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_recovery_words()
    monkeypatch.setattr(backup_cli, "make_recovery_words", lambda: made)
    monkeypatch.setattr(backup_cli, "places_to_repeat", lambda _count: [2, 11, 23])
    typed = "\n".join(made.words[place] for place in (2, 11, 23))
    served: list[str] = []
    monkeypatch.setattr("steppe.cli.uvicorn.run", lambda name, **_options: served.append(name))
    digest, ran = "", 0
    for program, *words in commands():
        assert program == "steppe"
        given = [word.replace("/mnt/", f"{tmp_path}/").replace("/media/", f"{tmp_path}/") for word in words]
        given = [digest if word == "SHA256" else word for word in given]
        if words[0] == "restore":
            monkeypatch.setenv("STEPPE_DATA", str(tmp_path / "new"))
            monkeypatch.setenv("STEPPE_DATABASE_URL", "")
            typed = " ".join(made.words)
        result = terminal.invoke(app, given, input=f"{typed}\n")
        if words[0] == "doctor":
            # Of this machine it may find something; of the restored place it finds nothing.
            assert "FIX  schema" not in result.output
            assert "FIX  database" not in result.output
        else:
            said = done(result)
            digest = said.partition("SHA-256 ")[2].split()[0] if "SHA-256 " in said else digest
        ran += 1
    assert ran == 10
    assert [entry["path"][-4:] for page in bucket.list() for entry in page] == [".age"]
    assert served == ["steppe.main:create_app"]

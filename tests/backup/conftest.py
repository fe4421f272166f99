"""A server with reports and photos, and a terminal beside it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.fixtures_server import server as server


@pytest.fixture
def terminal(engine_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line on an empty, migrated database."""
    monkeypatch.setenv("STEPPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("STEPPE_DATABASE_URL", engine_url)
    return CliRunner()


def done(result: Result) -> str:
    """Return what a command that went well said."""
    assert result.exit_code == 0, result.output
    return result.output


def failed(result: Result) -> str:
    """Return what a command said that failed in words, not in a traceback."""
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output

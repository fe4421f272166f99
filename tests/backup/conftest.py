"""A server with reports and photos, and a terminal beside it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store
from typer.testing import CliRunner, Result

from tests.fixtures_server import server as server


@pytest.fixture
def terminal(engine_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line on an empty, migrated database."""
    monkeypatch.setenv("STEPPE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("STEPPE_DATABASE_URL", engine_url)
    return CliRunner()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An object store of this machine."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    """An empty bucket, which the environment leads to."""
    environment = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"{endpoint}/moto-api/reset")
    assert httpx.put(f"{endpoint}/reports").status_code == 200
    return S3Store("reports")


def done(result: Result) -> str:
    """Return what a command that went well said."""
    assert result.exit_code == 0, result.output
    return result.output


def failed(result: Result) -> str:
    """Return what a command said that failed in words, not in a traceback."""
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output

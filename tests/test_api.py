"""Whatever is sent to any address of the API, the answer is one it documents, and never a failure of the server."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from steppe.kit.settings import Settings
from steppe.main import create_app
from tests.e2e.server import PACK, Server

PASSWORD = "four random words"
# A stream never ends, and a sign-out would end the session of the rest.
LEFT_OUT = {"GET /api/v1/live", "DELETE /api/v1/session"}
EXAMPLES = 25
REFUSAL, FAILURE = 400, 500


@pytest.fixture(scope="session")
def served(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("api")
    shutil.copy(sqlite_template, data / "steppe.db")
    server = Server(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")
    server.command("mission", "load", PACK)
    server.command("password", "hom", "--stdin", piped=f"{PASSWORD}\n")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cookie(served: Server) -> str:
    signing_in = {"username": "hom", "password": PASSWORD}
    # A password from an unknown browser is compared when nobody else wants the processor: on a busy machine, late.
    answer = httpx.post(f"{served.url}/api/v1/session", json=signing_in, headers={"X-Steppe": "1"}, timeout=60)
    return f"steppe_session={answer.cookies['steppe_session']}"


def operations() -> list[APIOperation[Any, Any, Any, Any]]:
    """Every operation the server describes."""
    with TemporaryDirectory() as folder:
        described = create_app(Settings(data=Path(folder), pwa_dist=Path(folder))).openapi()
    schema = schemathesis.openapi.from_dict(described)
    read = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    return [operation for operation in read if operation.label not in LEFT_OUT]


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.label)
def test_no_request_makes_the_server_fail(
    operation: APIOperation[Any, Any, Any, Any], served: Server, cookie: str
) -> None:
    @given(operation.as_strategy())
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case[Any]) -> None:
        response = case.call(base_url=served.url, headers={"Cookie": cookie, "X-Steppe": "1"})
        assert response.status_code < FAILURE, f"{case.as_curl_command()}\n{response.text}"
        if response.status_code >= REFUSAL and case.method != "HEAD":
            kind = response.headers.get("content-type", [""])[0]
            assert kind == "application/problem+json", f"{case.as_curl_command()}\n{response.status_code} {kind}"
            assert response.json()["next"]

    ask()

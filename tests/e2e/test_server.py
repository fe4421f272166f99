"""The test server keeps its promise: stopping it really ends it, starting it again finds what was there."""

import httpx
import pytest

from tests.e2e.server import Server


def test_a_stopped_server_does_not_answer_and_comes_back_under_its_address(server: Server) -> None:
    server.stop()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{server.url}/api/v1/health")
    server.start()
    assert httpx.get(f"{server.url}/api/v1/health").json()["status"] == "ok"


def test_a_missions_secret_travels_with_its_data(mission_server: Server) -> None:
    before = mission_server.json("enrol", "--team", "LTO01")
    mission_server.stop()
    mission_server.start()
    after = mission_server.json("enrol", "--team", "LTO01")
    assert before["team"] == after["team"] == "LTO01"
    assert before["link"].startswith(mission_server.url)

"""What a phone says of itself beside its reports, and what of it the desk shows."""

from typing import Any

import pytest

from tests.fixtures_desk import asked
from tests.fixtures_phone import Phone
from tests.fixtures_server import Server

STORAGE = {
    "is_persisted": True,
    "quota_bytes": 6_000_000_000,
    "used_bytes": 120_000_000,
    "retained_bytes": 40_000_000,
    "is_refusing_photos": False,
}
LOST = {"at": "2021-01-09T08:00:00Z", "rebuilt": 3, "missing": 1}
SAID = {
    "troubles": [{"slug": "too-large", "count": 1}, {"slug": "something-new", "count": 2}],
    "storage": STORAGE,
    "storage_lost": LOST,
    "offered_again": {"done": 3, "of": 22},
}


async def shown(server: Server, phone: Phone) -> dict[str, Any]:
    teams = (await asked(server, "auditor", "/teams"))["teams"]
    [team] = [team for team in teams if team["code"] == phone.team]
    [line] = [line for line in team["phones"] if line["letter"] == phone.letter]
    return {name: line[name] for name in SAID}


async def test_the_desk_is_told_what_a_phone_last_said_of_itself(server: Server) -> None:
    first, second, _ = server.phones
    nothing: dict[str, Any] = {"troubles": [], "storage": None, "storage_lost": None, "offered_again": None}
    assert await shown(server, first) == nothing
    answer = await server.push(first, **SAID)
    assert set(SAID) <= set(answer["reads"])
    assert await shown(server, first) == SAID
    await server.push(second, second.report(), offered_again={"done": 0, "of": 1})
    await server.push(second, offered_again={"done": 1, "of": 1})
    assert await shown(server, second) == nothing | {"offered_again": {"done": 1, "of": 1}}
    assert await shown(server, first) == SAID


async def test_what_held_reports_up_is_gone_from_the_list_when_the_phone_says_it_no_more(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, **SAID)
    await server.push(phone, phone.report())
    assert await shown(server, phone) == SAID | {"troubles": []}


@pytest.mark.parametrize(
    "wrong",
    [
        dict.fromkeys(SAID, "yes"),
        {"troubles": [{"slug": "<b>", "count": 1}]},
        {"troubles": [{"slug": "x", "count": 0}]},
        {"troubles": [{"slug": "x", "count": 1}] * 21},
        {"storage": {**STORAGE, "used_bytes": -1}},
        {"storage": {**STORAGE, "quota_bytes": 2**53}},
        {"storage_lost": {**LOST, "at": "yesterday"}},
        {"offered_again": {"done": 1}},
        {"wiped": "1"},
        {"wiped": -1},
    ],
)
async def test_whatever_a_phone_says_of_itself_its_reports_are_received(server: Server, wrong: dict[str, Any]) -> None:
    phone = server.phones[0]
    await server.push(phone, **SAID)
    answer = await server.push(phone, phone.report(), **wrong)
    assert [result["status"] for result in answer["results"]] == ["stored"]
    assert await shown(server, phone) == SAID | {"troubles": []}

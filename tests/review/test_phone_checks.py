"""What a phone tells of its check, and what of it the desk shows."""

from typing import Any

import pytest

from tests.fixtures_desk import asked
from tests.fixtures_server import Server

CHECK = {
    "day": "2021-01-08",
    "version": "1.4.0",
    "reads_back": True,
    "opens_offline": False,
    "is_persisted": True,
    "room_mb": 300,
    "camera": "works",
    "position": "untried",
}


async def checks(server: Server) -> dict[str, dict[str, Any]]:
    teams = (await asked(server, "auditor", "/teams"))["teams"]
    return {team["code"]: {phone["letter"]: phone["check"] for phone in team["phones"]} for team in teams}


async def test_the_list_of_teams_tells_the_last_check_of_each_phone(server: Server) -> None:
    first, second, _ = server.phones
    assert await checks(server) == {"LTO01": {"A": None, "B": None}, "LTO02": {"A": None}}
    answer = await server.push(first, check=CHECK)
    assert {"clock", "reason", "check"} <= set(answer["reads"])
    await server.push(second, second.report(), check={**CHECK, "day": "2021-01-07"})
    later = {**CHECK, "day": "2021-01-09", "opens_offline": True}
    del later["room_mb"]
    await server.push(second, check=later)
    # Told once: a push without one changes nothing.
    await server.push(first, first.report())
    told = await checks(server)
    assert told["LTO01"] == {"A": CHECK, "B": later | {"room_mb": None}}
    assert told["LTO02"] == {"A": None}


@pytest.mark.parametrize(
    "wrong",
    [
        "good",
        {},
        {**CHECK, "day": "2021-02-30"},
        {**CHECK, "version": "<b>1</b>"},
        {**CHECK, "version": "1" * 21},
        {**CHECK, "reads_back": "yes"},
        {**CHECK, "room_mb": 10_001},
        {**CHECK, "camera": "Canon"},
    ],
)
async def test_whatever_a_phone_says_of_its_check_its_reports_are_received(server: Server, wrong: Any) -> None:
    phone = server.phones[0]
    await server.push(phone, check=CHECK)
    answer = await server.push(phone, phone.report(), check=wrong)
    assert [result["status"] for result in answer["results"]] == ["stored"]
    assert (await checks(server))["LTO01"]["A"] == CHECK


async def test_nothing_is_kept_of_a_check_that_has_no_name_here(server: Server) -> None:
    await server.push(server.phones[0], check={**CHECK, "model": "SM-A145F", "serial": "R58"})
    assert (await checks(server))["LTO01"]["A"] == CHECK

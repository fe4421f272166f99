"""A phone's wrong clock at the desk: what is told of it, and when a report was finished by the server's."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from steppe.kit.clock import now
from steppe.people.models import Device
from steppe.review.phone_clock import phone_clock
from steppe.submissions.revision import PhoneClock
from tests.fixtures_desk import asked
from tests.fixtures_server import Server

RECEIVED = datetime.fromisoformat("2021-01-10T09:00:00+00:00")
DAY_MS = 86_400_000


def clock(ahead_ms: int, within_ms: int = 500) -> PhoneClock:
    return PhoneClock(ahead_ms, within_ms)


@pytest.mark.parametrize(
    ("made_at", "known", "told"),
    [
        # As the phone signed, ahead and behind, a day and a year.
        ("2021-01-11T08:00:00Z", clock(DAY_MS), (DAY_MS, False, "2021-01-10T08:00:00+00:00")),
        ("2021-01-09T08:00:00Z", clock(-DAY_MS), (-DAY_MS, False, "2021-01-10T08:00:00+00:00")),
        ("2020-01-11T08:00:00Z", clock(-365 * DAY_MS), (-365 * DAY_MS, False, "2021-01-10T08:00:00+00:00")),
        # Two minutes are nothing; nor is what a slow answer leaves open.
        ("2021-01-10T08:02:00Z", clock(120_000), None),
        ("2021-01-10T08:00:00Z", clock(150_000, 60_000), None),
        # Nothing signed: finished after it was received shows at least so much, finished before shows nothing.
        ("2021-01-11T09:00:00Z", None, (DAY_MS, True, None)),
        ("2020-01-11T09:00:00Z", None, None),
        # Set right after the last contact: as signed it would be finished after it was received.
        ("2021-01-10T08:00:00Z", clock(-DAY_MS), None),
        ("2021-01-10T08:00:00Z", clock(2**53 - 1), None),
    ],
)
def test_a_wrong_clock_is_told_as_far_as_it_is_known(
    made_at: str, known: PhoneClock | None, told: tuple[int, bool, str | None] | None
) -> None:
    found = phone_clock(datetime.fromisoformat(made_at), known, RECEIVED)
    if told is None:
        assert found is None
        return
    assert found is not None
    finished_at = found.finished_at.isoformat() if found.finished_at else None
    assert (found.ahead_ms, found.is_at_least, finished_at) == told


@pytest.mark.parametrize("days", [365, -365])
async def test_a_phone_a_year_off_is_received_and_the_desk_reads_the_true_time(server: Server, days: int) -> None:
    phone = server.phones[0]
    off = timedelta(days=days)
    finished_at = now() - timedelta(minutes=10)
    signed = {"ahead": days * DAY_MS, "within": 300}
    submission = str(uuid.uuid4())
    item = phone.report(submission=submission, made_at=finished_at + off, clock=signed)
    answer = await server.push(phone, item)
    assert [result["status"] for result in answer["results"]] == ["stored"]
    assert "clock" in answer["reads"]
    report: dict[str, Any] = await asked(server, "expert", f"/submissions/{submission}")
    [revision] = report["revisions"]
    assert revision["made_at"][:4] == json.loads(phone.made[-1])["made_at"][:4]
    assert revision["clock"]["ahead_ms"] == days * DAY_MS
    assert abs(datetime.fromisoformat(revision["clock"]["finished_at"]) - finished_at) < timedelta(seconds=1)


async def clocks(server: Server, who: str = "auditor") -> dict[str, dict[str, int | None]]:
    teams = (await asked(server, who, "/teams"))["teams"]
    return {team["code"]: {one["letter"]: one["clock_ahead_ms"] for one in team["phones"]} for team in teams}


async def test_the_list_of_teams_tells_which_phone_s_clock_was_wrong_at_its_last_contact(server: Server) -> None:
    first, second, _ = server.phones
    unheard = {"LTO01": {"A": None, "B": None}, "LTO02": {"A": None}}
    assert await clocks(server) == unheard
    await server.push(first, clock={"ahead": -3_600_000, "within": 400})
    await server.push(second, clock={"ahead": 120_000, "within": 0})
    # A report tells how the clock stood when it was finished; the list, how it stands.
    item = first.report(clock={"ahead": 0, "within": 400})
    assert await clocks(server) == unheard | {"LTO01": {"A": -3_600_000, "B": None}}
    await server.push(first, item, clock={"ahead": DAY_MS, "within": 400})
    assert (await clocks(server, "coordinator"))["LTO01"] == {"A": DAY_MS, "B": None}
    # Off by three minutes, give or take two: nobody is rung up for that.
    await server.push(first, clock={"ahead": 180_000, "within": 120_000})
    assert await clocks(server) == unheard


async def test_a_phone_that_says_nothing_of_its_clock_is_not_held_to_what_it_said_before(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, clock={"ahead": DAY_MS, "within": 400})
    await server.push(phone)
    assert (await clocks(server))["LTO01"]["A"] is None


@pytest.mark.parametrize(
    "clock",
    [
        "wrong",
        [],
        {"ahead": DAY_MS},
        {"ahead": "1", "within": 1},
        {"ahead": 2**53, "within": 1},
        {"ahead": DAY_MS, "within": -1},
        {"ahead": 1.5, "within": 1},
    ],
)
async def test_whatever_a_phone_says_of_its_clock_its_reports_are_received(server: Server, clock: Any) -> None:
    phone = server.phones[0]
    answer = await server.push(phone, phone.report(), clock=clock)
    assert [result["status"] for result in answer["results"]] == ["stored"]
    assert (await clocks(server))["LTO01"]["A"] is None


async def test_a_phone_that_was_revoked_is_no_longer_in_the_list(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, clock={"ahead": DAY_MS, "within": 400})
    async with server.database.write() as session:
        (await session.get_one(Device, phone.id)).revoked_at = now()
    assert (await clocks(server))["LTO01"] == {"B": None}

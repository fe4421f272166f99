"""A phone's wrong clock at the desk: what is told of it, and when a report was finished by the server's."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from steppe.kit.clock import now
from steppe.review.phone_clock import phone_clock
from steppe.submissions.models import Revision
from tests.fixtures_desk import asked
from tests.fixtures_server import Server

RECEIVED = datetime.fromisoformat("2021-01-10T09:00:00+00:00")
DAY_MS = 86_400_000


def made(at: str, ahead_ms: int | None = None, within_ms: int | None = 500) -> Revision:
    return Revision.model_construct(
        made_at=datetime.fromisoformat(at),
        clock_ahead_ms=ahead_ms,
        clock_within_ms=None if ahead_ms is None else within_ms,
    )


@pytest.mark.parametrize(
    ("revision", "told"),
    [
        # As the phone signed, ahead and behind, a day and a year.
        (made("2021-01-11T08:00:00Z", DAY_MS), (DAY_MS, False, "2021-01-10T08:00:00+00:00")),
        (made("2021-01-09T08:00:00Z", -DAY_MS), (-DAY_MS, False, "2021-01-10T08:00:00+00:00")),
        (made("2020-01-11T08:00:00Z", -365 * DAY_MS), (-365 * DAY_MS, False, "2021-01-10T08:00:00+00:00")),
        # Two minutes are nothing; nor is what a slow answer leaves open.
        (made("2021-01-10T08:02:00Z", 120_000), None),
        (made("2021-01-10T08:00:00Z", 150_000, 60_000), None),
        # Nothing signed: finished after it was received shows at least so much, finished before shows nothing.
        (made("2021-01-11T09:00:00Z"), (DAY_MS, True, None)),
        (made("2020-01-11T09:00:00Z"), None),
        # Set right after the last contact: as signed it would be finished after it was received.
        (made("2021-01-10T08:00:00Z", -DAY_MS), None),
        (made("2021-01-10T08:00:00Z", 2**53 - 1), None),
    ],
)
def test_a_wrong_clock_is_told_as_far_as_it_is_known(
    revision: Revision, told: tuple[int, bool, str | None] | None
) -> None:
    found = phone_clock(revision, RECEIVED)
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
    clock = {"ahead": days * DAY_MS, "within": 300}
    submission = str(uuid.uuid4())
    item = phone.report(submission=submission, made_at=finished_at + off, clock=clock)
    answer = await server.push(phone, item)
    assert [result["status"] for result in answer["results"]] == ["stored"]
    assert answer["reads"] == ["clock"]
    report: dict[str, Any] = await asked(server, "expert", f"/submissions/{submission}")
    [revision] = report["revisions"]
    assert revision["made_at"][:4] == json.loads(phone.made[-1])["made_at"][:4]
    assert revision["clock"]["ahead_ms"] == days * DAY_MS
    assert abs(datetime.fromisoformat(revision["clock"]["finished_at"]) - finished_at) < timedelta(seconds=1)

"""Missing reports by phone: made, held, kept aside, still on the phone, and the numbers that nobody has."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from steppe.kit.ids import uuid7
from steppe.people.revocations import revoke
from steppe.review.missing import missing_runs
from tests.fixtures_desk import asked, give
from tests.fixtures_phone import Phone
from tests.fixtures_server import Server
from tests.people.test_revocations import enrol


async def told(server: Server, phone: Phone, role: str = "expert", kind: str = "phones") -> dict[str, Any]:
    """What a role is told of a phone."""
    teams = (await asked(server, role, "/teams"))["teams"]
    [line] = [
        line for team in teams if team["code"] == phone.team for line in team[kind] if line["letter"] == phone.letter
    ]
    return dict(line)


def counts(line: dict[str, Any]) -> tuple[Any, ...]:
    """Made, held, aside, waiting and missing, and the numbers, of what is told of a phone."""
    reports = line["reports"]
    numbers = [(span["first"], span["last"]) for span in reports["numbers"]]
    return (*(reports[name] for name in ("made", "held", "aside", "waiting", "missing")), numbers)


async def test_each_phone_tells_what_it_made_and_what_of_it_is_held(server: Server) -> None:
    phone, mate, _ = server.phones
    assert counts(await told(server, phone)) == (0, 0, 0, 0, 0, [])
    made = [phone.report() for _ in range(6)]
    await server.push(phone, made[0], made[3], outbox={"waiting": 6, "device_seq": 6})
    assert counts(await told(server, phone)) == (6, 2, 0, 4, 4, [(2, 3), (5, 6)])
    assert counts(await told(server, mate)) == (0, 0, 0, 0, 0, [])
    await server.push(phone, *made)
    assert counts(await told(server, phone)) == (6, 6, 0, 0, 0, [])


async def test_what_is_kept_aside_is_held_and_said_to_be_kept_aside(server: Server) -> None:
    phone = server.phones[0]
    await server.push(phone, phone.report(), phone.report({"voters": "many"}), phone.report())
    assert counts(await told(server, phone)) == (3, 3, 1, 0, 0, [])


async def test_a_number_that_arrived_was_made_whatever_the_phone_says(server: Server) -> None:
    phone = server.phones[0]
    made = [phone.report() for _ in range(3)]
    phone.seq = 0
    await server.push(phone, made[2])
    assert counts(await told(server, phone))[:2] == (3, 1)


async def test_a_refused_phone_stays_listed_with_what_it_made_and_last_told(server: Server) -> None:
    phone = server.phones[0]
    made = [phone.report() for _ in range(3)]
    storage = {
        "is_persisted": False,
        "quota_bytes": 9,
        "used_bytes": 4,
        "retained_bytes": 2,
        "is_refusing_photos": False,
    }
    await server.push(phone, made[0], storage=storage)
    async with server.database.write() as session:
        await revoke(session, server.seeded.mission.id, f"{phone.team}-{phone.letter}", reason="lost", actor="test")
    line = await told(server, phone, kind="revoked")
    assert counts(line) == (3, 1, 0, 0, 2, [(2, 3)])
    assert (line["reason"], line["order"], line["storage"]) == ("lost", "given", storage)
    assert line["last_contact_at"] is not None
    # What it brings now is kept aside, and held.
    await server.push(phone, made[1])
    assert counts(await told(server, phone, kind="revoked")) == (3, 2, 1, 0, 1, [(3, 3)])


async def test_a_phone_that_locked_itself_out_stays_listed_with_its_gap_beside_the_new_one(server: Server) -> None:
    phone = server.phones[0]
    made = [phone.report() for _ in range(5)]
    await server.push(phone, made[0], made[2], outbox={"waiting": 5, "device_seq": 5})
    before = await told(server, phone)
    # It says nothing of it: set up again for the same observer it is another phone, which brings what was sealed.
    fresh = replace(phone, id=uuid7(), key=ec.generate_private_key(ec.SECP256R1()), seq=0, prev_hash="", made=[])
    fresh.letter = (await enrol(server, fresh, "LTO01A")).json()["device"]["letter"]
    await server.push(fresh, fresh.report())
    after = await told(server, phone)
    assert counts(after) == counts(before) == (5, 2, 0, 3, 3, [(2, 2), (4, 5)])
    assert after["last_contact_at"] == before["last_contact_at"]
    assert counts(await told(server, fresh)) == (1, 1, 0, 0, 0, [])
    await server.push(fresh, made[1])
    assert counts(await told(server, phone))[4:] == (2, [(4, 5)])


@pytest.mark.parametrize("role", ["admin", "auditor"])
async def test_who_reads_no_reports_hears_what_is_missing_and_not_how_many_there_are(server: Server, role: str) -> None:
    phone = server.phones[0]
    made = [phone.report() for _ in range(4)]
    await server.push(phone, made[0], made[2])
    line = await told(server, phone, role)
    assert counts(line) == (None, None, None, 0, 2, [])
    assert (line["last_contact_at"], line["last_contact_on"] is None) == (None, False)


async def test_who_works_in_some_regions_hears_of_the_phones_of_their_teams_only(server: Server) -> None:
    await give(server, "expert", role="expert", regions=["KZ-SEV"])
    await server.push(server.phones[0], server.phones[0].report())
    assert [team["code"] for team in (await asked(server, "expert", "/teams"))["teams"]] == ["LTO02"]


async def test_a_phone_that_told_of_its_clock_is_known_to_be_right(server: Server) -> None:
    phone = server.phones[0]
    assert (await told(server, phone))["is_clock_known"] is False
    await server.push(phone, clock={"ahead": 10, "within": 500})
    line = await told(server, phone)
    assert (line["is_clock_known"], line["clock_ahead_ms"]) == (True, None)


@given(st.sets(st.integers(1, 60)), st.integers(0, 20))
def test_runs_of_missing_numbers_are_what_is_not_held(held: set[int], more: int) -> None:
    made = max(held, default=0) + more
    runs = missing_runs(held, made)
    named = [number for first, last in runs for number in range(first, last + 1)]
    assert named == [number for number in range(1, made + 1) if number not in held]
    assert all(before[1] + 1 < after[0] for before, after in pairwise(runs))

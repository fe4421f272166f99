"""What strangers who guess passwords can do: nothing to the pushes, and nothing to the owner of the name."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from steppe.kit.budgets import MOST_KEYS
from steppe.kit.clock import now
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.people import known_browser, passwords, tokens
from steppe.people.known_browser import KNOWN_LIFE, KnownBrowser, known_token, read_known
from steppe.people.passwords import PasswordChecks
from steppe.people.problems import TooManyTries, WrongPassword
from steppe.people.schemas import SignInIn
from steppe.people.sign_in import SignIns
from tests.fixtures_desk import OWN, give_password
from tests.fixtures_server import API, Server

PASSWORD = "four random words"
SESSION = f"{API}/session"
TRIES = 10


@pytest.fixture
async def desk(server: Server) -> Server:
    """The seeded server, where the expert has a password."""
    await give_password(server.database, server.seeded.mission.id, PASSWORD)
    server.client.headers.update(OWN)
    return server


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing passwords costs nothing here: these tests count."""
    monkeypatch.setattr(tokens, "is_password", lambda password, kept: kept is not None and password == PASSWORD)


class Gate:
    """Password comparisons that wait until the gate opens, as on a machine that is slow for ever."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.begun = threading.Semaphore(0)
        self.at_once = 0
        self.most_at_once = 0
        self._count = threading.Lock()

    def compare(self, _password: str, _kept: str | None) -> bool:
        with self._count:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.release()
        # On the event loop this would stop everything; a bound turns that into a failure.
        assert self._open.wait(20), "the gate was never opened: the comparison stands on the event loop"
        with self._count:
            self.at_once -= 1
        return False

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(tokens, "is_password", gate.compare)
    yield gate
    gate.open()


def sign_in(client: httpx.AsyncClient, password: str, username: str = "expert") -> "asyncio.Task[httpx.Response]":
    body = {"username": username, "password": password, "mission": "TST2021"}
    return asyncio.create_task(client.post(SESSION, json=body))


async def test_while_passwords_are_compared_pushes_and_health_answer(desk: Server, gate: Gate) -> None:
    guesses = [sign_in(desk.client, "a guess of mine", f"name-{number}") for number in range(6)]
    assert await asyncio.to_thread(gate.begun.acquire, timeout=20)
    assert (await desk.client.get(f"{API}/health")).status_code == 200
    phone = desk.phones[0]
    [stored] = (await desk.push(phone, phone.report()))["results"]
    assert stored["status"] == "stored"
    assert not any(guess.done() for guess in guesses)
    gate.open()
    assert [answer.status_code for answer in await asyncio.gather(*guesses)] == [401] * 6
    assert gate.most_at_once == 1


async def test_a_full_queue_refuses_strangers_and_a_known_browser_waits_for_none_of_them(gate: Gate) -> None:
    checks = PasswordChecks()

    def compare(*, is_known: bool) -> "asyncio.Task[bool]":
        return asyncio.create_task(checks.is_password("a guess of mine", None, is_known=is_known))

    strangers = [compare(is_known=False) for _ in range(1 + passwords.MOST_WAITING)]
    refused = compare(is_known=False)
    with pytest.raises(TooManyTries) as told:
        await refused
    assert int(told.value.headers["Retry-After"]) > 0
    owner = compare(is_known=True)
    for _ in ("the first stranger", "the owner"):
        assert await asyncio.to_thread(gate.begun.acquire, timeout=20)
    assert gate.most_at_once == 2
    gate.open()
    assert await asyncio.gather(owner, *strangers) == [False] * (1 + len(strangers))


async def test_a_strangers_password_is_compared_with_a_lower_priority_than_all_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def compare(_password: str, _kept: str | None) -> bool:
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return False

    seen: list[int] = []
    monkeypatch.setattr(tokens, "is_password", compare)
    checks = PasswordChecks()
    await checks.is_password("a guess of mine", None, is_known=False)
    await checks.is_password("a guess of mine", None, is_known=True)
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    assert seen == [passwords.GIVING_WAY if sys.platform == "linux" else usual, usual]


@pytest.mark.usefixtures("cheap")
async def test_guessing_a_name_is_slowed_down_and_goes_on_after_the_time_told(desk: Server) -> None:
    clock = [1_000.0]
    sign_ins = SignIns(desk.database, desk.settings, clock=lambda: clock[0])
    wrong = SignInIn(username="expert", password="a guess of mine", mission="TST2021")
    right = SignInIn(username="expert", password=PASSWORD, mission="TST2021")
    for _ in range(TRIES):
        with pytest.raises(WrongPassword):
            await sign_ins.open(wrong, address="192.0.2.1", known=None)
    with pytest.raises(TooManyTries) as refused:
        await sign_ins.open(right, address="192.0.2.1", known=None)
    wait = int(refused.value.headers["Retry-After"])
    assert 1 <= wait <= 60
    # The name's owner sits elsewhere.
    assert (await sign_ins.open(right, address="198.51.100.1", known=None)).person.username == "expert"
    clock[0] += wait
    assert (await sign_ins.open(right, address="192.0.2.1", known=None)).person.username == "expert"


@pytest.mark.usefixtures("cheap")
async def test_the_right_password_costs_no_try(desk: Server) -> None:
    for _ in range(3 * TRIES):
        assert (await sign_in(desk.client, PASSWORD)).status_code == 200


@pytest.mark.usefixtures("cheap")
async def test_an_address_that_guesses_many_names_is_refused_and_others_are_not(desk: Server) -> None:
    sign_ins = SignIns(desk.database, desk.settings, clock=lambda: 1_000.0)
    # Neighbours in one IPv6 /64 are one household.
    for number in range(desk.settings.sign_ins_per_address):
        with pytest.raises(WrongPassword):
            await sign_ins.open(
                SignInIn(username=f"name-{number}", password="x"), address=f"2001:db8::{number:x}", known=None
            )
    with pytest.raises(TooManyTries):
        await sign_ins.open(SignInIn(username="one more", password="x"), address="2001:db8::ffff", known=None)
    with pytest.raises(WrongPassword):
        await sign_ins.open(SignInIn(username="one more", password="x"), address="2001:db8:0:1::1", known=None)


@pytest.mark.usefixtures("cheap")
async def test_32_guessers_meet_429_and_the_owner_signs_in_from_a_browser_that_did_before(desk: Server) -> None:
    assert (await sign_in(desk.client, PASSWORD)).status_code == 200
    app = desk.client._transport.app  # type: ignore[attr-defined]  # ASGITransport keeps it
    app.state.parts[SignIns]._refusal_seconds = 0

    async def guess(number: int) -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, client=(f"198.51.100.{number}", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://steppe.test", headers=OWN) as client:
            return [await sign_in(client, "a guess", str(uuid4()) if turn % 2 else "expert") for turn in range(6)]

    answers = [answer for each in await asyncio.gather(*(guess(number) for number in range(32))) for answer in each]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {401, 429}
    assert len(answers) - len(refused) <= desk.settings.sign_ins_in_all + 1
    for answer in refused:
        assert answer.json()["type"] == "urn:steppe:problem:too-many-tries"
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    stranger = httpx.ASGITransport(app, client=("203.0.113.1", 1))
    async with httpx.AsyncClient(transport=stranger, base_url="http://steppe.test", headers=OWN) as client:
        assert (await sign_in(client, PASSWORD)).status_code == 429
    assert (await sign_in(desk.client, PASSWORD)).status_code == 200


@pytest.mark.usefixtures("cheap")
async def test_a_known_browser_is_a_stranger_to_every_other_name_and_has_an_end_too(desk: Server) -> None:
    opened = await SignIns(desk.database, desk.settings).open(
        SignInIn(username="expert", password=PASSWORD, mission="TST2021"), address="192.0.2.1", known=None
    )
    known = KnownBrowser(opened.mission.id, opened.person.id)
    sign_ins = SignIns(desk.database, desk.settings.model_copy(update={"sign_ins_in_all": 1}), clock=lambda: 1_000.0)
    other = SignInIn(username="head", password="a guess of mine", mission="TST2021")
    with pytest.raises(WrongPassword):
        await sign_ins.open(other, address="192.0.2.1", known=known)
    with pytest.raises(TooManyTries):
        await sign_ins.open(other, address="192.0.2.1", known=known)
    own = SignInIn(username="expert", password="a guess of mine", mission="TST2021")
    for _ in range(desk.settings.sign_ins_per_name - 2):
        with pytest.raises(WrongPassword):
            await sign_ins.open(own, address="192.0.2.1", known=known)
    with pytest.raises(TooManyTries):
        await sign_ins.open(own, address="192.0.2.1", known=known)


async def test_a_hundred_thousand_made_up_names_leave_memory_as_it_was(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, sign_ins_in_all=10_000_000)
    database = Database(settings)
    clock = [1_000.0]
    sign_ins = SignIns(database, settings, clock=lambda: clock[0])
    sizes = []
    for number in range(100_000):
        clock[0] += 0.0001
        given = SignInIn(username=f"made-up-{number}", password="x")
        sign_ins._admit(sign_ins._of_stranger(given, f"an address {number}"))
        if number % 20_000 == 19_999:
            sizes.append(sign_ins.remembered)
    await database.close()
    assert set(sizes) == {2 * MOST_KEYS + 1}


async def test_a_refused_try_reaches_neither_database_nor_password(
    desk: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_ins = SignIns(desk.database, desk.settings.model_copy(update={"sign_ins_in_all": 1}), clock=lambda: 1_000.0)
    given = SignInIn(username="expert", password="a guess of mine", mission="TST2021")
    with pytest.raises(WrongPassword):
        await sign_ins.open(given, address="192.0.2.1", known=None)

    def touched(*_args: object) -> object:
        raise AssertionError

    monkeypatch.setattr(Database, "read", touched)
    monkeypatch.setattr(tokens, "is_password", touched)
    with pytest.raises(TooManyTries):
        await sign_ins.open(given, address="192.0.2.1", known=None)


def test_only_this_server_makes_a_browser_known_and_for_thirty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    secret, seen = b"s" * 32, KnownBrowser(uuid4(), uuid4())
    token = known_token(seen, secret)
    assert read_known(token, secret) == seen
    assert read_known(token, b"o" * 32) is None
    head, _, tail = token.rpartition(".")
    for forged in ("", "x", head, f"{head}.{tail[::-1]}", f"eyJhbGciOiJub25lIn0.{head.partition('.')[2]}."):
        assert read_known(forged, secret) is None
    moment = now()
    monkeypatch.setattr(known_browser, "now", lambda: moment - KNOWN_LIFE)
    assert read_known(known_token(seen, secret), secret) is None

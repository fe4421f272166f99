"""Sign in at the desk: bounds first, then a reading transaction, the password beside the loop, a short writing one."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from steppe.kit.budgets import Budget, address_key, longest_wait
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.missions.models import Mission
from steppe.people import commands, queries
from steppe.people.known_browser import KnownBrowser
from steppe.people.models import Person
from steppe.people.passwords import PasswordChecks
from steppe.people.problems import ChooseMission, TooManyTries, WrongPassword
from steppe.people.schemas import SignInIn

_ALL = "all"
_MOST_HELD = 1_000
Spending = list[tuple[Budget, Hashable]]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A desk session that has just begun; `token` is shown once."""

    token: str
    person: Person
    mission: Mission


class SignIns:
    """The sign-ins of this process, and how many tries strangers have left.

    A try counts against its address, its name at that address, and all strangers together. A browser in which the same
    person signed in before counts against that person alone. A try with the right password is given back.
    """

    def __init__(self, database: Database, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep the database; nothing is spent yet. `clock` gives seconds."""
        self._database = database
        self._checks = PasswordChecks()
        self._refusal_seconds = settings.refusal_seconds
        self._held = 0
        self._by_name = Budget(settings.sign_ins_per_name, clock=clock)
        self._by_address = Budget(settings.sign_ins_per_address, clock=clock)
        self._in_all = Budget(settings.sign_ins_in_all, clock=clock)
        self._by_known = Budget(settings.sign_ins_per_name, clock=clock)

    @property
    def remembered(self) -> int:
        """How many counts are in memory."""
        return sum(len(budget) for budget in (self._by_name, self._by_address, self._in_all, self._by_known))

    async def open(self, given: SignInIn, *, address: str, known: KnownBrowser | None) -> SignedIn:
        """Begin a desk session.

        `address` is the caller's network address, `known` what its cookie says. Without a mission a name that is in one
        signs in there. The cost is one comparison of a password, whether the name is in no mission, in one or in more,
        and whether it has a password or not; so time tells nothing of names.

        Raises TooManyTries before any work, WrongPassword, and ChooseMission for a name in several missions, whatever
        the password.
        """
        spent = self._admit(self._of_known(known) if known else self._of_stranger(given, address))
        async with self._database.read() as session:
            people = await queries.desk_people(session, given.username, given.mission)
        is_known = known is not None and any(
            (person.mission_id, person.id) == (known.mission_id, known.person_id) for person in people
        )
        if known and not is_known:
            # Somebody's browser, but another name: a stranger to that name.
            spent += self._admit(self._of_stranger(given, address))
        person = people[0] if len(people) == 1 else None
        kept = person.password_hash if person else None
        is_right = await self._checks.is_password(given.password, kept, is_known=is_known)
        if len(people) > 1:
            raise ChooseMission
        if not is_right or person is None or kept is None:
            raise WrongPassword
        async with self._database.write() as session:
            token, person = await commands.open_session(session, person.id, checked=kept)
            mission = await session.get_one(Mission, person.mission_id)
        for budget, key in spent:
            budget.give_back(key)
        return SignedIn(token, person, mission)

    async def hold_back(self) -> None:
        """Wait before a refusal leaves, while not too many wait: a guesser that is answered at once asks again at once.

        32 clients refused without it made 530 requests a second, and a push took 950 ms instead of 40 (p95).
        """
        if self._held >= _MOST_HELD:
            return
        self._held += 1
        try:
            await asyncio.sleep(self._refusal_seconds)
        finally:
            self._held -= 1

    def _of_known(self, known: KnownBrowser) -> Spending:
        return [(self._by_known, (known.mission_id, known.person_id))]

    def _of_stranger(self, given: SignInIn, address: str) -> Spending:
        where = address_key(address)
        # A digest: what a stranger typed must not decide how much memory its count takes.
        words = "\0".join((given.mission or "", given.username, where))
        name = hashlib.sha256(words.encode()).digest()
        return [(self._by_name, name), (self._by_address, where), (self._in_all, _ALL)]

    def _admit(self, spending: Spending) -> Spending:
        """Spend from all of these budgets or from none. Raises TooManyTries."""
        seconds = longest_wait(spending)
        if seconds:
            raise TooManyTries(headers={"Retry-After": str(seconds)})
        for budget, key in spending:
            budget.spend(key)
        return spending

"""Compare passwords beside the event loop: two at once, a short queue, and a refusal beyond it.

One comparison is 64 MiB and some 50 to 200 ms of processor (Argon2id). On the event loop four guessing strangers raised
a push from 14 ms to 2.3 s.
"""

from __future__ import annotations

import asyncio

from steppe.people import tokens
from steppe.people.problems import TooManyTries

AT_ONCE = 2
MOST_WAITING = 16
KNOWN_WAITING = 16
"""Places in the queue that only browsers which signed in before can take."""
_QUEUE_RETRY_SECONDS = 5


class PasswordChecks:
    """The password comparisons of this process."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._present = 0

    async def is_password(self, password: str, kept: str | None, *, is_known: bool) -> bool:
        """Compare a typed password with the kept hash; one comparison also when there is none to compare with.

        Raises TooManyTries when the queue is full; for a known browser it is longer.
        """
        if self._present >= AT_ONCE + MOST_WAITING + (KNOWN_WAITING if is_known else 0):
            msg = "too many sign-ins at the same moment"
            raise TooManyTries(msg, headers={"Retry-After": str(_QUEUE_RETRY_SECONDS)})
        self._present += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(tokens.is_password, password, kept)
        finally:
            self._present -= 1

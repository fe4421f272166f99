"""Compare passwords beside the event loop: a lane for strangers, a lane for known browsers, a refusal beyond its queue.

One comparison is 64 MiB and some 50 to 200 ms of processor (Argon2id). On the event loop four guessing strangers raised
a push from 14 ms to 2.3 s. Beside it, with the priority of the rest of the server, its four lanes took both processors
from the pushes; so strangers' run with a lower one, and whoever pushes goes first.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from steppe.people import tokens
from steppe.people.problems import TooManyTries

MOST_WAITING: Final = 16
"""Places in the queue of each lane."""
GIVING_WAY: Final = 10
"""A nice value of POSIX: a tenth of the processor while others want it all. At 19 a first sign-in on a machine that was
busy for long was not answered within ten seconds."""
_QUEUE_RETRY_SECONDS = 5


def _give_way() -> None:
    """Let this thread, and those that Argon2 starts from it, leave most of the processor to others who want it.

    Linux keeps a nice value for each thread (sched(7)); elsewhere a thread has no such number, and nothing changes.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVING_WAY)


class _Lane:
    """One comparison at a time, and a short queue for it."""

    def __init__(self, name: str, begin: Callable[[], None] | None = None) -> None:
        """Begin with nobody waiting; `begin` runs once in the lane's thread."""
        self._thread = ThreadPoolExecutor(1, name, begin)
        self._present = 0

    async def is_password(self, password: str, kept: str | None) -> bool:
        """Wait for a turn and compare. Raises TooManyTries when the queue is full."""
        if self._present > MOST_WAITING:
            msg = "too many sign-ins at the same moment"
            raise TooManyTries(msg, headers={"Retry-After": str(_QUEUE_RETRY_SECONDS)})
        self._present += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, tokens.is_password, password, kept)
        finally:
            self._present -= 1


class PasswordChecks:
    """The password comparisons of this process: at most two at once, one of a stranger and one of a known browser."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._strangers = _Lane("strangers-password", _give_way)
        self._known = _Lane("known-password")

    async def is_password(self, password: str, kept: str | None, *, is_known: bool) -> bool:
        """Compare a typed password with the kept hash; one comparison also when there is none to compare with.

        A browser in which the person signed in before waits for no stranger. Raises TooManyTries when its lane's queue
        is full.
        """
        return await (self._known if is_known else self._strangers).is_password(password, kept)

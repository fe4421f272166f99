"""Budgets: how often a stranger may ask, counted per key in memory of a fixed size.

Each key costs one number, the moment at which everything it asked for is paid off (the "theoretical arrival time" of
the generic cell rate algorithm, ITU-T I.371), and is forgotten a minute after it last asked. Counts are a process's
own: two nodes allow twice as much.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Iterable
from ipaddress import IPv4Address, ip_address, ip_network

from cachetools import TTLCache

MINUTE = 60.0
MOST_KEYS = 10_000
_ROUNDING = 1e-6
_SITE_BITS = 64


class Budget:
    """So many asks a minute for each key: all at once or spread, then one whenever its share of the minute has passed.

    Example: `Budget(10)` lets ten asks of a key through at once and then one every six seconds. When more than
    `most_keys` ask within a minute, the one that has been silent longest is forgotten.
    """

    def __init__(
        self, a_minute: int, *, most_keys: int = MOST_KEYS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with nothing spent; `clock` gives seconds."""
        self._share = MINUTE / a_minute
        self._clock = clock
        self._paid_off_at: TTLCache[Hashable, float] = TTLCache(most_keys, MINUTE, timer=clock)

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._paid_off_at)

    def wait(self, key: Hashable) -> float:
        """Return the seconds until this key may ask again; 0 when it may now."""
        moment = self._clock()
        seconds = self._paid_off_at.get(key, moment) - moment - (MINUTE - self._share)
        return seconds if seconds > _ROUNDING else 0.0

    def spend(self, key: Hashable) -> None:
        """Count one ask of this key, which `wait` let through."""
        moment = self._clock()
        self._paid_off_at[key] = max(self._paid_off_at.get(key, moment), moment) + self._share

    def give_back(self, key: Hashable) -> None:
        """Take one ask of this key back: it turned out to be nothing that needs a bound."""
        if key in self._paid_off_at:
            self._paid_off_at[key] -= self._share


def longest_wait(spending: Iterable[tuple[Budget, Hashable]]) -> int:
    """Return the whole seconds, rounded up, until every one of these budgets allows an ask; 0 when all do now."""
    return math.ceil(max((budget.wait(key) for budget, key in spending), default=0.0))


def address_key(host: str) -> str:
    """Return what a network address is counted under: an IPv6 address by its /64, which is what one household gets."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _SITE_BITS), strict=False))

"""The chains that phones make of their reports: each names the hash of the one before (docs/protocol.md §3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID


class DeviceChains:
    """What was received of each device, to be compared once everything is there: items come in any order."""

    def __init__(self) -> None:
        """Begin with nothing received."""
        self._hashes: dict[UUID, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._links: dict[UUID, list[tuple[int, str]]] = defaultdict(list)

    def add(self, device: UUID, device_seq: int, content_hash: str, prev_hash: str) -> None:
        """Note a revision: its number, its hash, and the hash it says was before it."""
        self._hashes[device][device_seq].add(content_hash)
        self._links[device].append((device_seq, prev_hash))

    def breaks(self) -> Iterator[tuple[UUID, int]]:
        """Yield device and number of every revision that follows another one than was received before it.

        Nothing can be said where the one before is missing; the list of phones at the desk names such numbers.
        """
        for device in sorted(self._links):
            for device_seq, prev_hash in sorted(self._links[device]):
                before = self._hashes[device].get(device_seq - 1)
                if (device_seq == 1 and prev_hash) or (before and prev_hash not in before):
                    yield device, device_seq

"""Which phones hold which keys of their mission: who still has to come, and who needs a new code."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select

from steppe.kit.db import ReadSession
from steppe.missions.keys import RECEIPT
from steppe.missions.models import Mission
from steppe.missions.queries import key_rows
from steppe.people.models import Device, Team

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class KeyHolders:
    """Phones that stand alike to the mission's list of keys."""

    state: str
    phones: tuple[str, ...]

    def __str__(self) -> str:
        """Return the line for a terminal."""
        named = ", ".join(self.phones[:_MOST_NAMED]) + (", …" if len(self.phones) > _MOST_NAMED else "")
        return f"{len(self.phones)} phones {self.state}: {named}"


async def key_holders(session: ReadSession, mission: Mission) -> list[KeyHolders]:
    """Return the mission's phones that are not revoked, by how they stand to its list of keys; none where it is alike.

    A phone is cut off when the receipt keys it holds were declared stolen and it has never learned the root: it keeps
    its reports, and believes nobody until it is set up again with a new code.
    """
    rows = [row for row in await key_rows(session, mission.id) if row.purpose == RECEIPT]
    good = {row.kid: row.serial for row in rows if row.stolen_since is None}
    query = (
        select(Team.code, Device.letter, Device.receipt_kid, Device.keys_serial)
        .join(Team, col(Team.id) == col(Device.team_id))
        .where(Device.mission_id == mission.id, col(Device.revoked_at).is_(None))
        .order_by(Team.code, Device.letter)
    )
    groups: dict[str, list[str]] = {}
    for code, letter, kid, serial in (await session.exec(query)).all():
        if serial is not None and serial >= mission.keys_serial:
            state = "hold the list of today"
        elif _reaches(mission, serial or 0, kid or rows[0].kid, good):
            state = "learn it at their next contact" if serial is not None else "run an app that learns no keys"
        else:
            state = "are cut off, and need a new code"
        groups.setdefault(state, []).append(f"{code}-{letter}")
    return [KeyHolders(state, tuple(phones)) for state, phones in sorted(groups.items())]


def _reaches(mission: Mission, serial: int, kid: str, good: dict[str, int]) -> bool:
    """Say whether a phone with the list of this serial believes today's: by a key it holds, or by the root."""
    holds_root = mission.root_serial is not None and serial >= mission.root_serial
    return holds_root or (any(one <= serial for one in good.values()) if serial else kid in good)

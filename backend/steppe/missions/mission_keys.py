"""The private keys of a mission as this process holds them, and which of them a phone is answered with.

A phone believes the keys it holds and no other: a receipt is signed with the newest of these, so that replacing a key
strands nobody, and beside it travels the list by which it learns the newer ones (docs/protocol.md §1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey
from sqlalchemy import Select, bindparam, select
from sqlmodel import col

from steppe.kit.clock import now
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.settings import Settings
from steppe.missions import keys
from steppe.missions.key_list import HeldKeys, KeyList, key_list, serial_of
from steppe.missions.keys import ReceiptKey
from steppe.missions.models import Mission, MissionKey, PlaceList

_MOST_OPENED: Final = 256
_opened: dict[tuple[str, bytes], ec.EllipticCurvePrivateKey] = {}
"""Private keys by their wrapped text and the first secret of the server that asked: unwrapped once per process."""


@dataclass(frozen=True, slots=True)
class DatedKey:
    """A receipt key in force, and the serial of the first list it stood in."""

    key: ReceiptKey
    serial: int


@dataclass(frozen=True, slots=True)
class MissionKeys:
    """What opens and receipts: the mission's transport keys by `kid`, and its receipt keys, oldest first.

    `first_kid` is the receipt key of the mission's beginning, in force or not. Beside them, for they come with the same
    question: the mission's zone and the version of its list of places.
    """

    transport: dict[str, ec.EllipticCurvePrivateKey]
    receipts: tuple[DatedKey, ...]
    first_kid: str
    listed: KeyList
    root_statement: str | None
    zone: str
    places: str | None
    _signed: dict[str, str] = field(default_factory=dict)

    def receipt_for(self, held: HeldKeys) -> ReceiptKey:
        """Return the newest receipt key that is in force and held; where none is, the newest: nothing else is true."""
        known = self._known(held)
        return (known or self.receipts[-1:])[-1].key

    def statements_for(self, held: HeldKeys) -> list[str]:
        """Return the lists by which a phone comes to hold today's keys, in their order; none when it does.

        Without a key of its own that is in force, only the root's word reaches it.
        """
        if held.serial is None or held.serial >= self.listed.serial:
            return []
        known = self._known(held)
        return [self._statement(known[-1].key)] if known else self.statements_by_root()

    def receipt_keys(self) -> list[ReceiptKey]:
        """Return the receipt keys in force, the oldest first: what one of them signed, the mission said."""
        return [one.key for one in self.receipts]

    def kids_in_force(self) -> set[str]:
        """Return the thumbprints by which whoever trusts the root believes what was signed: without one, the newest."""
        in_force = [one.key.kid for one in self.receipts]
        return set(in_force if self.statements_by_root() else in_force[-1:])

    def statements_by_root(self) -> list[str]:
        """Return the lists that lead from the mission's root to today's keys; none where it has no root."""
        root = self.listed.root
        if self.root_statement is None or root is None:
            return []
        reached = serial_of(self.root_statement, root) or 0
        told = [self.root_statement]
        if reached < self.listed.serial:
            told += [self._statement(one.key) for one in self.receipts if one.serial <= reached][-1:]
        return told

    def _known(self, held: HeldKeys) -> list[DatedKey]:
        if held.serial:
            return [one for one in self.receipts if one.serial <= held.serial]
        return [one for one in self.receipts if one.key.kid == (held.receipt_kid or self.first_kid)]

    def _statement(self, key: ReceiptKey) -> str:
        if key.kid not in self._signed:
            self._signed[key.kid] = self.listed.statement(ECKey.import_key(key.private), now())
        return self._signed[key.kid]


def _private(wrapped: str, settings: Settings) -> ec.EllipticCurvePrivateKey:
    name = (wrapped, settings.secret_key)
    if name not in _opened:
        private = keys.unwrap(wrapped, *settings.secrets()).private_key
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        if len(_opened) >= _MOST_OPENED:
            _opened.clear()
        _opened[name] = private
    return _opened[name]


@cache
def _statement() -> Select[Any]:
    places = (
        select(col(PlaceList.version))
        .where(col(PlaceList.mission_id) == bindparam("mission"))
        .order_by(col(PlaceList.made_at).desc())
        .limit(1)
        .scalar_subquery()
        .label("places")
    )
    key, mission = MissionKey, Mission
    return (
        select(
            col(key.kid),
            col(key.purpose),
            col(key.public_jwk),
            col(key.private_wrapped),
            col(key.serial),
            col(key.made_at),
            col(key.stolen_since),
            col(mission.keys_serial),
            col(mission.root_jwk),
            col(mission.root_statement),
            col(mission.zone),
            places,
        )
        .join(mission, col(mission.id) == col(key.mission_id))
        .where(col(key.mission_id) == bindparam("mission"))
        .order_by(col(key.serial), col(key.made_at))
    )


async def mission_keys(session: ReadSession | WriteSession, mission_id: UUID, settings: Settings) -> MissionKeys:
    """Return the mission's private keys, unwrapped once per process."""
    connection = await session.connection()
    rows = (await connection.execute(_statement(), {"mission": mission_id})).all()
    of_receipts = [row for row in rows if row.purpose == keys.RECEIPT]
    return MissionKeys(
        {row.kid: _private(row.private_wrapped, settings) for row in rows if row.purpose == keys.TRANSPORT},
        tuple(
            DatedKey(ReceiptKey(row.kid, _private(row.private_wrapped, settings)), row.serial)
            for row in of_receipts
            if row.stolen_since is None
        ),
        of_receipts[0].kid,
        key_list(mission_id, rows[0].keys_serial, rows[0].root_jwk, rows),
        rows[0].root_statement,
        rows[0].zone,
        rows[0].places,
    )

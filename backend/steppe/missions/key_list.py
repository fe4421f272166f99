"""The signed list of a mission's keys, by which phones learn of others than they were enrolled with. Pure.

Each change of keys gives the list its next serial. A phone takes a list that its mission's root signed, or a receipt
key it holds; from the root it is the whole truth, from a receipt key it only adds (docs/protocol.md §1).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from steppe.kit.clock import iso
from steppe.missions import keys

STATEMENT_TYPE: Final = "steppe-keys+jws"
_POINT: Final = ("kty", "crv", "x", "y", "kid")


@dataclass(frozen=True, slots=True)
class HeldKeys:
    """What a phone holds: the receipt key it was enrolled with (None: the mission's first) and the serial of its list.

    Serial 0: it holds no list yet and reads them. None: an app of an earlier version, which reads none.
    """

    receipt_kid: str | None = None
    serial: int | None = None


@dataclass(frozen=True, slots=True)
class KeyList:
    """A mission's keys as a list says them. `receipt`: public JWKs of those in force, the newest last.

    `stolen`: since when each key that was declared stolen is believed to be in wrong hands, by `kid`.
    """

    mission_id: UUID
    serial: int
    receipt: tuple[dict[str, Any], ...]
    transport: dict[str, Any]
    root: dict[str, Any] | None
    stolen: dict[str, datetime]

    def statement(self, key: ECKey, at: datetime) -> str:
        """Return the list as `key` signs it: a compact JWS ES256."""
        kid = key.thumbprint()
        header = {"alg": "ES256", "kid": kid, "typ": STATEMENT_TYPE}
        payload = {
            "mission": str(self.mission_id),
            "serial": self.serial,
            "at": iso(at),
            "receipt": [_point(jwk) for jwk in self.receipt],
            "transport": _point(self.transport),
            **({"root": _point(self.root)} if self.root else {}),
            **({"stolen": {one: iso(since) for one, since in self.stolen.items()}} if self.stolen else {}),
        }
        return jws.serialize_compact(header, json.dumps(payload), key, algorithms=["ES256"])


class KeyRow(Protocol):
    """What a list says of a key, out of its row."""

    kid: str
    purpose: str
    public_jwk: dict[str, Any]
    stolen_since: datetime | None


def key_list(mission_id: UUID, serial: int, root: dict[str, Any] | None, rows: Iterable[KeyRow]) -> KeyList:
    """Return the list of a mission's keys out of their rows, the oldest first."""
    rows = list(rows)
    return KeyList(
        mission_id=mission_id,
        serial=serial,
        receipt=tuple(row.public_jwk for row in rows if row.purpose == keys.RECEIPT and row.stolen_since is None),
        transport=[row.public_jwk for row in rows if row.purpose == keys.TRANSPORT][-1],
        root=root,
        stolen={row.kid: row.stolen_since for row in rows if row.stolen_since is not None},
    )


def serial_of(statement: str, key: dict[str, Any]) -> int | None:
    """Return the serial of a list that this public key signed; None for anything else."""
    try:
        read = jws.deserialize_compact(statement, ECKey.import_key(key), algorithms=["ES256"])
        serial = json.loads(read.payload)["serial"]
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return serial if read.headers().get("typ") == STATEMENT_TYPE and isinstance(serial, int) else None


def _point(jwk: dict[str, Any]) -> dict[str, Any]:
    return {part: jwk[part] for part in _POINT if part in jwk}

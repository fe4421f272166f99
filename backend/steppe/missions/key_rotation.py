"""Putting other keys into force under the mission's lock, its root, and another secret of the server around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from joserfc.jwk import ECKey
from sqlalchemy import select as select_columns
from sqlalchemy import update

from steppe.audit import commands as audit
from steppe.kit.clock import iso, now
from steppe.kit.columns import table_of
from steppe.kit.db import WriteSession
from steppe.kit.problems import Problem
from steppe.missions import keys
from steppe.missions.commands import mission_key
from steppe.missions.feed import take_numbers
from steppe.missions.key_list import key_list
from steppe.missions.models import Mission, MissionKey
from steppe.missions.queries import key_rows


class NoRoot(Problem):
    """A key was to be declared stolen in a mission that has no root."""

    slug = "no-root"
    status = HTTPStatus.CONFLICT
    title = "This mission has no root"
    next = (
        "Without recovery words nothing can prove to phones that a key was stolen. Run `steppe keys rotate receipt` "
        "and `steppe keys rotate transport`, revoke nothing, and set up each phone again with a new code; it keeps its "
        "reports. Then make a root: `steppe backup key`, or `steppe keys root` where there are words."
    )


class OtherRoot(Problem):
    """The words typed are not those of the mission's root."""

    slug = "other-root"
    status = HTTPStatus.CONFLICT
    title = "These words are not those of this mission's root"
    next = "Type the words of the day on which phones learned the root: `steppe keys list` shows its thumbprint."


@dataclass(frozen=True, slots=True)
class Rotated:
    """A key that came into force, its list's serial, and how many keys were declared stolen."""

    kid: str
    serial: int
    stolen: int = 0


async def rotate(
    session: WriteSession,
    mission: Mission,
    purpose: str,
    *,
    secret: bytes,
    actor: str,
    root: ECKey | None = None,
    stolen_since: datetime | None = None,
) -> Rotated:
    """Put a new key of a purpose into force; phones learn it at their next contact. Older ones stay, unless stolen.

    `stolen_since`: every receipt key until now is in wrong hands since then. They all lie under one secret, so who has
    one may have all. This needs the mission's `root`, whose list then replaces what phones hold. Older transport keys
    always stay: what was sealed to them has to be opened. Raises NoRoot, OtherRoot.
    """
    if stolen_since is not None:
        _check_root(mission, root)
    await _lock(session, mission)
    stolen = 0
    if stolen_since is not None:
        for row in await key_rows(session, mission.id):
            if row.purpose == keys.RECEIPT and row.stolen_since is None:
                row.stolen_since = stolen_since
                session.add(row)
                stolen += 1
    mission.keys_serial += 1
    key = mission_key(mission.id, purpose, secret, mission.keys_serial)
    session.add_all((mission, key))
    await session.flush()
    if root is not None:
        await _sign(session, mission, root)
    detail: dict[str, Any] = {"purpose": purpose, "serial": mission.keys_serial}
    if stolen_since is not None:
        detail |= {"stolen": stolen, "since": iso(stolen_since)}
    audit.record(session, mission_id=mission.id, actor=actor, action="keys.rotate", object_id=key.kid, detail=detail)
    return Rotated(key.kid, mission.keys_serial, stolen)


async def set_root(session: WriteSession, mission: Mission, root: ECKey, *, actor: str) -> bool:
    """Sign the mission's list of keys with its root, and make this key the root where it was another, or none.

    Phones that hold a root keep it: they take another from none but itself. Returns whether the root is new.
    """
    await _lock(session, mission)
    public = keys.public_jwk(root)
    is_new = mission.root_jwk != public
    mission.keys_serial += 1
    if is_new:
        mission.root_jwk, mission.root_at, mission.root_serial = public, now(), mission.keys_serial
    session.add(mission)
    await session.flush()
    await _sign(session, mission, root)
    audit.record(
        session,
        mission_id=mission.id,
        actor=actor,
        action="keys.root",
        object_id=root.thumbprint(),
        detail={"serial": mission.keys_serial},
    )
    return is_new


async def rewrap(session: WriteSession, mission: Mission, secrets: list[bytes], secret: bytes, *, actor: str) -> int:
    """Wrap a mission's private keys by `secret`, whichever of `secrets` they are under; returns how many changed.

    Doing it again changes nothing. Raises joserfc's JoseError for a key that none of them opens.
    """
    await _lock(session, mission)
    table = table_of(MissionKey)
    query = select_columns(table.c.kid, table.c.private_wrapped).where(table.c.mission_id == mission.id)
    changed = 0
    for kid, wrapped in (await session.execute(query)).all():
        if keys.opens(wrapped, secret):
            continue
        anew = keys.wrap(keys.unwrap(wrapped, *secrets), secret)
        here = (table.c.mission_id == mission.id, table.c.kid == kid)
        await session.execute(update(table).where(*here).values(private_wrapped=anew))
        changed += 1
    if changed:
        audit.record(session, mission_id=mission.id, actor=actor, action="keys.rewrap", object_id=str(mission.id))
    return changed


def _check_root(mission: Mission, root: ECKey | None) -> None:
    if mission.root_jwk is None or root is None:
        raise NoRoot
    if mission.root_jwk["kid"] != root.thumbprint():
        raise OtherRoot


async def _lock(session: WriteSession, mission: Mission) -> None:
    """Let changes of a mission's keys come one after the other."""
    await take_numbers(session, mission.id, 0)
    await session.refresh(mission)


async def _sign(session: WriteSession, mission: Mission, root: ECKey) -> None:
    rows = await key_rows(session, mission.id)
    mission.root_statement = key_list(mission.id, mission.keys_serial, mission.root_jwk, rows).statement(root, now())
    session.add(mission)
    await session.flush()

"""A phone's key for what goes down with content: registered under its device key (docs/protocol.md §14)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from steppe.audit import commands as audit
from steppe.kit.clock import now
from steppe.kit.db import WriteSession
from steppe.kit.problems import SignInNeeded
from steppe.people.access import DeviceCaller
from steppe.people.commands import PUBLIC_PARTS
from steppe.people.models import Device
from steppe.people.problems import BadContentKey, TooManyContentKeys

CONTENT_KEY: Final = "content_key"
"""In the answer to each push: this server takes such keys, earlier ones do not."""
CONTENT_KEY_TYPE: Final = "steppe-content-key+jws"
_LEAST_APART: Final = timedelta(minutes=1)
"""A phone makes one key in the life of its vault; each further one is an entry of the trail, which nobody may flood."""


def read_statement(statement: str, caller: DeviceCaller) -> dict[str, str]:
    """Return the public JWK that the caller's device key signed for this mission and device. Raises BadContentKey."""
    try:
        read = jws.deserialize_compact(statement, ECKey.import_key(caller.public_jwk), algorithms=["ES256"])
        said = json.loads(read.payload)
        is_ours = said["mission"] == str(caller.mission_id) and said["device"] == str(caller.device_id)
        public: dict[str, str] = {part: said["key"][part] for part in PUBLIC_PARTS}
        # A point that is not on the curve fails here, and a private half is not what is registered.
        ECKey.import_key({**public})
        is_public = said["key"].keys() == public.keys()
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadContentKey from error
    if read.headers().get("typ") != CONTENT_KEY_TYPE or public["crv"] != "P-256" or not (is_ours and is_public):
        raise BadContentKey
    if public == {part: caller.public_jwk[part] for part in PUBLIC_PARTS}:
        # One key for one use: what signs does not also agree on secrets.
        raise BadContentKey
    return public


async def register_content_key(session: WriteSession, caller: DeviceCaller, statement: str) -> str:
    """Have content for the caller encrypted to the key that this statement names, from now on; returns its thumbprint.

    The key it has already: nothing happens. Raises BadContentKey, TooManyContentKeys, and SignInNeeded when the phone
    was refused since it was let in.
    """
    public = read_statement(statement, caller)
    kid = ECKey.import_key({**public}).thumbprint()
    phone = await session.get_one(Device, caller.device_id, with_for_update=True, populate_existing=True)
    if phone.revoked_at is not None:
        msg = "this device is not enrolled, or no longer"
        raise SignInNeeded(msg)
    if phone.content_jwk == public:
        return kid
    at = now()
    if phone.content_key_at is not None and at - phone.content_key_at < _LEAST_APART:
        raise TooManyContentKeys(headers={"Retry-After": str(int(_LEAST_APART.total_seconds()))})
    audit.record(
        session,
        mission_id=caller.mission_id,
        actor=f"device:{caller.device_id}",
        action="device.content_key",
        object_id=str(caller.device_id),
        detail={"kid": kid, **({"replaces": True} if phone.content_jwk else {})},
    )
    phone.content_jwk, phone.content_key_at = public, at
    session.add(phone)
    return kid

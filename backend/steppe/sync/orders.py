"""Orders to phones that headquarters refuses: to wipe themselves (docs/protocol.md §9)."""

from __future__ import annotations

from steppe.kit.clock import iso
from steppe.missions.keys import ReceiptKey
from steppe.people.access import DeviceCaller
from steppe.submissions.receipts import ORDER_TYPE, signed
from steppe.sync.schemas import PushIn


def signed_orders(key: ReceiptKey, caller: DeviceCaller, said: PushIn) -> list[str]:
    """Return the order to a phone that has to wipe itself and does not say that it has, as a JWS; else nothing.

    It names the device and a serial that no other order of this device has: nobody can hand it to another phone, nor to
    this one after it was set up again.
    """
    if caller.revoked_at is None or caller.revoked_serial in {None, caller.wiped_serial, said.wiped}:
        return []
    order = {
        "mission": str(caller.mission_id),
        "device": str(caller.device_id),
        "serial": caller.revoked_serial,
        "at": iso(caller.revoked_at),
    }
    return [signed(key, order, ORDER_TYPE)]

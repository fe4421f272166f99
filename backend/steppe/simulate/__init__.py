"""Simulated observers: phones that enrol, fill valid reports and send them over the real protocol.

The demonstration, the tests and the benchmarks use it, and `steppe simulate` points it at any server.

`Phone` is the one face of the protocol's client, for load drivers and integrators; it stays where it is whatever moves
behind it. Over one `httpx.AsyncClient` (HTTP/1.1 or 2, base address the server's):

    phone = Phone(http)
    await phone.enrol("XXXXX-XXXXX-XXXXX-XXXXX")   # a code of `steppe enrol`
    await phone.pull()                             # checklists into phone.definitions, places into phone.places
    phone.finish(version, {"station": "101"}, made_at)  # signed and sealed; waits in phone.outbox
    await phone.push()                             # until every report is receipted, photos included
"""

from steppe.simulate.outbox import Attachment, Item, Outbox
from steppe.simulate.phone import Phone
from steppe.simulate.proofs import BadReceiptError

__all__ = ["Attachment", "BadReceiptError", "Item", "Outbox", "Phone"]

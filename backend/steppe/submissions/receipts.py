"""Signing receipts: what the mission says it holds, as nobody else can say it (docs/protocol.md §4, §5). Pure."""

from __future__ import annotations

from typing import Any, Final

import orjson

from steppe.missions.keys import ReceiptKey
from steppe.submissions.sealing import b64u, es256

RECEIPT_TYPE: Final = "steppe-receipt+jws"
ORDER_TYPE: Final = "steppe-order+jws"


def signed(key: ReceiptKey, payload: dict[str, Any], typ: str = RECEIPT_TYPE) -> str:
    """Return a receipt, or what else `typ` calls it: a compact JWS ES256 by the mission over `payload`."""
    header = b64u(orjson.dumps({"alg": "ES256", "kid": key.kid, "typ": typ}))
    message = f"{header}.{b64u(orjson.dumps(payload))}"
    return f"{message}.{b64u(es256(message.encode(), key.private))}"

"""A simulated phone: everything it knows it got over the protocol, everything it says goes over the protocol."""

from __future__ import annotations

import gzip
import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from steppe.checklists.definition import Definition
from steppe.kit.http import API
from steppe.kit.ids import plain_code, uuid7
from steppe.people.matching import keys_thumbprint
from steppe.people.tokens import token_hash
from steppe.simulate.outbox import Attachment, Item, Outbox
from steppe.simulate.pictures import PNG
from steppe.simulate.proofs import (
    BadReceiptError,
    OtherKeysError,
    enrolment_proof,
    public_jwk,
    receipt_claims,
    request_proof,
)
from steppe.submissions.sealing import CURVE, content_hash, encrypt_attachment, make_reply, make_revision, seal, sign

PULL_LIMIT: Final = 200
CHUNK: Final = 1024 * 1024
JSON: Final = {"Content-Type": "application/json"}


@dataclass
class Phone:
    """One phone on `http`, an AsyncClient whose base address is the server's.

    Every request raises httpx.HTTPStatusError when the server refuses it, and httpx's transport errors as they come.
    """

    http: httpx.AsyncClient
    id: str = field(default_factory=lambda: str(uuid7()))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    outbox: Outbox = field(default_factory=Outbox)
    definitions: dict[str, Definition] = field(default_factory=dict)
    """Newest published version of each form, by version id."""
    places: dict[str, Any] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)
    """What headquarters asks the team and nobody has answered: by its id the newest round, as the mission signed it."""

    enrolment: dict[str, Any] = field(default_factory=dict)
    device_seq: int = 0
    _prev_hash: str = ""
    _nonce: str = ""
    _cursor: str | None = None

    async def enrol(self, code: str, name: str = "Simulated phone") -> None:
        """Redeem a one-time code, `CODE` or `CODE.THUMBPRINT` as links carry it; then the phone belongs to a team.

        With a thumbprint the code is given only to a server with these keys. Raises OtherKeysError.
        """
        code, _, thumbprint = code.partition(".")
        if thumbprint:
            asked = await self.http.post(f"{API}/enrolments/keys", json={"code_sha256": token_hash(plain_code(code))})
            self._check_keys(_well(asked).json()["keys"], thumbprint)
        device = {"id": self.id, "name": name, "platform": "simulated", "public_jwk": public_jwk(self.key)}
        body = {"code": code, "device": device, "proof": enrolment_proof(self.key, device=self.id, code=code)}
        answer = await self.http.post(f"{API}/enrolments/redeem", json=body)
        enrolment = _well(answer).json()
        if thumbprint:
            self._check_keys(enrolment["keys"], thumbprint)
        self.enrolment = enrolment
        self._nonce = answer.headers.get("DPoP-Nonce", "")

    @staticmethod
    def _check_keys(keys: dict[str, dict[str, Any]], thumbprint: str) -> None:
        if keys_thumbprint(keys) != plain_code(thumbprint):
            raise OtherKeysError

    @property
    def mission(self) -> dict[str, Any]:
        """The mission as the enrolment told it."""
        return self.enrolment["mission"]  # type: ignore[no-any-return]  # the answer is JSON

    @property
    def regions(self) -> set[str]:
        """Codes of the team's area of responsibility."""
        return set(self.enrolment["team"]["regions"])

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """Send a request with proof of possession; a stale nonce costs one more round trip."""
        token = self.enrolment["access_token"]
        url = str(self.http.base_url.join(path))
        answer = httpx.Response(HTTPStatus.UNAUTHORIZED)
        for _ in range(2):
            proof = request_proof(self.key, method=method, url=url, token=token, nonce=self._nonce)
            headers = {"Authorization": f"DPoP {token}", "DPoP": proof}
            answer = await self.http.request(method, path, json=body, headers=headers)
            had, self._nonce = self._nonce, answer.headers.get("DPoP-Nonce", self._nonce)
            if answer.status_code != HTTPStatus.UNAUTHORIZED or had == self._nonce:
                break
        return _well(answer)

    async def pull(self) -> None:
        """Fetch what changed since the last time: checklists and places, whole, and what headquarters asks."""
        more = True
        wanted: dict[tuple[str, str], str] = {}
        while more:
            answer = await self._ask("POST", f"{API}/sync/pull", {"cursor": self._cursor, "limit": PULL_LIMIT})
            page = answer.json()
            for change in page["changes"]:
                data = change["data"]
                if change["kind"] == "checklist":
                    wanted["checklist", data["form"]] = change["id"]
                elif change["kind"] == "places":
                    wanted["places", ""] = data["version"]
                elif change["kind"] == "query":
                    self.queries.pop(change["id"], None)
                    if data["state"] == "open":
                        self.queries[change["id"]] = data["statement"]
            if "receipts" in page:
                # Whatever it says of reports, the next push says too; of epoch and safety it is news.
                self.outbox.hear(receipt_claims(page["receipts"], self._receipt_key(), self.mission["id"]))
            self._cursor, more = page["next_cursor"], page["more"]
        for (kind, form), key in wanted.items():
            if kind == "places":
                self.places = (await self._ask("GET", f"{API}/places/{key}")).json()
                continue
            content = (await self._ask("GET", f"{API}/checklists/{key}?format=2")).content
            self.definitions = {held: one for held, one in self.definitions.items() if one.id != form}
            self.definitions[key] = Definition.model_validate_json(content)

    def finish(
        self, version: str, answers: Mapping[str, Any], made_at: datetime, photos: Mapping[str, bytes] | None = None
    ) -> Item:
        """Make a report of `answers` (path → value): signed, sealed, waiting in the outbox.

        `photos` are plain bytes by their hex SHA-256, as the answers name them; those no answer names are forgotten.
        """
        named, attachments = [], []
        for path, value in answers.items():
            if isinstance(value, str) and photos and value in photos:
                content, facts = encrypt_attachment(photos[value])
                named.append({"path": path, "type": PNG, **facts})
                attachments.append(Attachment(facts["sha256"], content))
        revision = str(uuid7())
        canonical = make_revision(
            id=revision,
            submission=str(uuid7()),
            checklist_version=version,
            patch=answers,
            attachments=named,
            **self._made(made_at),
        )
        return self._queue(revision, canonical, attachments)

    def reply(self, query: str, text: str, made_at: datetime) -> Item:
        """Answer one of `queries` in words: signed, sealed, waiting in the outbox."""
        reply = str(uuid7())
        canonical = make_reply(id=reply, query=self.queries.pop(query), text=text, **self._made(made_at))
        return self._queue(reply, canonical)

    def _made(self, made_at: datetime) -> dict[str, Any]:
        """Return who makes the next of the chain, with what, and when."""
        return {
            "team": self.enrolment["team"]["code"],
            "author": self.enrolment["person"]["id"],
            "device": self.id,
            "device_seq": self.device_seq + 1,
            "made_at": made_at,
            "tz": self.mission["zone"],
            "prev_hash": self._prev_hash,
        }

    def _queue(self, key: str, canonical: bytes, attachments: Sequence[Attachment] = ()) -> Item:
        self.device_seq += 1
        self._prev_hash = content_hash(canonical)
        sealed = seal(sign(canonical, key=self.key, kid=self.id), transport=self.enrolment["keys"]["transport"])
        item = Item(key, self._prev_hash, self.device_seq, sealed, tuple(attachments))
        self.outbox.waiting.append(item)
        return item

    async def push(self, batch: int = 50) -> None:
        """Send everything that waits, `batch` items a request, and the attachments the server asks for.

        An item is held after its receipt until it is safe; a server that was put back to an older state gets again what
        it lost. Returns when the outbox is empty. Raises BadReceiptError when the answer does not prove what it says.
        """
        while self.outbox.waiting:
            sent = self.outbox.waiting[:batch]
            answer = await self._send(sent)
            receipts = receipt_claims(answer["receipts"], self._receipt_key(), self.mission["id"])
            for item in self.outbox.settle(sent, answer["results"], receipts):
                for attachment in item.attachments:
                    await self.upload(attachment)

    async def _send(self, items: Sequence[Item]) -> dict[str, Any]:
        outbox = {"waiting": len(self.outbox.waiting), "device_seq": self.device_seq}
        body = gzip.compress(orjson.dumps({"outbox": outbox, "items": [item.sealed for item in items]}), mtime=0)
        headers = {**self._bearer(), **JSON, "Content-Encoding": "gzip"}
        answer = await self.http.post(f"{API}/sync/push", content=body, headers=headers)
        return _well(answer).json()  # type: ignore[no-any-return]  # checked by the receipts

    async def upload(self, attachment: Attachment) -> None:
        """Upload an attachment from where the server's copy ends; raises BadReceiptError without a receipt for it."""
        digest = b64encode(attachment.sha256.encode()).decode()
        headers = {**self._bearer(), "Tus-Resumable": "1.0.0"}
        begun = {"Upload-Length": str(len(attachment.content)), "Upload-Metadata": f"sha256 {digest}"}
        answer = _well(await self.http.post(f"{API}/attachments", headers={**headers, **begun}))
        where = answer.headers["Location"]
        while (offset := int(answer.headers["Upload-Offset"])) < len(attachment.content):
            chunk = attachment.content[offset : offset + CHUNK]
            checksum = b64encode(hashlib.sha256(chunk).digest()).decode()
            sending = {
                "Upload-Offset": str(offset),
                "Upload-Checksum": f"sha256 {checksum}",
                "Content-Type": "application/offset+octet-stream",
            }
            answer = _well(await self.http.patch(where, content=chunk, headers={**headers, **sending}))
        receipt = receipt_claims(answer.headers.get("Steppe-Receipt", ""), self._receipt_key(), self.mission["id"])
        if (receipt["sha256"], receipt["size"]) != (attachment.sha256, len(attachment.content)):
            msg = f"the receipt is not for attachment {attachment.sha256}"
            raise BadReceiptError(msg)
        if receipt.get("epoch", 1) == self.outbox.epoch and receipt.get("seq") is not None:
            self.outbox.files[attachment.sha256] = receipt["seq"]

    def _receipt_key(self) -> ECKey:
        return ECKey.import_key(self.enrolment["keys"]["receipt"])

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.enrolment['push_token']}"}


def _well(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        msg = f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:400]}"
        raise httpx.HTTPStatusError(msg, request=answer.request, response=answer)
    return answer

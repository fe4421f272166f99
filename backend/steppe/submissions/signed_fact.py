"""Reading a signed fact: what a phone says beside its reports, in the same chain of numbers (docs/protocol.md §3).

A fact is canonical JSON, signed and sealed as a revision is; a member `kind` tells it from one. As strict as
`revision.py`, and as quiet: nothing a phone sends raises out of here.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.asymmetric import ec

from steppe.kit.strict_json import holds_null
from steppe.submissions import revision as shapes
from steppe.submissions.opening import Signed, is_signed_by
from steppe.submissions.revision import (
    NotARevisionError,
    NotCanonicalError,
    PhoneClock,
    Reason,
    RevisionIn,
    parse_revision,
)
from steppe.submissions.sealing import content_hash

LONGEST_TEXT: Final = 10_000
"""Letters of a reply, a question or a note: three pages."""
SOURCE_IN_DANGER: Final = "source_in_danger"
WITHDRAWAL_REASONS: Final = ("twice", "wrong_place", "test", "mistake", SOURCE_IN_DANGER, "other")
"""Why a team takes a report back: made twice, of another place or person, a trial, not meant to be sent; `other` has
words."""
STANCES: Final = ("confirms", "dissents")
"""What the second observer of a pair says of an answer."""

_LONGEST_STATEMENT: Final = 64 * 1024
_MOST_HEADS: Final = 64
_MOST_ANSWERS: Final = 5_000
_COMMON: Final = frozenset(
    {"id", "kind", "team", "author", "device", "device_seq", "made_at", "tz", "prev_hash"},
)
_KIND: Final = re.compile(r"[a-z_]{1,40}")
_STATEMENT: Final = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{86}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReplyIn:
    """A team's reply to a query: in words, by a revision of the report it is about, or by both.

    `query` is the round as the mission signed it (compact JWS), so that a server which has forgotten it takes both;
    `query_id` and `round` are what it says, whoever signed it.
    """

    query: str
    text: str
    revision: UUID | None
    query_id: UUID
    round: int


@dataclass(frozen=True, slots=True)
class QuestionIn:
    """What a team asks headquarters, about one of its reports or an answer of it, or about nothing it has reported."""

    text: str
    submission: UUID | None
    path: str


@dataclass(frozen=True, slots=True)
class WithdrawalIn:
    """A team takes a report back, as it stood at these heads (revision ids)."""

    submission: UUID
    heads: tuple[str, ...]
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ConfirmationIn:
    """What the second observer says of answers of a report at these heads: path → stance, and a note on dissent."""

    submission: UUID
    heads: tuple[str, ...]
    answers: dict[str, str]
    text: str


Content: TypeAlias = ReplyIn | QuestionIn | WithdrawalIn | ConfirmationIn
FactKind: TypeAlias = Literal["reply", "question", "withdrawal", "confirmation"]


@dataclass(frozen=True, slots=True)
class SignedFactIn:
    """A fact as its device signed it, checked in shape. `content` is None for a kind this version does not know."""

    id: UUID
    hash: str
    kind: str
    team: str
    author: UUID
    device: UUID
    device_seq: int
    made_at: datetime
    tz: str
    prev_hash: str
    said: dict[str, Any]
    """The members of its kind, as they were signed."""
    content: Content | None
    clock: PhoneClock | None = None


def subject_of(fact: SignedFactIn) -> UUID | None:
    """Return what a fact is about: the query of a reply, the report of anything else; None for a free question."""
    content = fact.content
    if isinstance(content, ReplyIn):
        return content.query_id
    return content.submission if content is not None else None


Made: TypeAlias = RevisionIn | SignedFactIn
"""What a phone numbers and signs."""


def read_made(signed: Signed, device_id: UUID, key: ec.EllipticCurvePublicKey) -> Made | Reason:
    """Return the revision or fact, or why it is quarantined. `device_id` and `key` are those the signature names."""
    return parse_made(signed.canonical, device_id) if is_signed_by(signed, key) else "bad_signature"


def parse_made(canonical: bytes, device_id: UUID) -> Made | Reason:
    """Return the revision or fact in canonical bytes known to be signed by `device_id`, or the reason it is none."""
    # Only few revisions hold these letters at all: the others are not parsed twice.
    is_fact = b'"kind":' in canonical and _names_kind(canonical)
    return parse_fact(canonical, device_id) if is_fact else parse_revision(canonical, device_id)


def _names_kind(canonical: bytes) -> bool:
    try:
        value = orjson.loads(canonical)
    except orjson.JSONDecodeError:
        return False
    return isinstance(value, dict) and "kind" in value


def parse_fact(canonical: bytes, device_id: UUID) -> SignedFactIn | Reason:
    """Return the fact in canonical bytes known to be signed by `device_id`, or the reason it is none."""
    if holds_null(canonical):
        return "bad_fact"
    try:
        found = _checked(shapes.canonical_value(canonical), content_hash(canonical))
    except NotCanonicalError:
        return "not_canonical"
    except (NotARevisionError, ValueError, OverflowError):
        return "bad_fact"
    return found if found.device == device_id else "bad_fact"


def _checked(value: Mapping[str, Any], hashed: str) -> SignedFactIn:
    if not value.keys() >= _COMMON:
        raise NotARevisionError
    kind = shapes.matching(_KIND, value["kind"])
    said = {name: member for name, member in value.items() if name not in _COMMON and name != shapes.CLOCK}
    read = _contents.get(kind)
    return SignedFactIn(
        id=shapes.uuid(value["id"]),
        hash=hashed,
        kind=kind,
        team=shapes.matching(shapes.NAME, value["team"]),
        author=shapes.uuid(value["author"]),
        device=shapes.uuid(value["device"]),
        device_seq=shapes.device_seq(value["device_seq"]),
        made_at=shapes.moment(value["made_at"]),
        tz=shapes.matching(shapes.NAME, value["tz"]),
        prev_hash=shapes.matching(shapes.HASH, value["prev_hash"]),
        said=said,
        content=read(said) if read else None,
        clock=shapes.clock(value[shapes.CLOCK]) if shapes.CLOCK in value else None,
    )


def _members(said: Mapping[str, Any], needed: set[str], possible: set[str]) -> None:
    if not needed <= said.keys() <= needed | possible:
        raise NotARevisionError


def _text(value: Any) -> str:
    if value.__class__ is not str or not value.strip() or len(value) > LONGEST_TEXT:
        raise NotARevisionError
    return str(value)


def _word(allowed: tuple[str, ...], value: Any) -> str:
    if value.__class__ is not str or value not in allowed:
        raise NotARevisionError
    return str(value)


def _heads(value: Any) -> tuple[str, ...]:
    heads = tuple(str(shapes.uuid(one)) for one in shapes.list_of(value, _MOST_HEADS))
    if not heads or len(set(heads)) != len(heads):
        raise NotARevisionError
    return heads


def _reply(said: Mapping[str, Any]) -> ReplyIn:
    _members(said, {"query"}, {"text", "revision"})
    query = shapes.matching(_STATEMENT, said["query"])
    if len(said) == 1 or len(query) > _LONGEST_STATEMENT:
        raise NotARevisionError
    claims = statement_claims(query)
    return ReplyIn(
        query=query,
        query_id=shapes.uuid(claims.get("query")),
        round=shapes.device_seq(claims.get("round")),
        text=_text(said["text"]) if "text" in said else "",
        revision=shapes.uuid(said["revision"]) if "revision" in said else None,
    )


def statement_claims(token: str) -> dict[str, Any]:
    """Return the payload of a compact JWS that nobody has verified. Raises ValueError when it is no JSON object."""
    payload = token.split(".")[1]
    claims = orjson.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if not isinstance(claims, dict):
        raise NotARevisionError
    return claims


def _question(said: Mapping[str, Any]) -> QuestionIn:
    _members(said, {"text"}, {"about"})
    about = said.get("about", {})
    if not isinstance(about, dict):
        raise NotARevisionError
    if about:
        _members(about, {"submission"}, {"path"})
    return QuestionIn(
        text=_text(said["text"]),
        submission=shapes.uuid(about["submission"]) if about else None,
        path=shapes.matching(shapes.PATH, about["path"]) if "path" in about else "",
    )


def _withdrawal(said: Mapping[str, Any]) -> WithdrawalIn:
    _members(said, {"submission", "heads", "reason"}, {"text"})
    return WithdrawalIn(
        submission=shapes.uuid(said["submission"]),
        heads=_heads(said["heads"]),
        reason=_word(WITHDRAWAL_REASONS, said["reason"]),
        text=_text(said["text"]) if "text" in said else "",
    )


def _confirmation(said: Mapping[str, Any]) -> ConfirmationIn:
    _members(said, {"submission", "heads", "answers"}, {"text"})
    answers = said["answers"]
    if not isinstance(answers, dict) or not 0 < len(answers) <= _MOST_ANSWERS:
        raise NotARevisionError
    return ConfirmationIn(
        submission=shapes.uuid(said["submission"]),
        heads=_heads(said["heads"]),
        answers={shapes.matching(shapes.PATH, path): _word(STANCES, stance) for path, stance in answers.items()},
        text=_text(said["text"]) if "text" in said else "",
    )


_contents: Final[dict[str, Callable[[Mapping[str, Any]], Content]]] = {
    "reply": _reply,
    "question": _question,
    "withdrawal": _withdrawal,
    "confirmation": _confirmation,
}

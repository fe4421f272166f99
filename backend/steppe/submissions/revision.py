"""Reading a revision: from signed bytes to a checked fact, or to why a person must look (docs/protocol.md §4).

Nothing a phone sends raises out of here. That bytes are canonical is proved by writing the parsed value back to the
same bytes, which also rules out duplicate keys, NaN, lone surrogates and blanks. orjson does it in 10 µs where
rfc8785 takes 130; where the two could differ (some floats, keys outside ASCII), rfc8785 decides
(docs/decisions/0007).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

import orjson
import rfc8785

from steppe.checklists.expressions.limits import ATTACHMENTS, PATCH_PATHS
from steppe.kit.ids import SHA256_HEX
from steppe.kit.strict_json import MAX_DEPTH, holds_null
from steppe.submissions.sealing import content_hash

Reason = Literal[
    "unreadable",
    "unknown_device",
    "revoked_device",
    "bad_signature",
    "not_canonical",
    "bad_revision",
    "unknown_checklist",
    "bad_answers",
    "same_id_other_content",
    "needs_merge",
    "wrong_team",
    "sequence_reused",
    "cannot_project",
    "bad_fact",
    "unknown_fact",
    "unknown_query",
]

MAX_ATTACHMENT_BYTES: Final = 20 * 1024 * 1024
_SAFE_INTEGER: Final = 2**53 - 1
_PLAIN: Final = 1e-4
_MAX_SEQUENCE: Final = 2**31 - 1
_MAX_BASE: Final = 64
_MEMBERS: Final = frozenset(
    {
        "id",
        "submission",
        "base",
        "checklist_version",
        "patch",
        "state",
        "attachments",
        "team",
        "author",
        "device",
        "device_seq",
        "made_at",
        "tz",
        "prev_hash",
    }
)
CLOCK: Final = "clock"
"""A member that a revision may have besides: phones send it to servers that say they read it."""
_REASON: Final = "reason"
"""Why it was made, of one that was made from others; sent to servers that say they read it, as the clock is."""
REASONS: Final = ("correction", "update", "reply")
_CLOCK_MEMBERS: Final = frozenset({"ahead", "within"})
_ATTACHMENT_MEMBERS: Final = frozenset({"path", "sha256", "size", "type", "key", "plain_sha256"})
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# A phone's clock may say any year; the first and the last have days that no calendar of some zone holds.
_MOMENT: Final = re.compile(r"(?!000[01]|9999)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
HASH: Final = re.compile(r"[\w-]{43}|", re.ASCII)
_KEY: Final = re.compile(r"[\w-]{43}", re.ASCII)
# A question, or rows within rows and then a question: outer/<row>/inner/<row>/question.
PATH: Final = re.compile(r"[^/\x00]{1,200}(?:/[\w-]{1,64}/[^/\x00]{1,200}){0,8}")
NAME: Final = re.compile(r"[\w+./-]{1,100}", re.ASCII)


class NotARevisionError(ValueError):
    """The signed bytes are JSON but not a revision."""


class NotCanonicalError(ValueError):
    """The signed bytes are not canonical JSON."""


@dataclass(frozen=True, slots=True)
class AttachmentIn:
    """An attachment a revision names (docs/protocol.md §3)."""

    path: str
    sha256: str
    size: int
    type: str
    key: str
    plain_sha256: str


TOLERATED: Final = timedelta(minutes=2)
"""A clock that is off by less is right: watches differ by as much, and the phone corrects nothing either."""


@dataclass(frozen=True, slots=True)
class PhoneClock:
    """How a phone's clock stood to headquarters' at its last contact, in milliseconds.

    `ahead_ms`: by how much it ran ahead, negative when behind; true to `within_ms` on either side.
    """

    ahead_ms: int
    within_ms: int

    @property
    def is_wrong(self) -> bool:
        """Whether it was certainly off by more than is tolerated."""
        return (abs(self.ahead_ms) - self.within_ms) > TOLERATED / timedelta(milliseconds=1)

    def corrected(self, moment: datetime) -> datetime:
        """Return a moment of this clock by headquarters'. Raises OverflowError for what no calendar has."""
        return moment - timedelta(milliseconds=self.ahead_ms) if self.is_wrong else moment


@dataclass(frozen=True, slots=True)
class RevisionIn:
    """A revision as its device signed it, checked in shape; whether its answers fit the checklist is asked later."""

    id: UUID
    hash: str
    submission: UUID
    base: tuple[str, ...]
    checklist_version: UUID
    patch: dict[str, Any]
    state: str
    attachments: tuple[AttachmentIn, ...]
    team: str
    author: UUID
    device: UUID
    device_seq: int
    made_at: datetime
    tz: str
    prev_hash: str
    clock: PhoneClock | None = None
    reason: str = ""

    @property
    def finished_at(self) -> datetime:
        """`made_at` by headquarters' clock, as far as the phone knew it: what `now()` and `today()` mean."""
        try:
            return self.clock.corrected(self.made_at) if self.clock else self.made_at
        except OverflowError:
            # No calendar has the day: the phone said something that cannot be.
            return self.made_at


def parse_revision(canonical: bytes, device_id: UUID) -> RevisionIn | Reason:
    """Return the revision in canonical bytes known to be signed by `device_id`, or the reason it is none."""
    if holds_null(canonical):
        return "bad_revision"
    try:
        found = _checked(canonical_value(canonical), content_hash(canonical))
    except NotCanonicalError:
        return "not_canonical"
    except (NotARevisionError, ValueError, OverflowError):
        return "bad_revision"
    return found if found.device == device_id else "bad_revision"


def canonical_value(canonical: bytes) -> dict[str, Any]:
    """Return the object in canonical bytes. Raises NotCanonicalError, or NotARevisionError when it is no object."""
    try:
        value = orjson.loads(canonical)
        is_same = orjson.dumps(value, option=orjson.OPT_SORT_KEYS) == canonical
        if not is_same or not _is_written_alike(value):
            value = _doubles(value)
            is_same = rfc8785.dumps(value) == canonical
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, rfc8785.CanonicalizationError) as error:
        raise NotCanonicalError from error
    if not is_same:
        raise NotCanonicalError
    if not isinstance(value, dict):
        raise NotARevisionError
    return value


def _doubles(value: Any, depth: int = 0) -> Any:
    """Return a value with whole numbers beyond 2^53 as the doubles they are to RFC 8785. Raises NotCanonicalError."""
    if depth > MAX_DEPTH:
        raise NotCanonicalError
    if isinstance(value, dict):
        return {key: _doubles(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_doubles(one, depth + 1) for one in value]
    return float(value) if isinstance(value, int) and not -_SAFE_INTEGER <= value <= _SAFE_INTEGER else value


def _is_written_alike(value: Any) -> bool:
    """Say whether orjson and RFC 8785 certainly write this value alike: no floats they differ on, no odd keys."""
    stack = [value]
    while stack:
        one = stack.pop()
        kind = one.__class__
        if kind is str or one is None or kind is bool:
            continue
        if kind is dict:
            if not all(map(str.isascii, one)):
                return False
            stack += one.values()
        elif kind is list:
            stack += one
        elif kind is int:
            if not -_SAFE_INTEGER <= one <= _SAFE_INTEGER:
                return False
        elif not (_PLAIN < abs(one) < 1 / _PLAIN and one % 1) and rfc8785.dumps(one) != orjson.dumps(one):
            # Fractions of ordinary size are written alike by everybody: the fewest digits, no exponent.
            return False
    return True


def _checked(value: Mapping[str, Any], hashed: str) -> RevisionIn:
    if value.keys() - {CLOCK, _REASON} != _MEMBERS or value["state"] != "finished":
        raise NotARevisionError
    return RevisionIn(
        id=uuid(value["id"]),
        hash=hashed,
        submission=uuid(value["submission"]),
        base=_base(value["base"]),
        checklist_version=uuid(value["checklist_version"]),
        patch=_patch(value["patch"]),
        state="finished",
        attachments=_attachments(value["attachments"]),
        team=matching(NAME, value["team"]),
        author=uuid(value["author"]),
        device=uuid(value["device"]),
        device_seq=device_seq(value["device_seq"]),
        made_at=moment(value["made_at"]),
        tz=matching(NAME, value["tz"]),
        prev_hash=matching(HASH, value["prev_hash"]),
        clock=clock(value[CLOCK]) if CLOCK in value else None,
        reason=_reason(value[_REASON]) if _REASON in value else "",
    )


def clock(value: Any) -> PhoneClock:
    """Return how a phone's clock stood, as it signed. Raises NotARevisionError for anything else."""
    if not isinstance(value, dict) or value.keys() != _CLOCK_MEMBERS:
        raise NotARevisionError
    return PhoneClock(
        ahead_ms=_whole(value["ahead"], -_SAFE_INTEGER, _SAFE_INTEGER),
        within_ms=_whole(value["within"], 0, _SAFE_INTEGER),
    )


def _reason(value: Any) -> str:
    if value not in REASONS:
        raise NotARevisionError
    return str(value)


def device_seq(value: Any) -> int:
    """Return a number that a device gives to what it signs. Raises NotARevisionError for anything else."""
    return _whole(value, 1, _MAX_SEQUENCE)


def moment(value: Any) -> datetime:
    """Return a moment as the wire writes it. Raises NotARevisionError, or ValueError for a day no month has."""
    return datetime.fromisoformat(matching(_MOMENT, value))


def matching(pattern: re.Pattern[str], value: Any) -> str:
    """Return a text of this pattern. Raises NotARevisionError for anything else."""
    if value.__class__ is not str or pattern.fullmatch(value) is None:
        raise NotARevisionError
    return value


def uuid(value: Any) -> UUID:
    """Return an id in its one spelling. Raises NotARevisionError for anything else."""
    return UUID(matching(_UUID, value))


def _whole(value: Any, least: int, most: int) -> int:
    if value.__class__ is not int or not least <= value <= most:
        raise NotARevisionError
    return value


def list_of(value: Any, most: int) -> list[Any]:
    """Return a list of at most so many. Raises NotARevisionError for anything else."""
    if not isinstance(value, list) or len(value) > most:
        raise NotARevisionError
    return value


def _base(value: Any) -> tuple[str, ...]:
    return tuple(matching(_UUID, one) for one in list_of(value, _MAX_BASE))


def _patch(value: Any) -> dict[str, Any]:
    """Return the patch as it is: its paths and values are compared with the checklist, which is stricter."""
    if not isinstance(value, dict) or len(value) > PATCH_PATHS:
        raise NotARevisionError
    return value


def _attachments(value: Any) -> tuple[AttachmentIn, ...]:
    found = tuple(_attachment(one) for one in list_of(value, ATTACHMENTS))
    if len({one.path for one in found}) != len(found):
        raise NotARevisionError
    return found


def _attachment(value: Any) -> AttachmentIn:
    if not isinstance(value, dict) or value.keys() != _ATTACHMENT_MEMBERS:
        raise NotARevisionError
    return AttachmentIn(
        path=matching(PATH, value["path"]),
        sha256=matching(SHA256_HEX, value["sha256"]),
        size=_whole(value["size"], 1, MAX_ATTACHMENT_BYTES),
        type=matching(NAME, value["type"]),
        key=matching(_KEY, value["key"]),
        plain_sha256=matching(SHA256_HEX, value["plain_sha256"]),
    )

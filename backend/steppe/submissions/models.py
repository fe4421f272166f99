"""Tables of submissions: the facts (revisions) and what is derived from them (the current submission)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from steppe.kit.columns import UtcDateTime, json_column, words
from steppe.missions.teams import ODIHR
from steppe.submissions.current import LEVELS
from steppe.submissions.revision import PhoneClock

STATUSES = (
    "received",
    "in_review",
    "accepted",
    "on_hold",
    "returned",
    "resubmitted",
    "withdrawn",
    "conflict",
)
"""What a report stands at: the state of its review (`decisions.review_state`), or what lies over it."""


class Submission(SQLModel, table=True):
    """One filled checklist as it stands now. Everything here is derived from its revisions and can be rebuilt."""

    __tablename__ = "submission"
    __table_args__ = (
        words("status", *STATUSES),
        words("level", *LEVELS),
        Index("ix_submission_mission_region_n", "mission_id", "region_code", "n"),
        Index("ix_submission_mission_n", "mission_id", "n"),
        Index("ix_submission_mission_team", "mission_id", "team_id"),
    )

    id: UUID = Field(primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    code: str = Field(description="short code people say aloud: LTO05-A017")
    checklist_version_id: UUID = Field(foreign_key="checklist_version.id")
    team_id: UUID = Field(foreign_key="team.id")
    origin: str = Field(
        default=ODIHR,
        sa_column_kwargs={"server_default": ODIHR},
        description="whose observers the team was when the report came",
    )
    region_code: str = Field(default="", description="empty: not placed in a region")
    district_code: str = ""
    place: str = Field(default="", description="station number or locality")
    status: str = "received"
    level: str = Field(default="internal", description="confidentiality: who may read it")
    observed_on: date
    received_at: datetime = Field(sa_type=UtcDateTime)
    head_revision_id: UUID = Field(description="of the heads the one made last")
    heads: list[str] = Field(
        default_factory=list,
        sa_type=json_column(),
        sa_column_kwargs={"server_default": "[]"},
        description="revisions that no other was made from, by id",
    )
    conflicts: dict[str, list[list[Any]]] = Field(
        default_factory=dict,
        sa_type=json_column(),
        sa_column_kwargs={"server_default": "{}"},
        description="path of an answer or row → [revision, value] of each that stands there beside others",
    )
    answers: dict[str, Any] = Field(sa_type=json_column(), description="those that count: without those in conflict")
    flags: list[dict[str, Any]] = Field(sa_type=json_column())
    severity: int = Field(default=0, description="worst flag: 0 none, 1 procedural, 2 serious, 3 critical")
    themes: str = Field(default="", description="answers to its theme questions, each between spaces: ' camp wom '")
    n: int = Field(sa_type=BigInteger, description="the mission's number of its last change")


class Revision(SQLModel, table=True):
    """One immutable change of a submission. Its signed bytes are in the inbox under `seq`.

    `submission_id` is no foreign key: the submission is derived from its revisions and may be made anew from them.
    """

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("device_id", "device_seq"), words("state", "finished"))

    id: UUID = Field(primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id", index=True)
    submission_id: UUID = Field(index=True)
    hash: str = Field(description="content hash: base64url SHA-256 of the canonical bytes")
    base: list[str] = Field(sa_type=json_column(), description="the revisions it was made from")
    waits_for: list[str] = Field(
        default_factory=list,
        sa_type=json_column(),
        sa_column_kwargs={"server_default": "[]"},
        description="those of its base that are not here or wait themselves; until they come it is in nothing",
    )
    reason: str = Field(
        default="", sa_column_kwargs={"server_default": ""}, description="correction, update, reply; empty: not said"
    )
    device_id: UUID = Field(foreign_key="device.id")
    author_id: UUID = Field(foreign_key="person.id")
    device_seq: int
    prev_hash: str
    state: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    zone: str
    clock_ahead_ms: int | None = Field(
        default=None,
        sa_type=BigInteger,
        description="by how much the phone's clock ran ahead at its last contact, as it signed; null: it did not say",
    )
    clock_within_ms: int | None = Field(
        default=None, sa_type=BigInteger, description="how sure that is, to either side"
    )
    seq: int = Field(sa_type=BigInteger)
    pusher_id: UUID | None = Field(
        default=None, description="the device whose token brought it first; it may also bring the bytes"
    )

    @property
    def clock(self) -> PhoneClock | None:
        """How the phone's clock stood, as it signed."""
        if self.clock_ahead_ms is None or self.clock_within_ms is None:
            return None
        return PhoneClock(self.clock_ahead_ms, self.clock_within_ms)


class SignedFact(SQLModel, table=True):
    """What a phone said beside its reports (`submissions.signed_fact`), in the same chain of numbers as its revisions.

    Its signed bytes are in the inbox under `seq`; what it says stands here, so that no list has to open them.
    """

    __tablename__ = "signed_fact"
    __table_args__ = (
        UniqueConstraint("device_id", "device_seq"),
        Index("ix_signed_fact_mission_kind", "mission_id", "kind", "seq"),
    )

    id: UUID = Field(primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    kind: str = Field(description="reply, question, withdrawal; which others a version takes, `sync.facts` says")
    hash: str = Field(description="content hash: base64url SHA-256 of the canonical bytes")
    device_id: UUID = Field(foreign_key="device.id")
    author_id: UUID = Field(foreign_key="person.id")
    team_id: UUID = Field(foreign_key="team.id", description="the author's team when it came")
    device_seq: int
    prev_hash: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    zone: str
    subject_id: UUID | None = Field(
        default=None, index=True, description="the query a reply is to, the report a question or a withdrawal is about"
    )
    round: int | None = Field(default=None, description="of the query that a reply is to")
    said: dict[str, Any] = Field(sa_type=json_column(), description="the members of its kind, as they were signed")
    seq: int = Field(sa_type=BigInteger)
    received_at: datetime = Field(sa_type=UtcDateTime)


class RevisionBringer(SQLModel, table=True):
    """Another phone that brought a revision the mission had already; like the first, it may bring the files."""

    __tablename__ = "revision_bringer"

    revision_id: UUID = Field(primary_key=True, foreign_key="revision.id")
    device_id: UUID = Field(primary_key=True, foreign_key="device.id")
    mission_id: UUID = Field(foreign_key="mission.id")


class RevisionAttachment(SQLModel, table=True):
    """An attachment a revision names: where it belongs, how large it is, and the key that opens it."""

    __tablename__ = "revision_attachment"

    revision_id: UUID = Field(primary_key=True, foreign_key="revision.id")
    path: str = Field(primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    submission_id: UUID = Field(index=True)
    sha256: str = Field(index=True, description="hex, of the encrypted bytes")
    size: int = Field(description="bytes, encrypted")
    type: str
    key: str
    plain_sha256: str


class AsideAttachment(SQLModel, table=True):
    """An attachment that a report kept aside names, and a phone that may bring it: the maker's, or who delivered it."""

    __tablename__ = "aside_attachment"

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    sha256: str = Field(primary_key=True, description="hex, of the encrypted bytes")
    device_id: UUID = Field(primary_key=True, foreign_key="device.id")
    seq: int = Field(
        primary_key=True,
        sa_type=BigInteger,
        sa_column_kwargs={"autoincrement": False},
        description="the inbox's number of the report",
    )
    size: int = Field(description="bytes, encrypted")


class Tally(SQLModel, table=True):
    """Counts of the answers of one checklist version, region, day, status, level and origin; they change with them.

    `counts`: `{"vot_box_sealed": {"yes": 12, "no": 3}, "vot_added": {"n": 15, "sum": 940}}`, and under `"flags"` the
    flags by basis and question: `{"seen": {"vot_box_sealed": {"3": 3}}}`. Zeros are left out; see `summaries/tally`.
    """

    __tablename__ = "tally"
    __table_args__ = (words("status", *STATUSES), words("level", *LEVELS))

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    region_code: str = Field(primary_key=True)
    checklist_version_id: UUID = Field(primary_key=True, foreign_key="checklist_version.id")
    day: date = Field(primary_key=True)
    status: str = Field(primary_key=True)
    level: str = Field(primary_key=True, description="confidentiality of the reports counted here")
    origin: str = Field(default=ODIHR, primary_key=True, sa_column_kwargs={"server_default": ODIHR})
    n: int
    counts: dict[str, Any] = Field(sa_type=json_column())


class CountSnapshot(SQLModel, table=True):
    """Counts of a region's internal and restricted reports of one checklist version and origin.

    They are for those who read no reports.

    It moves only when enough different reports were added, changed or removed since it last did, so that no two looks
    tell what one report says. It therefore depends on the order in which reports came: tallies can be derived anew
    from the inbox, a snapshot cannot, and a rebuild changes it only as any other change of the reports would.
    """

    __tablename__ = "count_snapshot"

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    region_code: str = Field(primary_key=True)
    checklist_version_id: UUID = Field(primary_key=True, foreign_key="checklist_version.id")
    origin: str = Field(default=ODIHR, primary_key=True, sa_column_kwargs={"server_default": ODIHR})
    n: int = Field(default=0, description="reports counted")
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=json_column())
    weeks: dict[str, int] = Field(
        default_factory=dict, sa_type=json_column(), description="reports by week (its Monday), as far as shown"
    )
    received_on: date | None = Field(default=None, description="last receipt among the reports counted")
    pending: dict[str, str] = Field(
        default_factory=dict,
        sa_type=json_column(),
        description="reports that differ from the snapshot, each with the digest of what it holds of them",
    )
    pending_on: date | None = Field(default=None, description="last receipt, those that differ included")
    moved_n: int = Field(default=0, sa_type=BigInteger, description="the mission's number when it last moved")

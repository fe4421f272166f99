"""Tables of submissions: the facts (revisions) and what is derived from them (the current submission)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from steppe.kit.columns import UtcDateTime, json_column, words

STATUSES = ("received", "accepted", "returned", "held")
LEVELS = ("internal", "restricted", "confidential", "sealed")


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
    region_code: str = Field(default="", description="empty: not placed in a region")
    district_code: str = ""
    place: str = Field(default="", description="station number or locality")
    status: str = "received"
    level: str = Field(default="internal", description="confidentiality: who may read it")
    observed_on: date
    received_at: datetime = Field(sa_type=UtcDateTime)
    head_revision_id: UUID
    answers: dict[str, Any] = Field(sa_type=json_column())
    flags: list[dict[str, Any]] = Field(sa_type=json_column())
    severity: int = Field(default=0, description="worst flag: 0 none, 1 procedural, 2 serious, 3 critical")
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
    base: list[str] = Field(sa_type=json_column())
    device_id: UUID = Field(foreign_key="device.id")
    author_id: UUID = Field(foreign_key="person.id")
    device_seq: int
    prev_hash: str
    state: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    zone: str
    seq: int = Field(sa_type=BigInteger)


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

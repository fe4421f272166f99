"""Tables of people: who they are, what they carry, how they get in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from steppe.kit.clock import now
from steppe.kit.columns import UtcDateTime, json_column, words
from steppe.kit.ids import uuid7
from steppe.missions.teams import ODIHR, ROLES

RevokedReason = Literal["lost", "seized", "left", "replaced"]
REVOKED_REASONS: Final[tuple[str, ...]] = get_args(RevokedReason)
"""Why a phone is refused: it is lost, in wrong hands, its observer left, or another took its place."""


class Team(SQLModel, table=True):
    """An observer team: the pair, which is the author of what it sends."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("mission_id", "code"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    code: str
    base_town: str = Field(description="in the mission's default language")
    base_names: dict[str, str] = Field(
        default_factory=dict,
        sa_type=json_column(),
        sa_column_kwargs={"server_default": "{}"},
        description="the same by language; empty until the pack is loaded again",
    )
    origin: str = Field(
        default=ODIHR, sa_column_kwargs={"server_default": ODIHR}, description="whose observers: `odihr`, or of guests"
    )
    from_on: date | None = Field(default=None, description="first and last day on which a guest's phone is enrolled")
    until_on: date | None = None


class TeamRegion(SQLModel, table=True):
    """The team's area of responsibility, region by region."""

    __tablename__ = "team_region"

    team_id: UUID = Field(primary_key=True, foreign_key="team.id")
    region_code: str = Field(primary_key=True)


class Person(SQLModel, table=True):
    """Somebody in the mission, by function. Observers have a team and no password; desk people the reverse."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("mission_id", "username"), words("role", *ROLES))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    username: str
    function: str = Field(description="in the mission's default language")
    functions: dict[str, str] = Field(
        default_factory=dict,
        sa_type=json_column(),
        sa_column_kwargs={"server_default": "{}"},
        description="the same by language; empty until the pack is loaded again",
    )
    role: str
    team_id: UUID | None = Field(default=None, foreign_key="team.id", index=True)
    password_hash: str | None = None
    left_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="when they left the mission; null: they are in it"
    )
    origin: str = Field(
        default=ODIHR,
        sa_column_kwargs={"server_default": ODIHR},
        description="of a guest at the desk: reads reports of this origin only",
    )


class PersonGrant(SQLModel, table=True):
    """What a person was given instead of their role: a role in some regions, for some themes, for some time.

    Whoever has a grant, even one that has run out, has what the grants in force give and nothing else (`policy`).
    """

    __tablename__ = "person_grant"
    __table_args__ = (words("role", *ROLES),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    person_id: UUID = Field(foreign_key="person.id", index=True)
    role: str
    regions: list[str] | None = Field(default=None, sa_type=json_column(), description="codes; null: all of them")
    themes: list[str] | None = Field(default=None, sa_type=json_column(), description="tags; null: all of them")
    since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    made_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Device(SQLModel, table=True):
    """A phone enrolled for one observer. `letter` tells the pair's devices apart in short codes (LTO05-A017)."""

    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("team_id", "letter"),)

    id: UUID = Field(primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id", index=True)
    team_id: UUID = Field(foreign_key="team.id")
    person_id: UUID = Field(foreign_key="person.id")
    letter: str
    name: str
    platform: str
    public_jwk: dict[str, Any] = Field(sa_type=json_column())
    push_token_hash: str = Field(unique=True)
    access_token_hash: str = Field(unique=True)
    enrolled_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_reason: str | None = Field(default=None, description="one of REVOKED_REASONS")
    revoked_by: str | None = Field(default=None, description="who did it, as in the audit trail")
    revoked_serial: int | None = Field(
        default=None,
        sa_type=BigInteger,
        description="of the last order to wipe itself, in force while it is revoked; never given twice",
    )
    last_contact_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outbox_waiting: int = Field(default=0, description="what the phone said it still held at last contact")
    device_seq_made: int = Field(default=0, description="highest device_seq the phone said it had made")
    clock_ahead_ms: int | None = Field(
        default=None,
        sa_type=BigInteger,
        description="by how much its clock ran ahead, as it said at its last contact; null: it did not say",
    )
    clock_within_ms: int | None = Field(
        default=None, sa_type=BigInteger, description="how sure that is, to either side"
    )
    last_check: dict[str, Any] | None = Field(
        default=None, sa_type=json_column(), description="its last `PhoneCheck`, as it told; null: none yet"
    )
    troubles: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_type=json_column(),
        sa_column_kwargs={"server_default": "[]"},
        description="each a `Trouble`: why its reports do not arrive, as it said at its last contact",
    )
    storage: dict[str, Any] | None = Field(
        default=None, sa_type=json_column(), description="its last `PhoneStorage`, as it told; null: none yet"
    )
    storage_lost: dict[str, Any] | None = Field(
        default=None, sa_type=json_column(), description="its last `StorageLoss`, as it told; null: none"
    )
    offered_again: dict[str, Any] | None = Field(
        default=None, sa_type=json_column(), description="its last `OfferedAgain`, as it told; null: none"
    )
    wiped_serial: int | None = Field(
        default=None, sa_type=BigInteger, description="of the order that it said it has obeyed"
    )
    wiped_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="when it said so")
    receipt_kid: str | None = Field(
        default=None, description="the receipt key it was enrolled with; null: the mission's first"
    )
    transport_kid: str | None = Field(default=None, description="the same of the transport key")
    keys_serial: int | None = Field(
        default=None, description="the list of keys it holds, as it last said; null: an app that knows no lists"
    )
    content_jwk: dict[str, Any] | None = Field(
        default=None,
        sa_type=json_column(),
        description="public key that readable content for this phone is encrypted to; null: an app that gets none",
    )
    content_key_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="when it came")
    unreadable_on: date | None = Field(default=None, description="UTC day for which `unreadable_bytes` counts")
    unreadable_bytes: int = Field(
        default=0,
        sa_column_kwargs={"server_default": "0"},
        description="what it brought that day and nobody had signed; docs/protocol.md §4",
    )


class DeviceTeam(SQLModel, table=True):
    """A team that a phone was of before its observer moved: what it signed under that team stays that team's."""

    __tablename__ = "device_team"

    device_id: UUID = Field(primary_key=True, foreign_key="device.id")
    team_id: UUID = Field(primary_key=True, foreign_key="team.id")
    mission_id: UUID = Field(foreign_key="mission.id")
    letter: str = Field(description="its letter in that team; no other phone of the team gets it")
    left_at: datetime = Field(sa_type=UtcDateTime, description="when it was moved from there, last")


class Enrolment(SQLModel, table=True):
    """A one-time code that turns a phone into a device of a team; only its hash is kept."""

    __tablename__ = "enrolment"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id")
    team_id: UUID = Field(foreign_key="team.id")
    person_id: UUID = Field(foreign_key="person.id")
    code_hash: str = Field(unique=True)
    made_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    device_id: UUID | None = None

    def is_over(self, at: datetime) -> bool:
        """Say whether its days were over at this moment before a phone had used it."""
        return self.used_at is None and self.expires_at < at


class DeskSession(SQLModel, table=True):
    """A signed-in browser at the desk; only the token's hash is kept."""

    __tablename__ = "desk_session"

    token_hash: str = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    made_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)

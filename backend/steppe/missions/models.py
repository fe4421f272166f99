"""Tables of the mission: what it is, where it works, its keys, its counter and its feed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field, SQLModel

from steppe.kit.clock import now
from steppe.kit.columns import UtcDateTime, json_column, words
from steppe.kit.ids import uuid7
from steppe.missions.mission_file import MISSION_TYPES
from steppe.missions.teams import ODIHR

LIMITED_TYPES = frozenset({"NAM", "LEOM", "EAM", "EET", "LROM", "SEAM"})
"""Missions that visit few places and not by sample: nothing they count is a result, a share or a turnout."""

DERIVATION: Final = 4
"""Rules by which reports and tallies are derived from the inbox. Raise it when they change: what was derived by earlier
ones stays as it is until `steppe rebuild`, and `steppe doctor` says so. 2: a level only rises, an unknown one closes, a
report without a known place is not placed. 3: an edit that is kept aside closes its report too."""


class Mission(SQLModel, table=True):
    """One deployment. `name` is texts by language; `policy` holds the mission's choices (what phones keep, claims)."""

    __tablename__ = "mission"
    __table_args__ = (words("type", *MISSION_TYPES),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    code: str = Field(unique=True)
    name: dict[str, str] = Field(sa_type=json_column())
    type: str
    zone: str = Field(description="IANA zone of the headquarters")
    languages: list[str] = Field(sa_type=json_column())
    default_language: str
    opens_on: date
    closes_on: date
    election_on: date
    policy: dict[str, Any] = Field(default_factory=dict, sa_type=json_column())
    due: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_type=json_column(),
        sa_column_kwargs={"server_default": "[]"},
        description="which reports teams owe and by when (`missions.due`)",
    )
    texts: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        sa_type=json_column(),
        sa_column_kwargs={"server_default": "{}"},
        description="what the server says in the mission's own words, by key and language (`missions.texts`)",
    )
    epoch: int = Field(default=1, description="bumped at restore: phones then offer again what they hold")
    epochs: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_type=json_column(),
        sa_column_kwargs={"server_default": "[]"},
        description="of each restore: the epoch it began, when, and how many receipts the tree held then",
    )
    safe_seq: int | None = Field(
        default=None,
        sa_type=BigInteger,
        description="every number up to it lies in a verified copy off this machine; null: no such copy yet",
    )
    safe_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="when that was last found so")
    keys_serial: int = Field(
        default=0,
        sa_column_kwargs={"server_default": "0"},
        description="number of the list of keys as it is now (`missions.key_list`); 0: never changed",
    )
    root_jwk: dict[str, Any] | None = Field(
        default=None, sa_type=json_column(), description="public half of the root: its words can replace stolen keys"
    )
    root_statement: str | None = Field(default=None, description="the last list of keys that the root signed (JWS)")
    root_serial: int | None = Field(default=None, description="of the first list of keys that named this root")
    root_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="since when enrolment links name the root"
    )


class MissionCounter(SQLModel, table=True):
    """The mission's one number sequence. Whoever writes mission data locks this row first; so the feed has no gaps."""

    __tablename__ = "mission_counter"

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    n: int = Field(default=0, sa_type=BigInteger)
    tree_size: int = Field(
        default=0,
        sa_type=BigInteger,
        sa_column_kwargs={"server_default": "0"},
        description="how many receipts are in the mission's tree of them (`kit.merkle`)",
    )
    tree_peaks: str = Field(
        default="",
        sa_column_kwargs={"server_default": ""},
        description="roots of that tree's whole subtrees, the largest first, in hex",
    )
    derivation: int = Field(
        default=DERIVATION,
        sa_column_kwargs={"server_default": "1"},
        description="rules by which every report of the mission was derived or rebuilt",
    )


class MissionKey(SQLModel, table=True):
    """A key pair of the mission; the private half is a JWE under the server's secret."""

    __tablename__ = "mission_key"
    __table_args__ = (words("purpose", "transport", "receipt"),)

    kid: str = Field(primary_key=True)
    mission_id: UUID = Field(foreign_key="mission.id", index=True)
    purpose: str
    public_jwk: dict[str, Any] = Field(sa_type=json_column())
    private_wrapped: str
    made_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    serial: int = Field(
        default=0,
        sa_column_kwargs={"server_default": "0"},
        description="of the first list of keys it stands in; 0: phones got it at enrolment",
    )
    stolen_since: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="declared stolen: nothing is signed with it any more"
    )


class Region(SQLModel, table=True):
    """A first-level unit, valid from one day to another (regions get split), with its place in the tile-grid map."""

    __tablename__ = "region"

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    code: str = Field(primary_key=True, description="ISO 3166-2 code of the mission's time")
    name: dict[str, str] = Field(sa_type=json_column())
    centre: str
    longitude: float
    latitude: float
    zone: str
    tile_column: int
    tile_row: int
    valid_from: date
    valid_to: date | None = None


class District(SQLModel, table=True):
    """A district or a city of regional significance."""

    __tablename__ = "district"

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    code: str = Field(primary_key=True)
    region_code: str = Field(index=True)
    name: dict[str, str] = Field(sa_type=json_column())


class Station(SQLModel, table=True):
    """A polling station. `region_code` is empty for one abroad."""

    __tablename__ = "station"

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    number: str = Field(primary_key=True)
    region_code: str = Field(default="", index=True)
    district_code: str = ""
    name: dict[str, str] = Field(sa_type=json_column())
    locality: str = ""
    longitude: float | None = None
    latitude: float | None = None


class PlaceList(SQLModel, table=True):
    """The mission's regions, districts and stations as one immutable file for phones (gzipped JSON)."""

    __tablename__ = "place_list"

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    version: str = Field(primary_key=True, description="first 16 hex digits of the content's SHA-256")
    stations: int
    content: bytes = Field(sa_type=LargeBinary)
    made_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Change(SQLModel, table=True):
    """One line of the mission's feed, numbered without gaps. Who may see it: its team (empty: everybody) and region.

    Of a report also `level` and `origin`: whoever may read it at this level, and reports of this origin, is told, as it
    was when the line was written.
    """

    __tablename__ = "change"

    mission_id: UUID = Field(primary_key=True, foreign_key="mission.id")
    n: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(
        description="checklist, places, submission, question, query, arrival, mission, team, quarantine, attachment, "
        "restore"
    )
    object_id: str
    team_id: UUID | None = None
    region_code: str = ""
    level: str = ""
    origin: str = Field(default=ODIHR, sa_column_kwargs={"server_default": ODIHR})
    made_at: datetime = Field(sa_type=UtcDateTime)

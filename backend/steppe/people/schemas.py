"""People on the wire."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

CodeState = Literal["open", "used"]
"""What became of an enrolment code: still good for a phone, or one has it."""


class DeviceIn(BaseModel):
    """A phone as it introduces itself."""

    id: UUID
    name: str = Field(max_length=120)
    platform: str = Field(max_length=120)
    public_jwk: dict[str, Any]
    letter: str | None = Field(
        default=None,
        pattern="^[A-Z]{1,3}$",
        description="the one it had, when it is set up again; it gets it back unless another of the team has it now",
    )


ToolState = Literal["works", "failed", "refused", "untried"]
"""What came of trying a phone's camera or position: a tap of its own, so often nothing; `refused` to the browser."""


class PhoneCheck(BaseModel):
    """What *Check this phone* found, as far as headquarters needs it before a deployment; docs/protocol.md §4."""

    model_config = ConfigDict(strict=True)

    day: date = Field(strict=False, description="the day of it (UTC)")
    version: str = Field(pattern="^[0-9A-Za-z.+-]{1,20}$", description="of the app")
    reads_back: bool = Field(description="what was written was read back")
    opens_offline: bool
    is_persisted: bool = Field(description="the browser promised not to clear the app's data")
    room_mb: int | None = Field(
        default=None, ge=0, le=10_000, description="what the app may still store, in whole hundreds; 10,000: so or more"
    )
    camera: ToolState
    position: ToolState


class RedeemIn(BaseModel):
    """A one-time code and the phone that wants to use it; `proof` is a JWS by the phone's new key."""

    code: str = Field(max_length=40)
    device: DeviceIn
    proof: str = Field(max_length=2000)


_ROOT = "the mission's root, a public JWK, where the link names it"
_STATEMENTS = "signed lists that lead from the root to these keys"


class MissionKeysIn(BaseModel):
    """Hex SHA-256 of an enrolment code as it was made: twenty capitals and digits, no hyphens."""

    code_sha256: str = Field(pattern="^[0-9a-f]{64}$")


class MissionKeysOut(BaseModel):
    """The mission's public keys by purpose (`transport`, `receipt`), and whether a phone has used the code already."""

    keys: dict[str, dict[str, Any]]
    root: dict[str, Any] | None = Field(default=None, description=_ROOT)
    statements: list[str] | None = Field(default=None, description=_STATEMENTS)
    state: CodeState


class ContentKeyIn(BaseModel):
    """A phone's public key for what goes down with content, signed with its device key; docs/protocol.md §14."""

    model_config = ConfigDict(strict=True)

    statement: str = Field(max_length=2000, description="JWS ES256 by the device key over {mission, device, key}")


class ContentKeyOut(BaseModel):
    """The key that content for this phone is encrypted to from now on, by its RFC 7638 thumbprint."""

    kid: str


class SignInIn(BaseModel):
    """A desk sign-in. `mission` is the mission's code, needed by those whose name is in several."""

    username: str = Field(max_length=120)
    password: str = Field(max_length=200)
    mission: str | None = Field(default=None, min_length=1, max_length=40)


class SessionOut(BaseModel):
    """Who is signed in at the desk."""

    person: dict[str, Any]
    role: str
    mission: dict[str, Any]


class EnrolledOut(BaseModel):
    """Everything a phone needs from its enrolment; protocol.md §2."""

    device: dict[str, str]
    team: dict[str, Any]
    person: dict[str, Any]
    mission: dict[str, Any]
    keys: dict[str, dict[str, Any]]
    root: dict[str, Any] | None = Field(default=None, description=_ROOT)
    statements: list[str] | None = Field(default=None, description=_STATEMENTS)
    push_token: str
    access_token: str
    matching_code: str
    orders_over: int | None = Field(description="orders to this phone up to this serial are over; null: none was given")
    server_time: str

"""Who is calling: a phone with its push token, a phone with DPoP, or a person at the desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import select as core_select
from sqlalchemy.orm import Mapped
from sqlmodel import SQLModel, col, select

from steppe.kit.clock import now
from steppe.kit.db import ReadSession
from steppe.kit.http import ReadSessionDep, SettingsDep
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.people import dpop
from steppe.people.models import DeskSession, Device, Person
from steppe.people.policy import Action, Role, may
from steppe.people.tokens import token_hash

SESSION_COOKIE = "steppe_session"
SESSION_LIFE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class DeviceCaller:
    """A phone: which device of which team of which mission, in whose hands."""

    device_id: UUID
    mission_id: UUID
    team_id: UUID
    team_code: str
    person_id: UUID


@dataclass(frozen=True, slots=True)
class DeskCaller:
    """A person signed in at the desk."""

    person_id: UUID
    mission_id: UUID
    role: Role
    function: str
    username: str


def _token(request: Request, scheme: str) -> str:
    given, _, token = request.headers.get("authorization", "").partition(" ")
    if given.lower() != scheme.lower() or not token:
        raise SignInNeeded(headers={"WWW-Authenticate": scheme})
    return token


async def _device(session: ReadSession, hashed: str, column: Mapped[str], scheme: str) -> tuple[DeviceCaller, dict[str, Any]]:
    # Columns, not entities: this runs at every push, and building two mapped objects costs as much as the query.
    device, team = SQLModel.metadata.tables["device"].c, SQLModel.metadata.tables["team"].c
    query = (
        core_select(device.id, device.mission_id, team.id, team.code, device.person_id, device.public_jwk)
        .join_from(device.id.table, team.id.table, device.team_id == team.id)
        .where(column == hashed, device.revoked_at.is_(None))
    )
    found = (await session.execute(query)).first()
    if found is None:
        raise SignInNeeded("this device is not enrolled, or no longer", headers={"WWW-Authenticate": scheme})
    device_id, mission_id, team_id, team_code, person_id, public_jwk = found
    return DeviceCaller(device_id, mission_id, team_id, team_code, person_id), public_jwk


async def push_caller(request: Request, session: ReadSessionDep) -> DeviceCaller:
    """Return the phone whose push token came. Raises SignInNeeded."""
    hashed = token_hash(_token(request, "Bearer"))
    caller, _ = await _device(session, hashed, col(Device.push_token_hash), "Bearer")
    return caller


async def device_caller(request: Request, session: ReadSessionDep, settings: SettingsDep) -> DeviceCaller:
    """Return the phone that proves to hold its device key (RFC 9449). Raises SignInNeeded, UseDpopNonce, BadProof."""
    token = _token(request, "DPoP")
    caller, public_jwk = await _device(session, token_hash(token), col(Device.access_token_hash), "DPoP")
    dpop.check_proof(
        request.headers.get("dpop", ""),
        method=request.method,
        path=request.url.path,
        token=token,
        public_jwk=public_jwk,
        secret=settings.secret_key,
    )
    return caller


async def desk_caller(request: Request, session: ReadSessionDep) -> DeskCaller:
    """Return the person whose session cookie came. Unsafe methods also need `X-Steppe: 1`. Raises SignInNeeded."""
    token = request.cookies.get(SESSION_COOKIE)
    if not token or (request.method not in {"GET", "HEAD"} and request.headers.get("x-steppe") != "1"):
        raise SignInNeeded
    query = select(DeskSession, Person).join(Person).where(DeskSession.token_hash == token_hash(token))
    found = (await session.exec(query)).first()
    if found is None or found[0].expires_at < now():
        raise SignInNeeded
    person = found[1]
    return DeskCaller(person.id, person.mission_id, cast("Role", person.role), person.function, person.username)


PushCallerDep = Annotated[DeviceCaller, Depends(push_caller, scope="function")]
DeviceCallerDep = Annotated[DeviceCaller, Depends(device_caller, scope="function")]
DeskCallerDep = Annotated[DeskCaller, Depends(desk_caller, scope="function")]


async def member_caller(request: Request, session: ReadSessionDep, settings: SettingsDep) -> DeviceCaller | DeskCaller:
    """Return whoever belongs to the mission, phone or desk: for what everybody in it may read. Raises SignInNeeded."""
    if request.headers.get("authorization"):
        return await device_caller(request, session, settings)
    return await desk_caller(request, session)


MemberCallerDep = Annotated[DeviceCaller | DeskCaller, Depends(member_caller, scope="function")]


def desk(action: Action) -> Callable[[DeskCaller], Awaitable[DeskCaller]]:
    """Return a dependency: the caller at the desk, if the policy lets them do `action`; NotFound otherwise."""

    async def allowed(caller: DeskCallerDep) -> DeskCaller:
        if not may(caller.role, action):
            raise NotFound
        return caller

    return allowed

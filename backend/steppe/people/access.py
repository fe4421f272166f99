"""Who is calling: a phone with its push token, a phone with DPoP, or a person at the desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy import Select, bindparam, false, or_, select
from sqlmodel import select as select_entities

from steppe.kit.batcher import Batcher
from steppe.kit.budgets import Budget
from steppe.kit.clock import now
from steppe.kit.columns import table_of
from steppe.kit.db import Database, ReadSession, in_list
from steppe.kit.http import DatabaseDep, ReadSessionDep, SettingsDep, own_page
from steppe.kit.parts import parts_of
from steppe.kit.problems import NotFound, SignInNeeded
from steppe.kit.settings import Settings
from steppe.missions.key_list import HeldKeys
from steppe.missions.teams import ODIHR, ORIGINS
from steppe.people import dpop
from steppe.people.models import DeskSession, Device, Person, PersonGrant, Team
from steppe.people.policy import Action, Grant, Role, Scope, decide, scope_of
from steppe.people.revocations import REVOKED_MAY_PUSH
from steppe.people.tokens import token_hash

SESSION_COOKIE = "steppe_session"
SESSION_LIFE = timedelta(hours=12)
_MOST_AT_ONCE = 64
_MOST_SEEN = 4096


@dataclass(frozen=True, slots=True)
class DeviceCaller:
    """A phone: which device of which team of which mission, in whose hands. `token` is the hash of what it showed."""

    token: str
    device_id: UUID
    mission_id: UUID
    team_id: UUID
    team_code: str
    person_id: UUID
    letter: str
    public_jwk: dict[str, Any]
    origin: str = ODIHR
    """Whose observers the team is, now."""
    revoked_at: datetime | None = None
    """Since when headquarters refuses it: it may still bring what it made, to be kept aside, and nothing else."""
    revoked_serial: int | None = None
    """Of the order to wipe itself that goes with that."""
    wiped_serial: int | None = None
    """Of the order that it said it has obeyed."""
    receipt_kid: str | None = None
    """The receipt key it was enrolled with; None: the mission's first."""
    keys_serial: int | None = None
    """The list of keys it holds, as it last said."""

    @property
    def may_bring(self) -> bool:
        """Whether what it brings is taken in: of a revoked phone for REVOKED_MAY_PUSH. Then it may only ask."""
        return self.revoked_at is None or now() - self.revoked_at < REVOKED_MAY_PUSH

    @property
    def held_keys(self) -> HeldKeys:
        """What it can verify, by its word at its last push."""
        return HeldKeys(self.receipt_kid, self.keys_serial)


@dataclass(frozen=True, slots=True)
class DeskCaller:
    """A person signed in at the desk."""

    person_id: UUID
    mission_id: UUID
    role: Role
    function: str
    functions: dict[str, str]
    """The same by language; empty in missions loaded before there were any."""
    username: str
    scope: Scope
    """What they may see and do now, their grants in force: made here, at the door, once a request."""

    @property
    def device_id(self) -> None:
        """The desk is no phone."""

    @property
    def held_keys(self) -> HeldKeys:
        """What the desk is answered goes on to phones of every age: they all know the mission's first key."""
        return HeldKeys()

    @property
    def team_id(self) -> None:
        """The desk is of no team."""

    @property
    def origin(self) -> str:
        """Whose observers they belong to."""
        return self.scope.origin or ODIHR


def _token(request: Request, scheme: str) -> str:
    given, _, token = request.headers.get("authorization", "").partition(" ")
    if given.lower() != scheme.lower() or not token:
        raise SignInNeeded(headers={"WWW-Authenticate": scheme})
    return token


@cache
def _phones_statement(token: str) -> Select[Any]:
    # Columns, not entities: this runs at every push, and building two mapped objects costs as much as the query.
    devices, teams = table_of(Device), table_of(Team)
    device, team = devices.c, teams.c
    # However late a phone comes back: it is given its order.
    is_ordered = device.revoked_serial.is_not(None) if token == "push_token_hash" else false()  # noqa: S105  # a column
    return (
        select(
            device[token],
            device.id,
            device.mission_id,
            team.id,
            team.code,
            device.person_id,
            device.letter,
            device.public_jwk,
            team.origin,
            device.revoked_at,
            device.revoked_serial,
            device.wiped_serial,
            device.receipt_kid,
            device.keys_serial,
        )
        .join_from(devices, teams, device.team_id == team.id)
        .where(
            device[token].in_(bindparam("hashes", expanding=True)),
            or_(device.revoked_at.is_(None), device.revoked_at > bindparam("refused_since"), is_ordered),
        )
    )


async def _phones(
    session: ReadSession, token: str, hashes: Iterable[str], *, refused_since: datetime
) -> dict[str, DeviceCaller]:
    """Return the phones whose `token` column has one of these hashes, those revoked before a moment left out."""
    connection = await session.connection()
    values = {"hashes": in_list(hashes), "refused_since": refused_since}
    rows = await connection.execute(_phones_statement(token), values)
    return {row[0]: DeviceCaller(*row) for row in rows.all()}


async def push_phones(session: ReadSession, hashes: Iterable[str]) -> dict[str, DeviceCaller]:
    """Return the enrolled phones by the hashes of their push tokens.

    Left out are those whose time to push is over, where no order goes to them.
    """
    return await _phones(session, "push_token_hash", hashes, refused_since=now() - REVOKED_MAY_PUSH)


class EnrolmentTries(Budget):
    """How many wrong enrolment codes an address has left."""


class PushCallers:
    """The phones that push to this process."""

    def __init__(self, database: Database) -> None:
        """Keep the database; no phone is known yet."""
        self._database = database
        self._lookups = Batcher(self._find, most=_MOST_AT_ONCE)
        self._seen: dict[str, DeviceCaller] = {}

    async def now(self, hashed: str) -> DeviceCaller:
        """Return the phone with this token as it stands now. Raises SignInNeeded."""
        found = await self._lookups.ask(hashed)
        if found is None:
            self._seen.pop(hashed, None)
            raise _not_enrolled("Bearer")
        if len(self._seen) > _MOST_SEEN:
            self._seen.clear()
        self._seen[hashed] = found
        return found

    async def remembered(self, hashed: str) -> DeviceCaller:
        """Return the phone as it was when last seen: for those who ask again before they act. Raises SignInNeeded."""
        return self._seen.get(hashed) or await self.now(hashed)

    async def _find(self, hashes: Sequence[str]) -> Sequence[DeviceCaller | None]:
        async with self._database.read() as session:
            found = await push_phones(session, hashes)
        return [found.get(one) for one in hashes]


def _not_enrolled(scheme: str) -> SignInNeeded:
    return SignInNeeded("this device is not enrolled, or no longer", headers={"WWW-Authenticate": scheme})


async def push_caller(request: Request) -> DeviceCaller:
    """Return the phone whose push token came, to bring something. Raises SignInNeeded."""
    return bringing(await parts_of(request)[PushCallers].now(token_hash(_token(request, "Bearer"))))


def bringing(caller: DeviceCaller) -> DeviceCaller:
    """Return the caller, who brings something. Raises SignInNeeded when its time to do so is over."""
    if not caller.may_bring:
        raise _not_enrolled("Bearer")
    return caller


async def remembered_push_caller(request: Request) -> DeviceCaller:
    """Return the phone whose push token came, as it was when last seen. Raises SignInNeeded."""
    return await parts_of(request)[PushCallers].remembered(token_hash(_token(request, "Bearer")))


async def device_caller(request: Request, session: ReadSession, settings: Settings) -> DeviceCaller:
    """Return the phone that proves to hold its device key (RFC 9449). Raises SignInNeeded, UseDpopNonce, BadProof."""
    token = _token(request, "DPoP")
    hashed = token_hash(token)
    caller = (await _phones(session, "access_token_hash", [hashed], refused_since=now())).get(hashed)
    if caller is None or caller.revoked_at is not None:
        raise _not_enrolled("DPoP")
    dpop.check_proof(
        request.headers.get("dpop", ""),
        method=request.method,
        path=request.url.path,
        token=token,
        public_jwk=caller.public_jwk,
        secret=settings.secret_key,
    )
    return caller


async def device_caller_alone(request: Request, database: DatabaseDep, settings: SettingsDep) -> DeviceCaller:
    """Return what `device_caller` does, in a session that ends with it: a body that comes slowly must not hold one."""
    async with database.read() as session:
        return await device_caller(request, session, settings)


def cookie_name(name: str, settings: Settings) -> str:
    """Return a cookie's full name: behind HTTPS its prefix keeps other hosts of the domain from setting it."""
    return f"__Host-{name}" if settings.is_cookie_secure else name


def session_token(request: Request) -> str | None:
    """Return the session cookie's value. The plain name counts too: sessions from before the prefix live up to 12 h."""
    named = request.cookies.get(cookie_name(SESSION_COOKIE, parts_of(request)[Settings]))
    return named or request.cookies.get(SESSION_COOKIE)


async def desk_caller(request: Request, session: ReadSessionDep) -> DeskCaller:
    """Return the person whose session cookie came. Unsafe methods also need `X-Steppe: 1`.

    Raises SignInNeeded, and ForeignRequest when a browser says that another site's page makes an unsafe request.
    """
    token = session_token(request)
    is_unsafe = request.method not in {"GET", "HEAD"}
    if not token or (is_unsafe and request.headers.get("x-steppe") != "1"):
        raise SignInNeeded
    if is_unsafe:
        await own_page(request)
    query = select_entities(DeskSession, Person).join(Person).where(DeskSession.token_hash == token_hash(token))
    found = (await session.exec(query)).first()
    if found is None or found[0].expires_at <= now():
        raise SignInNeeded
    person = found[1]
    role = cast("Role", person.role)
    guest = person.origin if person.origin != ODIHR else None
    scope = scope_of(person.mission_id, role, await grants_of(session, person), now(), guest)
    return DeskCaller(person.id, person.mission_id, role, person.function, person.functions, person.username, scope)


async def grants_of(session: ReadSession, person: Person) -> list[Grant]:
    """Return everything a person was ever given instead of their role, in force or not."""
    query = select_entities(PersonGrant).where(
        PersonGrant.mission_id == person.mission_id, PersonGrant.person_id == person.id
    )
    return [
        Grant(
            cast("Role", given.role),
            None if given.regions is None else frozenset(given.regions),
            None if given.themes is None else frozenset(given.themes),
            given.since,
            given.until,
        )
        for given in (await session.exec(query)).all()
    ]


async def deliverer(request: Request, database: DatabaseDep) -> DeskCaller:
    """Return the caller at the desk, who may bring what phones sealed. Raises SignInNeeded, NotFound, ForeignRequest.

    In a session that ends with it: a body that comes slowly must not hold one.
    """
    async with database.read() as session:
        caller = await desk_caller(request, session)
    if not decide(caller.scope, "deliver"):
        raise NotFound
    return caller


async def bringer(request: Request, database: DatabaseDep) -> DeviceCaller | DeskCaller:
    """Return who brings attachments: a phone by its push token, or a deliverer at the desk. Raises as those do."""
    if request.headers.get("authorization") or not session_token(request):
        return await push_caller(request)
    return await deliverer(request, database)


DelivererDep = Annotated[DeskCaller, Depends(deliverer, scope="function")]
BringerDep = Annotated[DeviceCaller | DeskCaller, Depends(bringer, scope="function")]
RememberedPushCallerDep = Annotated[DeviceCaller, Depends(remembered_push_caller, scope="function")]
PushCallerDep = Annotated[DeviceCaller, Depends(push_caller, scope="function")]
DeviceCallerDep = Annotated[DeviceCaller, Depends(device_caller_alone, scope="function")]
DeskCallerDep = Annotated[DeskCaller, Depends(desk_caller, scope="function")]


async def member_caller(request: Request, session: ReadSessionDep, settings: SettingsDep) -> DeviceCaller | DeskCaller:
    """Return whoever belongs to the mission, phone or desk: for what everybody in it may read.

    Raises SignInNeeded, and NotFound for somebody at the desk none of whose grants is in force.
    """
    if request.headers.get("authorization"):
        return await device_caller(request, session, settings)
    caller = await desk_caller(request, session)
    if not caller.scope.actions:
        raise NotFound
    return caller


MemberCallerDep = Annotated[DeviceCaller | DeskCaller, Depends(member_caller, scope="function")]


Origin = Annotated[str, Query(max_length=40, description="reports of this origin alone (`odihr`, `oscepa`)")]


def narrowed_to(scope: Scope, origin: str) -> Scope:
    """Return a scope narrowed to one origin, as it is for an empty one. Raises NotFound for what lies outside of it."""
    within = scope.only(origin) if not origin or origin in ORIGINS else None
    if within is None:
        raise NotFound
    return within


def desk(action: Action) -> Callable[[DeskCaller], Awaitable[DeskCaller]]:
    """Return a dependency: the caller at the desk, if the policy lets them do `action`; NotFound otherwise."""

    async def allowed(caller: DeskCallerDep) -> DeskCaller:
        if not decide(caller.scope, action):
            raise NotFound
        return caller

    return allowed

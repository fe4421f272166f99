"""Enrolment of phones, sessions of the desk."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from steppe.kit.budgets import address_key, longest_wait
from steppe.kit.clock import iso, now
from steppe.kit.db import ReadSession, WriteSession
from steppe.kit.http import (
    DatabaseDep,
    ForeignRequest,
    ReadSessionDep,
    SettingsDep,
    WriteSessionDep,
    body_schema,
    caller_address,
    documented,
    json_body,
    json_response,
    own_json,
    own_page,
)
from steppe.kit.parts import parts_of
from steppe.kit.problems import SignInNeeded
from steppe.kit.settings import Settings
from steppe.missions.mission_keys import mission_keys as mission_keys_of
from steppe.missions.models import Mission
from steppe.missions.queries import LinkedKeys, linked_keys, mission_out
from steppe.people import commands
from steppe.people.access import (
    SESSION_COOKIE,
    SESSION_LIFE,
    DeskCallerDep,
    DeviceCallerDep,
    EnrolmentTries,
    cookie_name,
    session_token,
)
from steppe.people.content_key import register_content_key
from steppe.people.dpop import BadProof, UseDpopNonce, make_nonce
from steppe.people.known_browser import KNOWN_COOKIE, KNOWN_LIFE, KnownBrowser, known_token, read_known
from steppe.people.matching import matching_code
from steppe.people.problems import (
    BadContentKey,
    BadEnrolmentProof,
    ChooseMission,
    CodeExpired,
    CodeUnknown,
    CodeUsed,
    GuestTime,
    PhoneOfAnother,
    TooManyCodes,
    TooManyContentKeys,
    TooManyTries,
    WrongPassword,
)
from steppe.people.queries import enrolment_of_code, has_session, team_out
from steppe.people.schemas import (
    ContentKeyIn,
    ContentKeyOut,
    EnrolledOut,
    MissionKeysIn,
    MissionKeysOut,
    RedeemIn,
    SessionOut,
    SignInIn,
)
from steppe.people.sign_in import SignIns

router = APIRouter(tags=["people"])


def _person_out(person_id: UUID, function: str, functions: dict[str, str], username: str) -> dict[str, Any]:
    return {"id": str(person_id), "function": function, "functions": functions, "username": username}


@router.post(
    "/enrolments/redeem",
    status_code=HTTPStatus.CREATED,
    response_model=EnrolledOut,
    responses=documented(
        CodeUnknown, CodeExpired, CodeUsed, PhoneOfAnother, BadEnrolmentProof, GuestTime, TooManyCodes
    ),
    openapi_extra=body_schema(RedeemIn),
)
async def redeem(
    request: Request,
    body: Annotated[RedeemIn, Depends(json_body(RedeemIn))],
    session: WriteSessionDep,
    settings: SettingsDep,
) -> Response:
    """Turn a one-time code and a new device key into a device with tokens."""
    tries, address = parts_of(request)[EnrolmentTries], address_key(caller_address(request))
    if seconds := longest_wait([(tries, address)]):
        raise TooManyCodes(headers={"Retry-After": str(seconds)})
    tries.spend(address)
    device, linked, team, person, push_token, access_token = await commands.redeem(
        session, code=body.code, device=body.device, proof=body.proof, secret=settings.secret_key
    )
    # Only what was refused counts: a whole team enrols behind one address on training day.
    tries.give_back(address)
    mission = await session.get_one(Mission, device.mission_id)
    answer = {
        "device": {"id": str(device.id), "letter": device.letter},
        "team": await team_out(session, team),
        "person": {"id": str(person.id), "function": person.function, "functions": person.functions},
        "mission": mission_out(mission),
        **await _told_keys(session, mission.id, linked, settings),
        "push_token": push_token,
        "access_token": access_token,
        "matching_code": matching_code(device.public_jwk, linked.keys),
        "orders_over": device.revoked_serial,
        "server_time": iso(now()),
    }
    return json_response(answer, HTTPStatus.CREATED, {"DPoP-Nonce": make_nonce(settings.secret_key)})


@router.post(
    "/enrolments/keys",
    response_model=MissionKeysOut,
    responses=documented(CodeUnknown, CodeExpired, TooManyCodes),
    openapi_extra=body_schema(MissionKeysIn),
)
async def mission_keys(
    request: Request,
    body: Annotated[MissionKeysIn, Depends(json_body(MissionKeysIn))],
    session: ReadSessionDep,
    settings: SettingsDep,
) -> Response:
    """Tell a phone its mission's keys, and whether its code is still good, before it gives the code away."""
    tries, address = parts_of(request)[EnrolmentTries], address_key(caller_address(request))
    if seconds := longest_wait([(tries, address)]):
        raise TooManyCodes(headers={"Retry-After": str(seconds)})
    tries.spend(address)
    enrolment, state = await enrolment_of_code(session, body.code_sha256)
    tries.give_back(address)
    linked = await linked_keys(session, enrolment.mission_id, enrolment.made_at)
    return json_response({**await _told_keys(session, enrolment.mission_id, linked, settings), "state": state})


async def _told_keys(
    session: ReadSession | WriteSession, mission_id: UUID, linked: LinkedKeys, settings: Settings
) -> dict[str, Any]:
    """Return the keys an enrolling phone is told; with the root's word for them where its link names the root."""
    told: dict[str, Any] = {"keys": linked.keys}
    if linked.root is not None:
        statements = (await mission_keys_of(session, mission_id, settings)).statements_by_root()
        told |= {"root": linked.root, "statements": statements}
    return told


@router.post(
    "/enrolments/content-key",
    response_model=ContentKeyOut,
    responses=documented(SignInNeeded, UseDpopNonce, BadProof, BadContentKey, TooManyContentKeys),
    openapi_extra=body_schema(ContentKeyIn),
)
async def content_key(
    caller: DeviceCallerDep,
    body: Annotated[ContentKeyIn, Depends(json_body(ContentKeyIn))],
    session: WriteSessionDep,
) -> Response:
    """Register the key that readable content for this phone is encrypted to; the same key again changes nothing."""
    return json_response({"kid": await register_content_key(session, caller, body.statement)})


@router.post(
    "/session",
    response_model=SessionOut,
    responses=documented(WrongPassword, ForeignRequest, ChooseMission, TooManyTries),
    openapi_extra=body_schema(SignInIn),
    dependencies=[Depends(own_json)],
)
async def sign_in(
    request: Request, settings: SettingsDep, body: Annotated[SignInIn, Depends(json_body(SignInIn))]
) -> Response:
    """Sign in at the desk; the answer sets the session cookie, and one by which this browser is known again."""
    known = read_known(request.cookies.get(cookie_name(KNOWN_COOKIE, settings), ""), settings.secret_key)
    sign_ins = parts_of(request)[SignIns]
    try:
        opened = await sign_ins.open(body, address=caller_address(request), known=known)
    except TooManyTries:
        await sign_ins.hold_back()
        raise
    person = opened.person
    response = json_response(
        {
            "person": _person_out(person.id, person.function, person.functions, person.username),
            "role": person.role,
            "mission": mission_out(opened.mission),
        }
    )
    browser = known_token(KnownBrowser(person.mission_id, person.id), settings.secret_key)
    for name, value, life in ((SESSION_COOKIE, opened.token, SESSION_LIFE), (KNOWN_COOKIE, browser, KNOWN_LIFE)):
        response.set_cookie(
            cookie_name(name, settings),
            value,
            max_age=int(life.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=settings.is_cookie_secure,
        )
    return response


@router.get("/session", response_model=SessionOut, responses=documented(SignInNeeded))
async def current_session(session: ReadSessionDep, caller: DeskCallerDep) -> Response:
    """Return who is signed in."""
    mission = await session.get_one(Mission, caller.mission_id)
    return json_response(
        {
            "person": _person_out(caller.person_id, caller.function, caller.functions, caller.username),
            "role": caller.role,
            "mission": mission_out(mission),
        }
    )


@router.delete(
    "/session",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(ForeignRequest),
    dependencies=[Depends(own_page)],
)
async def sign_out(request: Request, settings: SettingsDep, database: DatabaseDep) -> Response:
    """Close the desk session, if there is one."""
    token = session_token(request)
    if token:
        async with database.read() as session:
            is_open = await has_session(session, token)
        # Only who is signed in may make others wait for a write.
        if is_open:
            async with database.write() as session:
                await commands.sign_out(session, token)
    response = Response(status_code=HTTPStatus.NO_CONTENT)
    for name in {SESSION_COOKIE, cookie_name(SESSION_COOKIE, settings)}:
        response.delete_cookie(name, httponly=True, samesite="strict", secure=settings.is_cookie_secure)
    return response

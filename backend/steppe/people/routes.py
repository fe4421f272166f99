"""Enrolment of phones, sessions of the desk."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from steppe.kit.clock import iso, now
from steppe.kit.http import (
    ReadSessionDep,
    SettingsDep,
    WriteSessionDep,
    body_schema,
    documented,
    json_body,
    json_response,
)
from steppe.kit.problems import SignInNeeded
from steppe.missions.models import Mission
from steppe.missions.queries import mission_out, public_keys
from steppe.people import commands
from steppe.people.access import SESSION_COOKIE, SESSION_LIFE, DeskCallerDep
from steppe.people.dpop import make_nonce
from steppe.people.matching import matching_code
from steppe.people.problems import BadEnrolmentProof, CodeUnknown, CodeUsed, TooManyTries, WrongPassword
from steppe.people.queries import team_out
from steppe.people.schemas import EnrolledOut, RedeemIn, SessionOut, SignInIn

router = APIRouter(tags=["people"])


@router.post(
    "/enrolments/redeem",
    status_code=HTTPStatus.CREATED,
    response_model=EnrolledOut,
    responses=documented(CodeUnknown, CodeUsed, BadEnrolmentProof),
    openapi_extra=body_schema(RedeemIn),
)
async def redeem(
    session: WriteSessionDep, settings: SettingsDep, body: Annotated[RedeemIn, Depends(json_body(RedeemIn))]
) -> Response:
    """Turn a one-time code and a new device key into a device with tokens."""
    device, team, person, push_token, access_token = await commands.redeem(
        session, code=body.code, device=body.device, proof=body.proof
    )
    mission = await session.get_one(Mission, device.mission_id)
    keys = await public_keys(session, mission.id)
    answer = {
        "device": {"id": str(device.id), "letter": device.letter},
        "team": await team_out(session, team),
        "person": {"id": str(person.id), "function": person.function},
        "mission": mission_out(mission),
        "keys": keys,
        "push_token": push_token,
        "access_token": access_token,
        "matching_code": matching_code(device.public_jwk, keys),
        "server_time": iso(now()),
    }
    return json_response(answer, HTTPStatus.CREATED, {"DPoP-Nonce": make_nonce(settings.secret_key)})


@router.post(
    "/session",
    response_model=SessionOut,
    responses=documented(WrongPassword, TooManyTries),
    openapi_extra=body_schema(SignInIn),
)
async def sign_in(
    session: WriteSessionDep, settings: SettingsDep, body: Annotated[SignInIn, Depends(json_body(SignInIn))]
) -> Response:
    """Sign in at the desk; the answer sets the session cookie."""
    token, person = await commands.sign_in(session, username=body.username, password=body.password)
    mission = await session.get_one(Mission, person.mission_id)
    response = json_response(
        {
            "person": {"id": str(person.id), "function": person.function, "username": person.username},
            "role": person.role,
            "mission": mission_out(mission),
        }
    )
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LIFE.total_seconds()),
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
            "person": {"id": str(caller.person_id), "function": caller.function, "username": caller.username},
            "role": caller.role,
            "mission": mission_out(mission),
        }
    )


@router.delete("/session", status_code=HTTPStatus.NO_CONTENT)
async def sign_out(request: Request, session: WriteSessionDep) -> Response:
    """Close the desk session, if there is one."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        await commands.sign_out(session, token)
    response = Response(status_code=HTTPStatus.NO_CONTENT)
    response.delete_cookie(SESSION_COOKIE)
    return response

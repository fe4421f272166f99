"""Ending what was kept aside, at the desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from steppe.decisions.problems import DecisionKnown
from steppe.decisions.schemas import NUMBERS
from steppe.kit.http import BadRequest, ForeignRequest, body_schema, documented, json_body
from steppe.kit.parts import parts_of
from steppe.kit.problems import NotFound, SignInNeeded, TryLater
from steppe.kit.strict_json import BadJson
from steppe.people.access import DeskCaller, desk
from steppe.quarantine.problems import CannotBeTaken, DecidedAlready, ReasonNeeded, UnknownChoice
from steppe.quarantine.quarantine import Quarantine
from steppe.quarantine.schemas import ItemDecidedOut, ItemDecisionIn

router = APIRouter(tags=["quarantine"])


@router.post(
    "/quarantine/{seq}/decisions",
    responses=documented(
        *(SignInNeeded, NotFound, BadJson, BadRequest, ForeignRequest, TryLater),
        *(DecidedAlready, DecisionKnown, CannotBeTaken, ReasonNeeded, UnknownChoice),
    ),
    openapi_extra=body_schema(ItemDecisionIn),
)
async def decide(
    request: Request,
    body: Annotated[ItemDecisionIn, Depends(json_body(ItemDecisionIn))],
    caller: Annotated[DeskCaller, Depends(desk("decide"))],
    seq: Annotated[int, Path(ge=0, le=NUMBERS)],
) -> ItemDecidedOut:
    """Take an item that was kept aside, as it is or as the caller says it is meant, or keep it apart for a reason."""
    return await parts_of(request)[Quarantine].decide(caller, seq, body)

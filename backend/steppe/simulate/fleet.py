"""A fleet of simulated phones over some weeks of a mission, sent to a server in minutes."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import httpx

from steppe.kit.clock import now
from steppe.simulate.answers import fill
from steppe.simulate.diary import Entry, Period, plan
from steppe.simulate.phone import Phone
from steppe.simulate.pictures import page
from steppe.simulate.scene import places_of
from steppe.simulate.sentences import REPLIES

AT_ONCE: Final = 4
"""Phones that work at the same time; more only queue for the same processor."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the fleet shall do.

    `codes`: one enrolment code per phone. `submissions` per phone, over `days` that end on `last` (by default today, or
    election day once it has passed). `photos`: share of reports with a photo, 0 to 1. `batch`: items a push, up to 50.
    The same `seed` gives the same answers to the same checklists and places. `kinds`: of the checklists filled;
    None: every kind.
    """

    codes: Sequence[str]
    submissions: int = 20
    days: int = 21
    seed: int = 1
    photos: float = 0.1
    batch: int = 50
    last: date | None = None
    kinds: frozenset[str] | None = None
    replies: bool = False
    """Answer in words what headquarters asks their teams, and nobody has answered."""


@dataclass
class Outcome:
    """What came of it. `received` counts reports, `by_form` too; `quarantined` is revision id → reason."""

    phones: int = 0
    received: int = 0
    replies: int = 0
    attachments: int = 0
    quarantined: dict[str, str] = field(default_factory=dict)
    by_form: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


async def run(http: httpx.AsyncClient, orders: Orders, say: Callable[[str], None] = lambda _line: None) -> Outcome:
    """Let a fleet enrol, report and send everything to the server `http` is based at; `say` hears of each phone done.

    Raises httpx's errors when the server refuses or cannot be reached, BadReceiptError when it proves nothing,
    CannotFillError for a checklist no answers were found for.
    """
    began = time.monotonic()
    outcome = Outcome()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, code: str) -> None:
        async with gate:
            phone = await _report(http, orders, number, code, outcome)
        outcome.phones += 1
        outcome.quarantined |= phone.outbox.quarantined
        letter = phone.enrolment["device"]["letter"]
        say(f"{phone.enrolment['team']['code']}-{letter}: {len(phone.outbox.received)} received")

    await asyncio.gather(*(one(number, code) for number, code in enumerate(orders.codes)))
    outcome.seconds = time.monotonic() - began
    return outcome


async def _report(http: httpx.AsyncClient, orders: Orders, number: int, code: str, outcome: Outcome) -> Phone:
    phone = Phone(http)
    await phone.enrol(code, f"Simulated phone {number + 1}")
    await phone.pull()
    for position, entry in enumerate(diary_of(phone, orders, number)):
        rng = _draws(orders, number, position)
        outcome.attachments += write(phone, entry, rng, has_camera=rng.random() < orders.photos)
        form = phone.definitions[entry.version].id
        outcome.by_form[form] = outcome.by_form.get(form, 0) + 1
        # Filling is pure computation: let the other phones' answers be read in between.
        await asyncio.sleep(0)
    replies = sorted(phone.queries) if orders.replies else []
    for query in replies:
        phone.reply(query, _draws(orders, number).choice(REPLIES), now())
    await phone.push(orders.batch)
    outcome.replies += len(replies)
    outcome.received += len(phone.outbox.received) - len(replies)
    return phone


def diary_of(phone: Phone, orders: Orders, number: int) -> list[Entry]:
    """Return what the phone's observer will report, from what the phone pulled."""
    zone = phone.mission["zone"]
    election_day = date.fromisoformat(phone.mission["election_day"])
    today = now().astimezone(ZoneInfo(zone)).date()
    last = orders.last or min(today, election_day)
    first = max(last - timedelta(days=orders.days - 1), date.fromisoformat(phone.mission["from"]))
    return plan(
        Period(first, last, election_day, zone),
        {
            version: one
            for version, one in phone.definitions.items()
            if orders.kinds is None or one.kind in orders.kinds
        },
        places_of(phone.places, phone.regions),
        submissions=orders.submissions,
        rng=_draws(orders, number),
        until=_end(last, zone),
    )


def _draws(orders: Orders, *place: int) -> Random:
    """Return the draws of one phone or report: its own, so that phones may work in any order."""
    return Random("/".join(map(str, (orders.seed, *place))))  # noqa: S311 - repeatable on purpose, nothing is secret


def _end(last: date, zone: str) -> datetime:
    """Return the end of a day, or now if it is not over."""
    return min(now(), datetime.combine(last + timedelta(days=1), datetime.min.time(), ZoneInfo(zone)))


def write(phone: Phone, entry: Entry, rng: Random, *, has_camera: bool = False) -> int:
    """Fill one report and put it into the phone's outbox; returns how many photos went with it."""
    taken: dict[str, bytes] = {}

    def photo() -> str:
        content = page(rng)
        digest = hashlib.sha256(content).hexdigest()
        taken[digest] = content
        return digest

    scene = replace(entry.scene, photo=photo if has_camera else None)
    answers = fill(phone.definitions[entry.version], scene, rng)
    item = phone.finish(entry.version, answers, scene.finished_at, taken)
    return len(item.attachments)

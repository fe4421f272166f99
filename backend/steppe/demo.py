"""The demonstration: the Kazakhstan mission on one machine, with ways in printed where you start it."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import segno
import typer
import uvicorn
from sqlmodel import select

from steppe import migrate
from steppe.audit.commands import COMMAND_LINE
from steppe.checklists.commands import keep_files, publish_all
from steppe.checklists.xlsform.form_files import read_forms
from steppe.kit.blobs import Blobs
from steppe.kit.clock import now
from steppe.kit.db import Database, WriteSession, sqlite_path
from steppe.kit.ids import plain_code
from steppe.kit.logs import set_up_logs
from steppe.kit.problems import Problem
from steppe.kit.settings import SERVING, Settings
from steppe.kit.sqlite import served_alone
from steppe.main import create_app
from steppe.missions.commands import load_mission
from steppe.missions.pack import Pack, read_pack
from steppe.missions.queries import id_for
from steppe.missions.teams import ODIHR, ORIGINS
from steppe.people import commands as people
from steppe.people.matching import enrolment_link
from steppe.people.models import Enrolment
from steppe.people.queries import link_thumbprint
from steppe.people.tokens import token_hash
from steppe.simulate import fleet
from steppe.simulate.coordinator import ABOUT_AN_ANSWER, TO_ALL, Coordinator
from steppe.summaries.claims import STATIONS

PACK = Path(__file__).parent / "packs" / "kazakhstan_2021"
DESK = ("coordinator", "admin")
GUEST_VISITS = 6
GUEST_KINDS = frozenset({STATIONS})


class PortTaken(Problem):
    """Another program has the demonstration's port."""

    slug = "port-taken"
    title = "The demonstration cannot start here"
    next = "Stop the other program, or choose another port: make demo PORT=8001"


def run(*, host: str, port: int, data: Path) -> None:
    """Load the demonstration on the first start, serve until stopped; prints addresses and sign-ins once it answers.

    Raises PortTaken and ServerRunning before anything is loaded.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = f"something else listens on port {port}"
            raise PortTaken(msg) from error
    address = os.environ.get("STEPPE_PUBLIC_URL") or f"http://localhost:{port}"
    settings = Settings(public_url=address, data=data)
    with served_alone(sqlite_path(settings)):
        ways_in = asyncio.run(prepare(settings))
        set_up_logs()
        config = uvicorn.Config(create_app(settings), host=host, port=port, **SERVING)
        _Server(config, lambda: print_ways_in(ways_in, address)).run()


class _Server(uvicorn.Server):
    """Uvicorn that says when it answers: "ready" must not be read before it is true."""

    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._when_ready()


async def prepare(settings: Settings) -> dict[str, Any]:
    """Migrate and load what is not there yet; returns the ways in: passwords, and enrolment links still good.

    They are kept in `demo.json` beside the data (mode 0600) because the database holds only their hashes.
    """
    database = Database(settings)
    kept = settings.data / "demo.json"
    try:
        await migrate.migrate(database)
        if kept.exists():
            ways_in: dict[str, Any] = json.loads(kept.read_text())
            async with database.write() as session:
                ways_in["enrolments"] = [await renewed(session, enrolment) for enrolment in ways_in["enrolments"]]
            _keep(kept, ways_in)
            return ways_in
        pack = read_pack(PACK)
        forms = read_forms(pack.checklists)
        async with database.read() as reading:
            planned = await id_for(reading, pack.mission.code)
        await keep_files(Blobs(settings), planned, *forms)
        async with database.write() as session:
            mission_id = await load_mission(
                session, pack, secret=settings.secret_key, actor=COMMAND_LINE, new_id=planned
            )
            await publish_all(session, mission_id=mission_id, forms=forms, actor=COMMAND_LINE)
            ways_in, orders = await admit(session, mission_id, pack)
        await report(settings, orders)
        await ask(settings, pack.mission.code, ways_in["passwords"]["coordinator"])
        # Last of all: a start that was cut short begins again.
        _keep(kept, ways_in)
        return ways_in
    finally:
        await database.close()


def _keep(path: Path, ways_in: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(ways_in, file, indent=1)


async def renewed(session: WriteSession, enrolment: dict[str, str]) -> dict[str, str]:
    """Return a way in for the same team whose code is good: another one once it was used, or its days are over."""
    code_hash = token_hash(plain_code(enrolment["code"]))
    held = (await session.exec(select(Enrolment).where(Enrolment.code_hash == code_hash))).one()
    if held.used_at is None and not held.is_over(now()):
        return enrolment
    code, observer = await people.open_enrolment(
        session, mission_id=held.mission_id, team_code=enrolment["team"], actor=COMMAND_LINE
    )
    return {"team": enrolment["team"], "person": observer.function, "code": code}


async def report(settings: Settings, fleets: list[fleet.Orders]) -> None:
    """Let simulated phones report three weeks up to election day, through the server's own door, before it opens."""
    typer.echo("Observers on simulated phones report three weeks up to election day …")
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://demo.invalid", timeout=60) as http,
    ):
        outcomes = [await fleet.run(http, orders) for orders in fleets]
    received, photos = sum(done.received for done in outcomes), sum(done.attachments for done in outcomes)
    phones = sum(done.phones for done in outcomes)
    typer.echo(f"{received} reports and {photos} photos received from {phones} phones.")


async def ask(settings: Settings, mission: str, password: str) -> None:
    """Ask what waits for every phone that a visitor sets up: something of all teams, and something of one report."""
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        # By its own address: only over that does a browser send the session's cookie.
        httpx.AsyncClient(transport=transport, base_url=settings.public_url or "http://localhost", timeout=60) as http,
    ):
        coordinator = Coordinator(http)
        await coordinator.sign_in("coordinator", password, mission)
        await coordinator.ask_all(TO_ALL, days=2)
        await coordinator.ask_about_the_gravest(ABOUT_AN_ANSWER)


async def admit(session: WriteSession, mission_id: UUID, pack: Pack) -> tuple[dict[str, Any], list[fleet.Orders]]:
    """Load the people, open phones for both observers of every team, give the desk passwords.

    Returns the ways in, with one observer's code of each pair, and what the simulated phones of the others shall do:
    three weeks of everything, of guests the visits of election day.
    """
    await people.load_people(session, mission_id, pack.teams, pack.people, pack.mission.default_language)
    passwords = {}
    for username in DESK:
        passwords[username] = secrets.token_urlsafe(9)
        await people.set_password(
            session, mission_id=mission_id, username=username, password=passwords[username], actor=COMMAND_LINE
        )
    enrolments: list[dict[str, str]] = []
    simulated: dict[str, list[str]] = {origin: [] for origin in ORIGINS}
    for team in pack.teams:
        (code, observer), (other, _) = [
            await people.open_enrolment(session, mission_id=mission_id, team_code=team.code, actor=COMMAND_LINE)
            for _ in range(2)
        ]
        enrolments.append({"team": team.code, "person": observer.function, "code": code})
        simulated[team.origin].append(other)
    keys = await link_thumbprint(session, mission_id)
    fleets = [
        fleet.Orders(codes)
        if origin == ODIHR
        else fleet.Orders(codes, submissions=GUEST_VISITS, days=1, kinds=GUEST_KINDS)
        for origin, codes in simulated.items()
    ]
    return {"passwords": passwords, "enrolments": enrolments, "keys": keys, "made_at": now().isoformat()}, fleets


def print_ways_in(ways_in: dict[str, Any], address: str) -> None:
    """Print the addresses, a link and a QR code per team, and the sign-ins; "ready" comes last."""
    for enrolment in ways_in["enrolments"]:
        link = enrolment_link(address, enrolment["code"], ways_in.get("keys", ""))
        typer.echo(f"\n{enrolment['team']}  {enrolment['person']}\n{link}")
        segno.make(link, error="l").terminal(compact=True, out=sys.stdout)
    typer.echo(f"\nField app   {address}/\nDesk        {address}/desk/")
    for username in DESK:
        typer.echo(f"  {username} / {ways_in['passwords'][username]}")
    typer.echo("\nready")

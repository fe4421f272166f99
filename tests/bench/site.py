"""The mission that is measured: the demonstration's places and teams, the sixty-question checklist, 24 phones, a desk.

It is made once, over the real protocol on SQLite, and copied row by row to each engine measured: so both know the same
keys and take the same sealed reports.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import insert, select
from sqlmodel import SQLModel

from steppe import migrate, tables  # noqa: F401 - importing `tables` lets the metadata know every table
from steppe.audit.commands import COMMAND_LINE
from steppe.checklists.commands import publish
from steppe.checklists.xlsform.form_files import read_form
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.main import create_app
from steppe.missions.commands import load_mission
from steppe.missions.pack import Pack, read_pack
from steppe.people.commands import load_people, open_enrolment, set_password
from steppe.simulate.phone import Phone
from tests.bench.reports import Signer
from tests.bench.sixty import FORM
from tests.e2e.server import PACK

DESK: Final = ("coordinator", "a password of a bench")
PHONES_PER_TEAM: Final = 2


async def build(folder: Path) -> list[Signer]:
    """Lay the mission in `folder` (SQLite and server secret) and return its phones as signers."""
    settings = Settings(data=folder)
    pack = read_pack(PACK)
    database = Database(settings)
    await migrate.migrate(database)
    async with database.write() as session:
        mission_id = await load_mission(session, pack, secret=settings.secret_key, actor=COMMAND_LINE)
        await load_people(session, mission_id, pack.teams, pack.people, pack.mission.default_language)
        await publish(session, mission_id=mission_id, form=read_form(FORM), actor=COMMAND_LINE)
        username, password = DESK
        await set_password(session, mission_id=mission_id, username=username, password=password, actor=COMMAND_LINE)
        codes = [
            (await open_enrolment(session, mission_id=mission_id, team_code=team.code, actor=COMMAND_LINE))[0]
            for team in pack.teams
            for _ in range(PHONES_PER_TEAM)
        ]
    await database.close()
    return await _enrol(settings, codes, districts_of_teams(pack))


async def _enrol(settings: Settings, codes: Sequence[str], districts: Mapping[str, tuple[str, ...]]) -> list[Signer]:
    app = create_app(settings)
    signers: list[Signer] = []
    version = ""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench.invalid", timeout=60) as http,
    ):
        for number, code in enumerate(codes):
            phone = Phone(http)
            await phone.enrol(code)
            if number == 0:
                await phone.pull()
                [version] = phone.definitions
            signers.append(signer(number, phone, version, districts[phone.enrolment["team"]["code"]]))
    return signers


def signer(number: int, phone: Phone, version: str, districts: tuple[str, ...]) -> Signer:
    """Return what makes reports of an enrolled phone, about these districts, on a version of the sixty questions."""
    enrolled = phone.enrolment
    return Signer(
        number,
        phone.id,
        enrolled["person"]["id"],
        enrolled["team"]["code"],
        phone.key.private_numbers().private_value,
        enrolled["push_token"],
        enrolled["keys"]["transport"],
        version,
        districts,
    )


def districts_of_teams(pack: Pack) -> dict[str, tuple[str, ...]]:
    """Return the districts of each team's area, by its code."""
    return {
        team.code: tuple(district.code for district in pack.districts if district.region in team.regions)
        for team in pack.teams
    }


async def copy_to(source: Path, target: Path, url: str) -> None:
    """Give another data folder the same mission, in the database at `url` (SQLite or PostgreSQL)."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "secret.key", target / "secret.key")
    theirs, ours = Database(Settings(data=source)), Database(Settings(data=target, database_url=url))
    await migrate.migrate(ours)
    async with theirs.read() as reading, ours.write() as writing:
        for table in SQLModel.metadata.sorted_tables:
            rows = [dict(row) for row in (await reading.execute(select(table))).mappings()]
            if rows:
                await writing.execute(insert(table), rows)
    await theirs.close()
    await ours.close()

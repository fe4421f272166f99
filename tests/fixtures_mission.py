"""A small mission for tests: two teams, three phones that speak the protocol, one checklist.

`await seed(database, settings)` writes it and returns everything a test needs. The database holds a neighbour already:
another mission with the same user names, team codes, region codes and form (see `fixtures_neighbour`).
"""

import gzip
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from steppe.checklists.definition import Definition, definition_bytes, definition_hash
from steppe.checklists.models import ChecklistVersion
from steppe.kit.clock import now
from steppe.kit.db import Database, WriteSession
from steppe.kit.ids import uuid7
from steppe.kit.settings import Settings
from steppe.missions import keys
from steppe.missions.feed import Changed, announce
from steppe.missions.models import District, Mission, MissionCounter, MissionKey, PlaceList, Region, Station
from steppe.people.models import DeskSession, Device, Person, Team, TeamRegion
from steppe.people.tokens import token_hash
from tests.fixtures_checklist import DEFINITION, texts
from tests.fixtures_phone import Phone

SOURCE = b"| survey |\n| | type | name | label |\n| | text | remarks | Remarks |\n"
REGIONS = ("KZ-AST", "KZ-AKM", "KZ-SEV")


@dataclass
class Seeded:
    """What `seed` wrote. `phones`: two of team LTO01 (regions KZ-AST, KZ-AKM) and one of LTO02 (KZ-SEV)."""

    mission: Mission
    definition: Definition
    checklist_version_id: UUID
    phones: list[Phone]
    receipt_jwk: dict[str, Any]
    transport_jwk: dict[str, Any]
    desk_cookies: dict[str, str]
    """Session token by role: `expert`, `coordinator`, `head`, `admin`, `auditor`."""


async def seed(database: Database, settings: Settings, code: str = "TST2021", *, tokens: str = "") -> Seeded:
    """Write a test mission into a migrated database. `tokens` begins each of its tokens."""
    mission = Mission(
        code=code,
        name=texts("Test mission"),
        type="LEOM",
        zone="Asia/Almaty",
        languages=["en", "ru"],
        default_language="en",
        opens_on=date(2020, 12, 8),
        closes_on=date(2021, 3, 26),
        election_on=date(2021, 1, 10),
    )
    pairs = {purpose: keys.make_key() for purpose in (keys.TRANSPORT, keys.RECEIPT)}
    public = {purpose: keys.public_jwk(key) for purpose, key in pairs.items()}
    async with database.write() as session:
        session.add(mission)
        await session.flush()
        session.add(MissionCounter(mission_id=mission.id))
        for purpose, key in pairs.items():
            session.add(
                MissionKey(
                    kid=public[purpose]["kid"],
                    mission_id=mission.id,
                    purpose=purpose,
                    public_jwk=public[purpose],
                    private_wrapped=keys.wrap(key, settings.secret_key),
                )
            )
        _places(session, mission.id)
        version = ChecklistVersion(
            mission_id=mission.id,
            form=DEFINITION.id,
            version=DEFINITION.version,
            kind=DEFINITION.kind,
            title=DEFINITION.title,
            short=DEFINITION.short,
            hash=definition_hash(DEFINITION),
            definition=definition_bytes(DEFINITION),
            source_name="visit.md",
            source=SOURCE,
        )
        session.add(version)
        phones = await _people(session, mission.id, version.id, public[keys.TRANSPORT], tokens)
        cookies = await _desk(session, mission.id, tokens)
        await announce(
            session,
            mission.id,
            Changed("mission", str(mission.id)),
            Changed("places", "0011223344556677"),
            Changed("checklist", str(version.id)),
        )
    return Seeded(mission, DEFINITION, version.id, phones, public[keys.RECEIPT], public[keys.TRANSPORT], cookies)


def _places(session: WriteSession, mission_id: UUID) -> None:
    for place, code in enumerate(REGIONS):
        session.add(
            Region(
                mission_id=mission_id,
                code=code,
                name=texts(code),
                centre=code,
                longitude=70.0 + place,
                latitude=51.0,
                zone="Asia/Almaty",
                tile_column=place,
                tile_row=0,
                valid_from=date(2018, 6, 19),
            )
        )
        session.add(District(mission_id=mission_id, code=f"{code}-01", region_code=code, name=texts(f"{code}-01")))
        for number in range(1, 4):
            session.add(
                Station(
                    mission_id=mission_id,
                    number=f"{place + 1}0{number}",
                    region_code=code,
                    district_code=f"{code}-01",
                    name=texts("School"),
                )
            )
    session.add(PlaceList(mission_id=mission_id, version="0011223344556677", stations=9, content=gzip.compress(b"{}")))


async def _people(
    session: WriteSession, mission_id: UUID, checklist_version: UUID, transport: dict[str, Any], tokens: str
) -> list[Phone]:
    phones: list[Phone] = []
    for code, regions, letters in (("LTO01", REGIONS[:2], "AB"), ("LTO02", REGIONS[2:], "A")):
        team = Team(mission_id=mission_id, code=code, base_town="Town")
        session.add(team)
        await session.flush()
        session.add_all(TeamRegion(team_id=team.id, region_code=region) for region in regions)
        for letter in letters:
            person = Person(
                mission_id=mission_id,
                username=f"{code}{letter}",
                function=f"Observer {code}{letter}",
                role="observer",
                team_id=team.id,
            )
            session.add(person)
            await session.flush()
            phone = Phone(
                id=uuid7(),
                key=ec.generate_private_key(ec.SECP256R1()),
                letter=letter,
                team_id=team.id,
                team=code,
                person_id=person.id,
                checklist_version=checklist_version,
                transport=transport,
                push_token=f"{tokens}push-{code}{letter}",
                access_token=f"{tokens}access-{code}{letter}",
            )
            own = ECKey.import_key(phone.key)
            session.add(
                Device(
                    id=phone.id,
                    mission_id=mission_id,
                    team_id=team.id,
                    person_id=person.id,
                    letter=letter,
                    name="Test phone",
                    platform="test",
                    public_jwk=dict(own.as_dict(private=False)),
                    push_token_hash=token_hash(phone.push_token),
                    access_token_hash=token_hash(phone.access_token),
                )
            )
            phones.append(phone)
    return phones


async def _desk(session: WriteSession, mission_id: UUID, tokens: str) -> dict[str, str]:
    cookies: dict[str, str] = {}
    for role in ("expert", "coordinator", "head", "admin", "auditor"):
        person = Person(mission_id=mission_id, username=role, function=role.capitalize(), role=role)
        session.add(person)
        await session.flush()
        cookies[role] = f"{tokens}desk-{role}"
        session.add(
            DeskSession(
                token_hash=token_hash(cookies[role]), person_id=person.id, expires_at=now() + timedelta(hours=1)
            )
        )
    return cookies

"""A small mission for tests: two teams, three phones that speak the protocol, a checklist with all kinds of answer.

`await seed(database, settings)` writes it and returns everything a test needs; `Phone` makes, signs and seals reports.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from steppe.checklists.definition import (
    Choice,
    Definition,
    Question,
    Repeat,
    Section,
    definition_bytes,
    definition_hash,
)
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
from steppe.submissions.sealing import content_hash, make_revision, seal, sign

MADE_AT = datetime(2021, 1, 9, 8, 30, tzinfo=UTC)
REGIONS = ("KZ-AST", "KZ-AKM", "KZ-SEV")


def _texts(text: str) -> dict[str, str]:
    return {"en": text, "ru": f"{text} (ru)"}


def _choices(*names: str) -> tuple[Choice, ...]:
    return tuple(Choice(name=name, label=_texts(name)) for name in names)


def _question(name: str, kind: str, **extra: Any) -> Question:
    return Question.model_validate({"id": name, "type": kind, "label": _texts(name), **extra})


DEFINITION = Definition(
    id="visit",
    version="2021-01-05",
    title=_texts("Station visit"),
    short=_texts("Visit"),
    languages=("en", "ru"),
    default_language="en",
    kind="polling_station",
    location="station",
    sections=(
        Section(
            id="start",
            title=_texts("Start"),
            nodes=(
                _question("station", "text", location="station"),
                _question("observed_start", "datetime"),
                _question("conf_level", "select_one", list="conf"),
            ),
        ),
        Section(
            id="voting",
            title=_texts("Voting"),
            nodes=(
                _question("box_sealed", "select_one", list="yno", theme="ed_vote", negative={"no": 3}),
                _question("secrecy", "select_one", list="yno", theme="ed_vote", negative={"no": 2}),
                _question("unauthorised", "select_multiple", list="persons", theme="ed_vote", negative={"any": 2}),
                _question("voters", "integer", theme="ed_vote"),
                _question("added", "integer", soft=["<=", ["self"], ["ref", "voters"]], negative={"fail": 1}),
                _question("turnout", "decimal"),
                _question("source_name", "text", sealed=True),
                _question("source_kind", "select_one", list="yno", sealed=True),
                _question("remarks", "text"),
                _question("photo", "photo"),
            ),
        ),
        Section(
            id="incidents",
            title=_texts("Incidents"),
            nodes=(
                Repeat(
                    id="inc",
                    label=_texts("Incident"),
                    questions=(
                        _question("inc_kind", "select_one", list="kinds", theme="ed_vote", negative={"violence": 3}),
                        _question("inc_text", "text"),
                    ),
                ),
            ),
        ),
    ),
    choices={
        "yno": _choices("yes", "no", "not_observed", "not_applicable"),
        "conf": _choices("internal", "restricted", "confidential", "sealed"),
        "persons": _choices("none", "police", "party", "official"),
        "kinds": _choices("violence", "campaigning", "other"),
    },
    order=("added",),
    dependants={"voters": ("added",)},
)


@dataclass
class Phone:
    """A phone of an observer. It counts its reports and chains their hashes as a real one does."""

    id: UUID
    key: ec.EllipticCurvePrivateKey
    letter: str
    team_id: UUID
    team: str
    person_id: UUID
    checklist_version: UUID
    transport: dict[str, Any]
    push_token: str
    access_token: str
    seq: int = 0
    prev_hash: str = ""
    made: list[bytes] = field(default_factory=list)

    @property
    def bearer(self) -> dict[str, str]:
        """Headers of pushes and uploads."""
        return {"Authorization": f"Bearer {self.push_token}"}

    def proof(self, method: str, path: str, nonce: str) -> dict[str, str]:
        """Headers of every other request (RFC 9449)."""
        claims = {
            "htm": method,
            "htu": f"http://steppe.test{path}",
            "jti": str(uuid7()),
            "iat": 0,
            "ath": base64.urlsafe_b64encode(hashlib.sha256(self.access_token.encode()).digest()).rstrip(b"=").decode(),
            "nonce": nonce,
        }
        own = ECKey.import_key(self.key)
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": own.as_dict(private=False)}
        proof = jws.serialize_compact(header, json.dumps(claims), own, algorithms=["ES256"])
        return {"Authorization": f"DPoP {self.access_token}", "DPoP": proof}

    def revise(self, patch: dict[str, Any] | None = None, **changed: Any) -> bytes:
        """Make the phone's next revision, by default of a new submission; returns its canonical bytes."""
        self.seq += 1
        facts: dict[str, Any] = {
            "id": str(uuid7()),
            "submission": str(uuid7()),
            "checklist_version": str(self.checklist_version),
            "patch": answers() if patch is None else patch,
            "team": self.team,
            "author": str(self.person_id),
            "device": str(self.id),
            "device_seq": self.seq,
            "made_at": MADE_AT + timedelta(minutes=self.seq),
            "tz": "Asia/Almaty",
            "prev_hash": self.prev_hash,
        }
        canonical = make_revision(**{**facts, **changed})
        self.prev_hash = content_hash(canonical)
        self.made.append(canonical)
        return canonical

    def seal(self, canonical: bytes) -> str:
        """Sign and seal; every call makes another sealed text of the same revision."""
        return seal(sign(canonical, key=self.key, kid=str(self.id)), transport=self.transport)

    def report(self, patch: dict[str, Any] | None = None, **changed: Any) -> str:
        """Make, sign and seal the next revision."""
        return self.seal(self.revise(patch, **changed))

    def push_body(self, *items: str) -> dict[str, Any]:
        """Return the body of a push of these items."""
        return {"outbox": {"waiting": len(items), "device_seq": self.seq}, "items": list(items)}


def answers(**changed: Any) -> dict[str, Any]:
    """Return a plausible set of answers for `DEFINITION`; give None to leave one out."""
    given = {
        "station": "101",
        "observed_start": "2021-01-10T09:15+06:00",
        "conf_level": "internal",
        "box_sealed": "yes",
        "secrecy": "not_observed",
        "unauthorised": ["none"],
        "voters": 900,
        "added": 4,
        "turnout": 41.5,
        "source_name": "Somebody",
        "source_kind": "yes",
        "remarks": "Спокойно",
        **changed,
    }
    return {path: value for path, value in given.items() if value is not None}


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


async def seed(database: Database, settings: Settings) -> Seeded:
    """Write the test mission into an empty migrated database."""
    mission = Mission(
        code="TST2021",
        name=_texts("Test mission"),
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
            source=b"",
        )
        session.add(version)
        phones = await _people(session, mission.id, version.id, public[keys.TRANSPORT])
        cookies = await _desk(session, mission.id)
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
                name=_texts(code),
                centre=code,
                longitude=70.0 + place,
                latitude=51.0,
                zone="Asia/Almaty",
                tile_column=place,
                tile_row=0,
                valid_from=date(2018, 6, 19),
            )
        )
        session.add(District(mission_id=mission_id, code=f"{code}-01", region_code=code, name=_texts(f"{code}-01")))
        for number in range(1, 4):
            session.add(
                Station(
                    mission_id=mission_id,
                    number=f"{place + 1}0{number}",
                    region_code=code,
                    district_code=f"{code}-01",
                    name=_texts("School"),
                )
            )
    session.add(PlaceList(mission_id=mission_id, version="0011223344556677", stations=9, content=b"\x1f\x8b"))


async def _people(
    session: WriteSession, mission_id: UUID, checklist_version: UUID, transport: dict[str, Any]
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
                push_token=f"push-{code}{letter}",
                access_token=f"access-{code}{letter}",
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


async def _desk(session: WriteSession, mission_id: UUID) -> dict[str, str]:
    cookies: dict[str, str] = {}
    for role in ("expert", "coordinator", "head", "admin", "auditor"):
        person = Person(mission_id=mission_id, username=role, function=role.capitalize(), role=role)
        session.add(person)
        await session.flush()
        cookies[role] = f"desk-{role}"
        session.add(
            DeskSession(
                token_hash=token_hash(cookies[role]), person_id=person.id, expires_at=now() + timedelta(hours=1)
            )
        )
    return cookies

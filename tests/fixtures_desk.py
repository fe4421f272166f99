"""The desk as tests use it: requests in the name of a role, reports with photos, server-sent events."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import select
from sqlmodel import col

from steppe.checklists.models import ChecklistFile, FormQuestionReading
from steppe.checklists.question_reading import QuestionReading
from steppe.checklists.xlsform.form_files import blob_name
from steppe.kit.blobs import Blobs
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.main import create_app
from steppe.people.access import SESSION_COOKIE
from steppe.people.commands import set_password
from steppe.people.models import Person, PersonGrant
from steppe.submissions.sealing import encrypt_attachment
from tests.fixtures_checklist import answers
from tests.fixtures_phone import Phone
from tests.fixtures_server import API, Server

OWN = {"X-Steppe": "1"}
"""What a request from the desk's own page carries."""
TUS = {"Tus-Resumable": "1.0.0"}


@asynccontextmanager
async def browser(settings: Settings, host: str = "192.0.2.1", *, is_https: bool = False) -> AsyncIterator[AsyncClient]:
    """Open the desk's own page on a server of its own; `host` is the browser's network address."""
    app = create_app(settings)
    address = "https://steppe.test" if is_https else "http://steppe.test"
    async with AsyncClient(transport=ASGITransport(app, client=(host, 1)), base_url=address, headers=OWN) as client:
        yield client
    await app.state.parts[Database].close()


async def give_password(database: Database, mission_id: UUID, password: str, username: str = "expert") -> None:
    """Let a seeded person sign in with this password."""
    async with database.write() as session:
        await set_password(session, mission_id=mission_id, username=username, password=password, actor="test")


def cookie(server: Server, role: str) -> dict[str, str]:
    """Headers of a browser in which somebody of this role is signed in."""
    return {"Cookie": f"{SESSION_COOKIE}={server.seeded.desk_cookies[role]}"}


async def ask(server: Server, role: str, path: str, **params: Any) -> Response:
    """Send a GET request as this role."""
    return await server.client.get(f"{API}{path}", params=params, headers=cookie(server, role))


async def asked(server: Server, role: str, path: str, **params: Any) -> Any:
    """Send a GET request as this role and return the JSON of its answer, which must be 200."""
    response = await ask(server, role, path, **params)
    assert response.status_code == 200, response.text
    return response.json()


async def give(server: Server, username: str, **facts: Any) -> None:
    """Write a grant, as the command line would."""
    async with server.database.write() as session:
        named = select(Person).where(
            col(Person.username) == username, col(Person.mission_id) == server.seeded.mission.id
        )
        person = (await session.execute(named)).scalar_one()
        session.add(PersonGrant(mission_id=person.mission_id, person_id=person.id, **facts))


async def read_as(server: Server, **readings: QuestionReading) -> None:
    """Have headquarters read questions of the seeded checklist so, as publishing their sheet again would."""
    async with server.database.write() as session:
        session.add_all(
            FormQuestionReading(
                mission_id=server.seeded.mission.id,
                form=server.seeded.definition.id,
                question=question,
                **reading.model_dump(),
            )
            for question, reading in readings.items()
        )


async def push_reports(server: Server, phone: Phone, *changes: dict[str, Any]) -> list[str]:
    """Push one report per set of changed answers; returns the ids of the submissions in the same order."""
    before = len(phone.made)
    answer = await server.push(phone, *(phone.report(answers(**changed)) for changed in changes))
    assert {one["status"] for one in answer["results"]} <= {"stored"}
    return [json.loads(made)["submission"] for made in phone.made[before:]]


async def push_photo(server: Server, phone: Phone, plain: bytes, *, question: str = "photo", **changed: Any) -> str:
    """Push a report with an attachment of type JPEG; returns the SHA-256 to upload it under."""
    stored, facts = encrypt_attachment(plain)
    attachment = {"path": question, "type": "image/jpeg", **facts, **changed}
    given = answers(**({"photo": facts["plain_sha256"]} if question == "photo" else {}))
    answer = await server.push(phone, phone.report(given, attachments=[attachment]))
    assert answer["results"][0]["status"] == "stored"
    sha256 = str(attachment["sha256"])
    metadata = "sha256 " + base64.b64encode(sha256.encode()).decode()
    begin = {**phone.bearer, **TUS, "Upload-Length": str(len(stored)), "Upload-Metadata": metadata}
    assert (await server.client.post(f"{API}/attachments", headers=begin)).status_code == 201
    piece = {
        **phone.bearer,
        **TUS,
        "Upload-Offset": "0",
        "Upload-Checksum": "sha256 " + base64.b64encode(hashlib.sha256(stored).digest()).decode(),
        "Content-Type": "application/offset+octet-stream",
    }
    sent = await server.client.patch(f"{API}/attachments/{sha256}", headers=piece, content=stored)
    assert sent.status_code == 204, sent.text
    return sha256


async def keep_media(server: Server, content: bytes, *, name: str = "seal.png", type: str = "image/png") -> str:  # noqa: A002 - a file's
    """Keep a picture with the seeded checklist as publishing would; returns its SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    async with server.database.write() as session:
        await Blobs(server.settings).put(blob_name(server.seeded.mission.id, sha256), content)
        session.add(
            ChecklistFile(
                checklist_version_id=server.seeded.checklist_version_id,
                name=name,
                role="media",
                sha256=sha256,
                type=type,
                size=len(content),
            )
        )
    return sha256

"""A phone of a landed version: its storage laid into a browser, and the server it belongs to."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import Page
from sqlmodel import select

from steppe.checklists.definition import Definition
from steppe.kit.db import Database
from steppe.kit.settings import Settings
from steppe.submissions.models import Submission
from steppe.sync.models import InboxItem
from tests.conftest import run_apart
from tests.e2e.filling import Answers
from tests.e2e.server import Server
from tests.landed.recording import Recording

LANDED = ("0002",)
"""The landed versions phones may still run: names of recordings (tests/landed/record_profile.py)."""
# A file of the build that starts nothing: the storage is laid before the app is there.
QUIET = "manifest.webmanifest"

_LAY = """async ({ databases, local }) => {
  const unpacked = (value) => {
    if (Array.isArray(value)) return value.map(unpacked);
    if (typeof value !== "object" || value === null) return value;
    if ("$bytes" in value) return Uint8Array.from(atob(value.$bytes), (one) => one.charCodeAt(0)).buffer;
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, unpacked(held)]));
  };
  for (const [key, value] of Object.entries(local)) localStorage.setItem(key, value);
  for (const { name, version, stores } of databases) {
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open(name, version);
      request.onupgradeneeded = () => Object.keys(stores).forEach((store) => request.result.createObjectStore(store));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const transaction = database.transaction(Object.keys(stores), "readwrite", { durability: "strict" });
    for (const [store, rows] of Object.entries(stores))
      for (const [key, value] of rows) transaction.objectStore(store).put(unpacked(value), key);
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    database.close();
  }
}"""


@dataclass
class Report:
    """One report of the recording: what is typed in it in all, and under which rows."""

    submission: str
    typed: Answers
    rows: dict[str, str]
    given: list[str]

    def as_planned(self, answers: Answers) -> Answers:
        """Return answers under the row ids of the plan, without those that a file gives or a calculation."""
        back = {phone: plan for plan, phone in self.rows.items()}
        plain = {
            "/".join(back.get(part, part) for part in path.split("/")): [back.get(one, one) for one in answer]
            if isinstance(answer, list)
            else answer
            for path, answer in answers.items()
        }
        assert plain.pop("doubled") == plain["people"] * 2
        return plain | ({"photo": "by file"} if len(str(plain.get("photo"))) == SHA256 else {})


SHA256 = 64


class LandedMission:
    """The recorded server, its database migrated to today's schema, and the phone that goes with it."""

    def __init__(self, name: str, data: Path, database_url: str) -> None:
        """Lay the recorded database and files; the server is not started."""
        recording = Recording.read(f"profile_{name}")
        self.name = name
        self.content: dict[str, Any] = recording.content
        self.settings: Settings = recording.settings(data, database_url)
        run_apart(lambda: self._lay(recording))
        key = data / "secret.key"
        key.touch(0o600)
        key.write_text(self.content["secret"])
        self.server = Server(data, database_url)
        self.origin: str = self.content["origin"]
        reports = self.content["reports"]
        self.delivered = Report(**reports["delivered"])
        self.waiting = [Report(**one) for one in reports["waiting"]]
        self.draft = Report(**reports["draft"])

    async def _lay(self, recording: Recording) -> None:
        database = Database(self.settings)
        await recording.lay(database)
        await database.close()

    @property
    def flags(self) -> list[str]:
        """What leads the browser from the recorded address to the running server."""
        host = self.origin.removeprefix("http://")
        return [f"--host-resolver-rules=MAP {host}:80 127.0.0.1:{self.server.port}"]

    def lay_storage(self, page: Page) -> None:
        """Put what the phone held into the browser, before the app is opened for the first time."""
        page.goto(f"{self.origin}/{QUIET}")
        page.evaluate(_LAY, self.content["storage"])
        page.context.add_cookies(self.content["storage"]["cookies"])

    def held(self) -> tuple[dict[str, Answers], Counter[str]]:
        """What the server holds: answers by submission, and how many items of its inbox had which outcome."""
        answers: dict[str, Answers] = {}
        outcomes: Counter[str] = Counter()

        async def read() -> None:
            mission = UUID(self.content["tables"]["mission"]["rows"][0][0])
            database = Database(self.settings)
            async with database.read() as session:
                submissions = select(Submission).where(Submission.mission_id == mission)
                answers.update({str(one.id): one.answers for one in (await session.exec(submissions)).all()})
                items = select(InboxItem.outcome).where(InboxItem.mission_id == mission)
                outcomes.update((await session.exec(items)).all())
            await database.close()

        run_apart(read)
        return answers, outcomes

    def definition(self) -> Definition:
        """The recorded checklist."""
        table = self.content["tables"]["checklist_version"]
        names = [name for name, _ in table["columns"]]
        return Definition.model_validate_json(base64.b64decode(table["rows"][0][names.index("definition")]))

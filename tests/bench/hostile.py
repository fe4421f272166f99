"""`python -m tests.bench.hostile`: what hostile forms and answers cost everybody else.

One SQLite server. Each form that publishes is answered as expensively as it can be: two phones push reports of it and
edits of them, at once, until all are stored. Meanwhile another phone pushes ordinary reports and somebody asks for
health. Then a form that needs longer than it may is checked at the desk. Prints figures and asserts none of them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import col, select

from steppe.audit.commands import COMMAND_LINE
from steppe.checklists.commands import publish
from steppe.checklists.definition import Definition
from steppe.checklists.fence import filled
from steppe.checklists.form_process import compile_file
from steppe.checklists.models import ChecklistVersion
from steppe.checklists.stored import definition_of
from steppe.kit.db import Database
from steppe.kit.ids import uuid7
from steppe.kit.settings import Settings
from steppe.missions.models import Mission
from steppe.people.commands import set_password
from steppe.submissions.sealing import CURVE, content_hash, make_revision, seal, sign
from tests.bench import site
from tests.bench.load import PUSH
from tests.bench.reports import FIRST_DAY, Signer, Stock, push_body, seal_reports
from tests.bench.wire import Wire
from tests.checklists.forms import Rows, markdown, repeat
from tests.checklists.test_hostile_forms import HARMLESS
from tests.e2e.server import Server

LONGEST = 60_000
PATCH = 900_000
ORDINARY = 400
EARLIER = " and "
A: Rows = ({"type": "text", "name": "a"},)
SLOW = "regex({0}, '((a?){{15}})*b')"
FORMS = {
    **{name: make() for name, make in HARMLESS.items()},
    "the budget spent on patterns": markdown(
        [{"type": "text", "name": f"q{number}", "soft": SLOW.format(".")} for number in range(20)]
    ),
    "the budget spent on digests": markdown(
        [*A, *({"type": "calculate", "name": f"c{n}", "calculation": "digest(${a}, 'SHA-512')"} for n in range(400))]
    ),
    "the budget spent on rows": markdown(
        [
            *repeat("r", {"type": "integer", "name": "n", "soft": "sum(${n}) > 0 and ${n} = ${n}"}),
            {"type": "calculate", "name": "s", "calculation": "sum(${n}) + max(${n}) + count(${n})"},
        ]
    ),
    "4,000 questions": markdown(
        [{"type": "text", "name": f"q{number}", "soft": "regex(., '[a-z]+')"} for number in range(4_000)]
    ),
}
TOO_LONG = markdown(
    [
        {
            "type": "integer",
            "name": f"q{n}",
            "relevant": EARLIER.join(f"${{q{max(0, n - k)}}} != 5" for k in range(1, 61)),
        }
        for n in range(1, 3_000)
    ]
)


def worst(definition: Definition) -> dict[str, Any]:
    """Return answers to every question, texts as long as they and a report may be, repeats with a thousand rows."""
    answers = {path: answer for path, answer in filled(definition).items() if "/" not in path}
    for _, repeated in definition.repeats():
        rows = [f"row{number:08d}" for number in range(1_000)]
        answers[repeated.id] = rows
        answers |= {f"{repeated.id}/{row}/{one.id}": 1 for row in rows for one in repeated.questions}
    texts = [one.id for _, within, one in definition.questions() if within is None and one.type == "text"]
    length = min(LONGEST, PATCH // max(1, len(texts)))
    return answers | dict.fromkeys(texts, "a" * length)


class HostilePhone:
    """A phone that makes reports of a hostile form, and edits of them."""

    def __init__(self, signer: Signer) -> None:
        """Begin with no report made."""
        self._signer = signer
        self._key = ec.derive_private_key(signer.private, CURVE)
        self._made = 0
        self._previous = ""

    def seal(self, version: str, patch: dict[str, Any], **of: Any) -> tuple[str, str, str]:
        """Return a revision's id, its submission's, and the sealed text."""
        self._made += 1
        ids = {"id": str(uuid7()), "submission": str(uuid7()), **of}
        canonical = make_revision(
            **ids,
            checklist_version=version,
            patch=patch,
            team=self._signer.team,
            author=self._signer.person,
            device=self._signer.device,
            device_seq=self._made,
            made_at=FIRST_DAY + timedelta(seconds=self._made),
            tz="Asia/Almaty",
            prev_hash=self._previous,
        )
        self._previous = content_hash(canonical)
        sealed = seal(sign(canonical, key=self._key, kid=self._signer.device), transport=self._signer.transport)
        return ids["id"], ids["submission"], sealed

    def reports(self, version: str, answers: dict[str, Any], count: int) -> list[str]:
        """Return so many sealed reports, and one edit of each."""
        sealed: list[str] = []
        for _ in range(count):
            made, submission, text = self.seal(version, answers)
            edit = self.seal(version, {"a": "b"} if "a" in answers else {}, submission=submission, base=[made])
            sealed += [text, edit[2]]
        return sealed

    async def push(self, port: int, items: list[str]) -> tuple[float, list[str]]:
        """Push until every item is kept; returns the seconds of the slowest answer and what became of the items."""
        slowest, kept = 0.0, list[str]()
        async with Wire(port, _headers(self._signer)) as wire:
            while items:
                began = time.perf_counter()
                answer = await wire.request("POST", PUSH, push_body(items, self._made))
                slowest = max(slowest, time.perf_counter() - began)
                if answer.status != 200:
                    return slowest, [*kept, f"HTTP {answer.status}"]
                results = orjson.loads(answer.body)["results"]
                kept += [result["status"] for result in results if result["status"] != "retry"]
                items = [item for item, result in zip(items, results, strict=True) if result["status"] == "retry"]
        return slowest, kept


def _headers(signer: Signer) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {signer.push_token}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }


async def look(port: int, signer: Signer, stock: Stock, hostile: Awaitable[Any]) -> tuple[Any, float, float]:
    """Push ordinary reports and ask for health until `hostile` is done; returns its result and the slowest in ms."""
    work = asyncio.ensure_future(hostile)

    async def repeated(request: tuple[Any, ...]) -> float:
        slowest = 0.0
        async with Wire(port, _headers(signer)) as wire:
            while True:
                is_last = work.done()
                began = time.perf_counter()
                answer = await wire.request(*(part() if callable(part) else part for part in request))
                slowest = max(slowest, time.perf_counter() - began)
                if answer.status != 200:
                    sys.stdout.write(f"{request[1]} answered {answer.status}\n")
                if is_last:
                    return slowest * 1000
                await asyncio.sleep(0.05)

    push, health = await asyncio.gather(
        repeated(("POST", PUSH, lambda: stock.take(1))), repeated(("GET", "/api/v1/health"))
    )
    return await work, push, health


async def too_long(url: str, password: str) -> str:
    """Check a form at the desk that needs longer than it may; returns what the desk is told."""
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers={"X-Steppe": "1"}, timeout=120) as desk:
        signed_in = await desk.post("/session", json={"username": "admin", "password": password})
        assert signed_in.status_code < 300, signed_in.text
        began = time.perf_counter()
        answer = (await desk.post("/desk/checklists/check", files=[("files", ("long.md", TOO_LONG))])).json()
        told = answer.get("problems") or [{"message": answer.get("detail", answer.get("publishing"))}]
        return f"after {time.perf_counter() - began:.1f} s: {told[0]['message']}"


async def publish_all(folder: Path, password: str) -> list[ChecklistVersion]:
    """Publish the hostile forms and give the administrator a password; returns the versions in the forms' order."""
    database = Database(Settings(data=folder))
    versions: list[ChecklistVersion] = []
    async with database.write() as session:
        mission_id = (await session.exec(select(col(Mission.id)))).one()
        for number, content in enumerate(FORMS.values()):
            path = folder / f"hostile{number}.md"
            path.write_bytes(content.replace(b"| a_form |", f"| hostile{number} |".encode()))
            form = await asyncio.to_thread(compile_file, path)
            versions.append((await publish(session, mission_id=mission_id, form=form, actor=COMMAND_LINE)).version)
        await set_password(session, mission_id=mission_id, username="admin", password=password, actor=COMMAND_LINE)
    await database.close()
    return versions


async def run(reports: int, folder: Path) -> None:
    """Publish, push, measure and print, form by form."""
    signers = await site.build(folder)
    stock = Stock(signers[0].push_token, seal_reports(signers[0], ORDINARY * len(FORMS)))
    server = Server(folder, f"sqlite+aiosqlite:///{folder / 'steppe.db'}")
    password = "a password of a bench"
    versions = await publish_all(folder, password)
    phones = [HostilePhone(signer) for signer in signers[1:3]]
    server.start()
    try:
        # What a server loads at its first requests is no form's fault.
        await look(server.port, signers[0], stock, asyncio.sleep(1))
        sys.stdout.write(f"{'form':34} {'ordinary push':>14} {'health':>8}   hostile push, slowest, and its items\n")
        for name, version in zip(FORMS, versions, strict=True):
            answers = worst(definition_of(version))
            batches = [phone.reports(str(version.id), answers, reports) for phone in phones]
            pushes = asyncio.gather(
                *(phone.push(server.port, batch) for phone, batch in zip(phones, batches, strict=True))
            )
            done, push, health = await look(server.port, signers[0], stock, pushes)
            kept = [status for _, statuses in done for status in statuses]
            counted = ", ".join(f"{kept.count(status)} {status}" for status in sorted(set(kept)))
            slowest = max(seconds for seconds, _ in done)
            sys.stdout.write(f"{name:34} {push:11.0f} ms {health:5.0f} ms   {slowest:.1f} s, {counted}\n")
            sys.stdout.flush()
        told, push, health = await look(server.port, signers[0], stock, too_long(server.url, password))
        sys.stdout.write(f"{'checking a form of 180,000 terms':34} {push:11.0f} ms {health:5.0f} ms   {told}\n")
    finally:
        server.stop()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hostile", description=__doc__)
    parser.add_argument("--reports", type=int, default=10, help="of each phone and form; each is edited once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="steppe-hostile-") as folder:
        asyncio.run(run(options.reports, Path(folder)))


if __name__ == "__main__":
    main()

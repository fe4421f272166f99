"""`python -m tests.landed.record_profile NAME [FOLDER]`: keep what a phone of this very version holds.

Run on the commit that lands, after `make pwa`; each landed version adds its file and none is ever made anew:

    profile_NAME.json.gz   the phone's whole storage (IndexedDB with its version, localStorage, cookies), the rows and
                           files of the server it belongs to, and what was typed

The version's own server and app make it: a phone enrols, one report with a photo is received, two more are finished
without a network, a fourth is half filled. Then `LANDED` of tests/e2e/landed_phone.py names the recording, and
tests/e2e/test_landed_profile.py plays it on the build of the day. Everything in the vault is bytes, so the storage can
be copied; a key that cannot be exported stops the recording with its name.
"""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from steppe.checklists.definition import Definition
from tests.e2e.chromium import ANDROID, FLAGS, PHONE, find_chromium
from tests.e2e.field_app import PASSPHRASE, FieldApp
from tests.e2e.filling import Answers, Filling, PlaceNames
from tests.e2e.processes import ROOT
from tests.e2e.server import PACK, Server

HERE = Path(__file__).parent
# A name of its own instead of an address with a port: the phone's storage and the server it trusts are bound to it.
ORIGIN = "http://steppe.localhost"
TEAM, REGION, DISTRICT = "LTO05", "KZ-ZAP", "ZAP-01"
STATIONS = 12

FORM = """
| survey |
| | type | name | label::English (en) | label::Russian (ru) | relevant | calculation | location | required |
| | begin_group | start | Place and time | Место и время | | | | |
| | text | district_code | District or city | Район или город | | | district | yes |
| | datetime | observed_start | Begun | Начато | | | | yes |
| | select_one level | conf_level | Confidentiality | Конфиденциальность | | | | yes |
| | end_group | | | | | | | |
| | begin_group | facts | What was seen | Что было видно | | | | |
| | text | locality | Village | Село | | | | |
| | integer | people | People | Людей | | | | |
| | decimal | share | Share | Доля | | | | |
| | date | since | Since | С какого дня | | | | |
| | time | opened_at | Opened at | Открыто в | | | | |
| | select_one yno | opened | Open | Открыто | | | | |
| | text | why | Why not? | Почему нет? | ${opened} = 'no' | | | |
| | select_multiple things | seen | Seen | Видно | | | | |
| | calculate | doubled | | | | ${people} * 2 | | |
| | end_group | | | | | | | |
| | begin_group | talks | Talks | Беседы | | | | |
| | begin_repeat | talk | Talk | Беседа | | | | |
| | text | about | About | О чём | | | | |
| | select_one yno | heated | Heated | Жарко | | | | |
| | end_repeat | | | | | | | |
| | end_group | | | | | | | |
| | begin_group | ending | At the end | В конце | | | | |
| | image | photo | Photo | Фото | | | | |
| | text | comment | Comment | Примечание | | | | |
| | integer | minutes | Minutes | Минут | | | | |
| | end_group | | | | | | | |

| choices |
| | list_name | name | label::English (en) | label::Russian (ru) |
| | level | internal | Internal | Внутренний |
| | level | restricted | Restricted | Ограниченный |
| | level | confidential | Confidential | Конфиденциальный |
| | level | sealed | Sealed | Запечатанный |
| | yno | yes | Yes | Да |
| | yno | no | No | Нет |
| | things | boxes | Boxes | Урны |
| | things | lists | Voter lists | Списки избирателей |
| | things | seals | Seals | Пломбы |

| settings |
| | form_title | form_id | version | default_language | kind | location | form_title::Russian (ru) | short_title::English (en) | short_title::Russian (ru) |
| | Field note | field_note | 1 | English (en) | other | district_code | Полевая запись | Note | Запись |
"""  # noqa: E501 - rows of a spreadsheet

# Nothing a phone makes smaller: what it seals cannot be packed.
PICTURE = Image.new("RGB", (320, 240), "#2f6f5e")
ROWS = ("row-one", "row-two")
LAST = ("comment", "minutes")
"""What the draft leaves unanswered."""


def note(words: str) -> Answers:
    """Answers of one whole report; `words` are in each of its texts."""
    return {
        "district_code": DISTRICT,
        "observed_start": "2021-01-10T09:15+06:00",
        "conf_level": "restricted",
        "locality": f"Қамысты, {words}",
        "people": 41,
        "share": 12.5,
        "since": "2020-12-20",
        "opened_at": "07:05",
        "opened": "no",
        "why": f"снег, {words}",
        "seen": ["boxes", "seals"],
        "talk": list(ROWS),
        f"talk/{ROWS[0]}/about": f"first talk, {words}",
        f"talk/{ROWS[0]}/heated": "yes",
        f"talk/{ROWS[1]}/about": f"second talk, {words}",
        f"talk/{ROWS[1]}/heated": "no",
        "photo": "by file",
        "comment": f"=1+1 {words}",
        "minutes": 55,
    }


DUMP = """async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const packed = (value) => {
    if (value instanceof ArrayBuffer) {
      let text = "";
      for (const byte of new Uint8Array(value)) text += String.fromCharCode(byte);
      return { $bytes: btoa(text) };
    }
    if (Array.isArray(value)) return value.map(packed);
    if (typeof value === "object" && value !== null) {
      const name = Object.getPrototypeOf(value).constructor.name;
      if (name !== "Object") throw new Error(`a ${name} cannot be recorded`);
      return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, packed(held)]));
    }
    return value;
  };
  const databases = [];
  for (const { name, version } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    const stores = {};
    for (const store of database.objectStoreNames) {
      const held = database.transaction(store).objectStore(store);
      if (held.keyPath !== null || held.indexNames.length > 0) throw new Error(`${store} has a key path or an index`);
      const keys = await done(held.getAllKeys());
      const values = await done(held.getAll());
      stores[store] = keys.map((key, number) => [key, packed(values[number])]);
    }
    database.close();
    databases.push({ name, version, stores });
  }
  return { databases, local: { ...localStorage } };
}"""


def write_pack(folder: Path) -> Path:
    """Write a mission as small as it goes: one region's places, one checklist. A recording is kept for ever."""

    def cut(name: str, holds: Callable[[str], bool], most: int) -> None:
        path = folder / name
        lines = path.read_text().splitlines(keepends=True)
        head = next(number for number, line in enumerate(lines) if not line.startswith("#")) + 1
        path.write_text("".join(lines[:head] + [line for line in lines[head:] if holds(line)][:most]))

    shutil.copytree(PACK, folder)
    shutil.rmtree(folder / "checklists")
    (folder / "checklists").mkdir()
    (folder / "checklists" / "field_note.md").write_text(FORM)
    cut("stations.csv", lambda line: f",{REGION}," in line, STATIONS)
    cut("districts.csv", lambda line: f",{REGION}," in line, STATIONS * 10)
    return folder


@contextmanager
def browser(profile: Path, port: int) -> Iterator[BrowserContext]:
    """A phone whose ORIGIN is the server on this port."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=find_chromium(),
            args=[*FLAGS, f"--host-resolver-rules=MAP steppe.localhost:80 127.0.0.1:{port}"],
            headless=True,
            viewport=PHONE,
            is_mobile=True,
            has_touch=True,
            user_agent=ANDROID,
            locale="en-GB",
            timezone_id="Asia/Almaty",
        )
        yield context
        context.close()


@dataclass
class Recorder:
    """An observer's hand on the phone that is recorded."""

    page: Page
    definition: Definition
    photo: Path
    districts: dict[str, str]

    def filling(self, words: str) -> Filling:
        """One report to be filled."""
        return Filling(self.page, self.definition, note(words), "en", PlaceNames(self.districts, {}), self.photo)

    def whole(self, words: str) -> dict[str, Any]:
        """Fill a report to the end and finish it."""
        filling = self.filling(words)
        filling.begin()
        submission = filling.submission
        while not filling.is_at_review():
            filling.answer_section()
            filling.next()
        filling.finish()
        return self.told(submission, filling, words)

    @staticmethod
    def told(submission: str, filling: Filling, words: str) -> dict[str, Any]:
        """What the recording says about a report: what is typed in all, under which rows, and what is typed already."""
        return {
            "submission": submission,
            "typed": note(words),
            "rows": filling.rows,
            "given": sorted(filling.given),
        }

    def half(self, words: str) -> dict[str, Any]:
        """Fill a report up to its last section, the photo included, and leave it as a draft."""
        filling = self.filling(words)
        filling.begin()
        while filling.section().id != "ending":
            filling.answer_section()
            filling.next()
        filling.planned = {path: answer for path, answer in filling.planned.items() if path not in LAST}
        filling.answer_section()
        filling.saved()
        return self.told(filling.submission, filling, words)


def received(page: Page) -> None:
    """Wait until headquarters holds the report and its photo."""
    expect(page.get_by_text("Received by HQ").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Photos and files received: 1 of 1")).to_be_visible(timeout=60_000)


KINDS = {
    "DATETIME": "utc",
    "JSON": "json",
    "CHAR(32)": "uuid",
    "BLOB": "bytes",
    "DATE": "date",
    "BOOLEAN": "bool",
    "BIGINT": "big",
    "INTEGER": "int",
    "FLOAT": "float",
}
WRITTEN: dict[str, Callable[[Any], Any]] = {
    "utc": lambda text: f"{text.replace(' ', 'T')}+00:00",
    "json": json.loads,
    "uuid": lambda text: str(UUID(text)),
    "bytes": lambda content: base64.b64encode(content).decode(),
    "bool": bool,
}


def rows_of(data: Path) -> dict[str, Any]:
    """Everything in a stopped server's SQLite file, as `Recording` reads it (recording.py)."""
    with sqlite3.connect(data / "steppe.db") as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        [(revision,)] = database.execute("SELECT version_num FROM alembic_version")
        tables, needs = {}, {}
        for name in names:
            if name == "alembic_version" or name.startswith("sqlite_"):
                continue
            described = database.execute(f"PRAGMA table_info({name})").fetchall()
            columns = [[column, KINDS.get(kind.upper(), "text")] for _, column, kind, *_ in described]
            kinds = [kind for _, kind in columns]
            rows = [
                [
                    value if value is None else WRITTEN.get(kind, lambda same: same)(value)
                    for kind, value in zip(kinds, row, strict=True)
                ]
                for row in database.execute(f"SELECT * FROM {name}")
            ]
            tables[name] = {"columns": columns, "rows": rows}
            needs[name] = {row[2] for row in database.execute(f"PRAGMA foreign_key_list({name})")} - {name}
    order: list[str] = []
    while needs:
        ready = sorted(name for name, others in needs.items() if others <= set(order))
        order += ready
        needs = {name: others for name, others in needs.items() if name not in ready}
    return {"revision": revision, "tables": tables, "order": order}


def files_of(data: Path) -> dict[str, str]:
    """The attachments the server holds, by path."""
    held = sorted(path for path in (data / "blobs").rglob("*") if path.is_file())
    return {str(path.relative_to(data)): base64.b64encode(path.read_bytes()).decode() for path in held}


def record(work: Path) -> dict[str, Any]:
    """Play the phone's story and return what is kept of it."""
    server = Server(work / "data", f"sqlite+aiosqlite:///{work / 'data' / 'steppe.db'}")
    server.command("migrate")
    server.command("mission", "load", write_pack(work / "pack"))
    with sqlite3.connect(server.data / "steppe.db") as database:
        [(written,)] = database.execute("SELECT definition FROM checklist_version")
        named = database.execute("SELECT code, name FROM district").fetchall()
    districts = {code: json.loads(name)["en"] for code, name in named}
    code = server.json("enrol", "--team", TEAM)["code"]
    server.start()
    photo = work / "IMG_0001.jpg"
    PICTURE.save(photo)
    with browser(work / "profile", server.port) as context:
        page = context.pages[0]
        FieldApp(page, ORIGIN).enrol(code)
        hand = Recorder(page, Definition.model_validate_json(written), photo, districts)
        delivered = hand.whole("received")
        received(page)
        context.set_offline(offline=True)
        waiting = [hand.whole("waiting one"), hand.whole("waiting two")]
        draft = hand.half("draft")
        storage = page.evaluate(DUMP)
        cookies = context.cookies()
    server.stop()
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {
        "about": f"a phone of commit {commit.stdout.strip()}, made by tests/landed/record_profile.py",
        "origin": ORIGIN,
        "passphrase": PASSPHRASE,
        "storage": {**storage, "cookies": cookies},
        "reports": {"delivered": delivered, "waiting": waiting, "draft": draft},
        "secret": (server.data / "secret.key").read_text().strip(),
        "files": files_of(server.data),
        **rows_of(server.data),
    }


def main(name: str, folder: Path = HERE) -> None:
    """Record under `name` into `folder`, and say how large it became."""
    with tempfile.TemporaryDirectory() as work:
        content = record(Path(work))
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    path = folder / f"profile_{name}.json.gz"
    path.write_bytes(gzip.compress(written, mtime=0))
    sys.stdout.write(f"{path}: {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1], *(Path(one) for one in sys.argv[2:]))

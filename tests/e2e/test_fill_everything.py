"""Every checklist of the pack, filled to the end in every language without a server, and what the server makes of it.

Answers come from the same generator as the demonstration's, as thorough as it can be: conditions open, flags rise. Each
screen on the way is shown to axe: in English light, in Russian dark. Russian and Kazakh ones, whose words are long, are
filled on the narrowest phone with text twice as large, and measured for what is broken or sticks out.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal

import orjson
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from steppe.checklists.definition import Definition
from steppe.checklists.evaluation.evaluation import evaluate
from steppe.checklists.evaluation.flags import flags_of
from steppe.checklists.expressions.dates import Context
from steppe.missions.commands import places_file
from steppe.missions.pack import Pack, read_pack
from steppe.simulate.answers import fill
from steppe.simulate.scene import Place, Scene, places_of
from tests.e2e.chromium import Phone
from tests.e2e.field_app import FieldApp
from tests.e2e.filling import BY_FILE, BY_SENSOR, PATIENCE_MS, Answers, Filling, PlaceNames, words_of
from tests.e2e.looking import (
    LARGE_TEXT,
    LEAST_TARGET,
    NARROW,
    PHONE_WIDTH,
    SMALL_TARGETS,
    STICKING_OUT,
    cramped,
    report,
)
from tests.e2e.screens import violations
from tests.e2e.server import PACK, Server
from tests.e2e.sheets import close_sheet

TEAM = "LTO05"
ZONE = "Asia/Almaty"
MANY_TROUBLES = 40.0
IN_LARGE_TEXT = ("ru", "kk")
# For every page of the phone, from before its first line is drawn.
ENLARGE = f"""addEventListener("DOMContentLoaded", () => {{
  document.documentElement.style.fontSize = "{LARGE_TEXT}";
}});"""
SCHEMES: dict[str, Literal["light", "dark"] | None] = {"en": "light", "ru": "dark", "kk": None}


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The demonstration's mission."""
    return read_pack(PACK)


@pytest.fixture
def mission(loaded_sqlite: Path, tmp_path: Path) -> Iterator[Server]:
    """A started server that holds the pack."""
    data = tmp_path / "data"
    shutil.copytree(loaded_sqlite, data)
    running = Server(data, f"sqlite+aiosqlite:///{data / 'steppe.db'}")
    running.start()
    yield running
    running.stop()


@dataclass
class Held:
    """What the server holds of a report: what came signed, when it was made, and what it keeps as the submission."""

    sent: Answers
    made_at: datetime
    version: str
    kept: Answers
    flags: list[dict[str, Any]]


def definitions_in(server: Server) -> dict[str, Definition]:
    """Return the published checklists by version id."""
    with sqlite3.connect(server.data / "steppe.db") as database:
        rows = database.execute("SELECT id, definition FROM checklist_version ORDER BY form").fetchall()
    return {str(version): Definition.model_validate_json(definition) for version, definition in rows}


def held_in(server: Server) -> dict[str, Held]:
    """Return every report the server took, by submission id without dashes."""
    query = """
        SELECT inbox_item.raw, submission.answers, submission.flags, submission.checklist_version_id
        FROM inbox_item JOIN revision ON revision.id = inbox_item.revision_id
        JOIN submission ON submission.id = revision.submission_id WHERE inbox_item.outcome = 'stored'
    """
    found = {}
    with sqlite3.connect(server.data / "steppe.db") as database:
        for raw, kept, flags, version in database.execute(query):
            revision = orjson.loads(zlib.decompress(raw, -zlib.MAX_WBITS).partition(b"\n")[2])
            made_at = datetime.fromisoformat(revision["made_at"])
            found[revision["submission"]] = Held(
                revision["patch"], made_at, str(version), json.loads(kept), json.loads(flags)
            )
    return found


def received(server: Server, send: Locator, count: int) -> dict[str, Held]:
    """Press "Send now" until the server holds so many reports, and return them."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while len(held := held_in(server)) < count and time.monotonic() < deadline:
        # While a contact is being tried the button says so instead.
        if send.is_visible():
            send.click()
        time.sleep(0.5)
    return held


def review_flags(page: Page) -> dict[str, int]:
    """Return what the phone asks to look at again on its review page: path → worst severity, 0 where it names none."""
    lists = page.locator("main section:has(span.soft)")
    for more in lists.get_by_role("button").all():
        more.click()
    lines: list[tuple[str, int]] = lists.locator("a").evaluate_all(
        """links => links.map((link) => [
          link.getAttribute("href").split("/").slice(4).map(decodeURIComponent).join("/"),
          "●▲■".indexOf(/[●▲■]/.exec(link.textContent)?.[0] ?? " ") + 1,
        ])"""
    )
    return dict(lines)


def place_names(pack: Pack, language: str) -> PlaceNames:
    """Return what districts and regions are called in a language."""
    return PlaceNames(
        {district.code: district.names[language] for district in pack.districts},
        {region.code: region.names[language] for region in pack.regions},
    )


def any_place(pack: Pack) -> Place:
    """Return a station of the team's area."""
    team = next(team for team in pack.teams if team.code == TEAM)
    return places_of(orjson.loads(places_file(pack)[1]), set(team.regions))[7]


FINEST_FIRST = ("exact", "locality", "district", "region")
PLACES = {"station": "exact", "geopoint": "exact", "district": "district", "region": "region"}


class Walk:
    """One phone that fills checklists; what is wrong with its screens is kept by name."""

    def __init__(self, page: Page, language: str) -> None:
        """Walk on this page, in this language."""
        self.page = page
        self.language = language
        self.faults: dict[str, list[str]] = {}

    def look(self, name: str) -> None:
        """Judge the present screen."""
        wrong: list[str] = (
            cramped(self.page) if self.language in IN_LARGE_TEXT else self.page.evaluate(STICKING_OUT, PHONE_WIDTH)
        )
        wrong += self.page.evaluate(SMALL_TARGETS, LEAST_TARGET)
        if SCHEMES[self.language]:
            # What the bar at the bottom covers half is no small target: it scrolls. Targets are measured above.
            wrong += [line for line in violations(self.page) if not line.startswith("target-size")]
        if wrong:
            self.faults[name] = wrong

    def fill(self, filling: Filling) -> dict[str, int]:
        """Fill a checklist up to its review and look at every screen; returns the flags the review lists."""
        form = filling.definition.id
        filling.begin()
        while not filling.is_at_review():
            filling.answer_section()
            filling.saved()
            self.look(f"{form}/{filling.section().id}")
            filling.next()
        self.page.locator("nav button[aria-expanded]").click()
        expect(self.page.locator("dialog li").first).to_be_visible()
        self.look(f"{form}/sections")
        close_sheet(self.page)
        flags = review_flags(self.page)
        self.look(f"{form}/review")
        return flags


def planned_answers(definition: Definition, place: Place, seed: str) -> Answers:
    """Return the answers of somebody thorough who has just left a place of many troubles."""
    now = datetime.now(UTC)
    scene = Scene(place, now - timedelta(minutes=50), now, ZONE, "en", MANY_TROUBLES, lambda: "0" * 64)
    return fill(definition, scene, Random(seed), is_thorough=True)


def small_photo(path: Path) -> Path:
    """Write a small JPEG; returns the path."""
    Image.effect_noise((320, 240), 60).convert("RGB").save(path, quality=80)
    return path


def types_of(definition: Definition) -> dict[str, str]:
    """Return the type of each question by id."""
    return {question.id: question.type for _, _, question in definition.questions()}


def brought(answers: Answers, types: dict[str, str]) -> Answers:
    """Return answers with what a camera or a sensor gave replaced by the word that it is there."""
    given_by = BY_FILE | BY_SENSOR
    return {path: "there" if types.get(path.split("/")[-1]) in given_by else answer for path, answer in answers.items()}


def server_flags(definition: Definition, held: Held) -> dict[str, int]:
    """Return the flags of a report as the server works them out anew: path → worst severity."""
    worst: dict[str, int] = {}
    for flag in flags_of(evaluate(definition, held.sent, Context(held.made_at, ZONE))):
        worst[flag.path] = max(worst.get(flag.path, 0), flag.severity)
    return worst


def kept_back(definition: Definition, answers: Answers) -> set[str]:
    """Return the questions that tell a finer place than the report lets out."""
    level = FINEST_FIRST.index(str(answers.get(definition.precision or "", "exact")))
    fineness = {
        question.id: question.precision or PLACES.get(question.location or question.type)
        for _, _, question in definition.questions()
    }
    return {id_ for id_, fine in fineness.items() if fine is not None and FINEST_FIRST.index(fine) < level}


def expected(filling: Filling, place: Place, sent: Answers) -> Answers:
    """Return what was planned without what stays on the phone; the coarser place it lies in goes instead."""
    definition = filling.definition
    out = kept_back(definition, filling.planned)
    planned = {path: answer for path, answer in filling.planned.items() if path.split("/")[-1] not in out}
    codes = {"region": place.region, "district": place.district}
    beside = {
        question.id: codes[question.location]
        for _, _, question in definition.questions()
        if question.location in codes and question.id in sent.keys() - planned.keys() and out
    }
    return planned | beside


def agree(filling: Filling, place: Place, phone_flags: dict[str, int], held: Held) -> None:
    """Compare what was planned, what the phone sent and showed, and what the server makes of it and keeps."""
    definition = filling.definition
    types = types_of(definition)
    evaluation = evaluate(definition, held.sent, Context(held.made_at, ZONE))
    assert evaluation.values == held.sent, "the server leaves out or calculates something else"
    assert {gap.question for gap in evaluation.gaps()} <= kept_back(definition, filling.planned)
    assert held.kept == held.sent
    sent = filling.as_planned(held.sent)
    assert brought(sent, types) == brought(expected(filling, place, sent), types)
    assert phone_flags == server_flags(definition, held)
    assert {flag["path"] for flag in held.flags} == set(phone_flags)


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_every_checklist_filled_offline_to_the_end_is_the_same_on_the_server(
    mission: Server, phone: Phone, pack: Pack, tmp_path: Path, language: str
) -> None:
    app = FieldApp(phone.page, mission.url)
    app.enrol(mission.json("enrol", "--team", TEAM)["code"])
    definitions = definitions_in(mission)
    mission.stop()
    phone.restart()
    page = app.page = phone.page
    if language in IN_LARGE_TEXT:
        page.set_viewport_size(NARROW)
        phone.context.add_init_script(ENLARGE)
    place = any_place(pack)
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"latitude": place.latitude, "longitude": place.longitude, "accuracy": 6})
    page.emulate_media(color_scheme=SCHEMES[language] or "light", reduced_motion="reduce")
    app.open()
    app.unlock()
    app.go("Me")
    page.locator(f"label[lang={language}]").click()

    names, photo = place_names(pack, language), small_photo(tmp_path / "IMG_0001.jpg")
    walk = Walk(page, language)
    finished: dict[str, tuple[Filling, dict[str, int]]] = {}
    for definition in definitions.values():
        planned = planned_answers(definition, place, f"{language}/{definition.id}")
        filling = Filling(page, definition, planned, language, names, photo)
        flags = walk.fill(filling)
        finished[filling.submission] = (filling, flags)
        filling.finish()
    assert not walk.faults, report(walk.faults)

    mission.start()
    held = received(mission, page.get_by_role("button", name=words_of(language)["outbox_send"]), len(finished))
    assert held.keys() == finished.keys()
    for submission, (filling, flags) in finished.items():
        agree(filling, place, flags, held[submission])
    kinds = {flag["kind"] for one in held.values() for flag in one.flags}
    assert kinds == {"negative", "soft"}
